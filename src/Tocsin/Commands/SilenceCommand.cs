using System.CommandLine;
using System.Text.Json.Nodes;
using Tocsin.Channels;
using Tocsin.Texts;
using static Tocsin.Commands.ServerCommand;

namespace Tocsin.Commands;

/// <summary><c>tocsin silence</c>: what is not told for a while, and why.</summary>
internal static class SilenceCommand
{
    private const string Route = "/api/silences/";

    public static Command Create() =>
        new("silence", "What is not told for a while: it always ends, and what is still open is told then")
        {
            Add(), Listing("list", "What is silenced, by whom and until when", Route, InWords), Confirm(), End(),
            ServerToken.File,
        };

    private static Command Add()
    {
        var reason = Reason();
        var length = new Option<string>("--for")
        {
            Description = "How long, for example 30min or 2h; at most 24h",
            Required = true,
        };
        var issue = new Option<string?>("--issue") { Description = "Of incidents of this issue of the plan alone" };
        var channel = new Option<string?>("--channel") { Description = "On this channel alone" };
        var severity = new Option<int>("--severity")
        {
            Description = "Of this severity and what is less bad; 1 takes a second person's word",
            DefaultValueFactory = _ => 3,
        };
        return Acting("add", "Keep alerts back for a while; coverage is weakened until it ends", [],
            [reason, length, issue, severity, channel], _ => Route, (parsed, by) => new JsonObject
            {
                ["by"] = by,
                ["reason"] = parsed.GetValue(reason),
                ["minutes"] = Minutes(parsed.GetValue(length)!),
                ["issue"] = parsed.GetValue(issue),
                ["severity"] = parsed.GetValue(severity),
                ["channel"] = parsed.GetValue(channel),
            });
    }

    private static Command Confirm()
    {
        var number = Number();
        return Acting("confirm", "As a second person, of a silence that covers severity 1", [number], [],
            parsed => $"{Route}{parsed.GetValue(number)}/confirm", (_, by) => new JsonObject { ["by"] = by });
    }

    private static Command End()
    {
        var (number, reason) = (Number(), Reason());
        return Acting("end", "Before its time; what is still open is told at once", [number], [reason],
            parsed => $"{Route}{parsed.GetValue(number)}/end",
            (parsed, by) => new JsonObject { ["by"] = by, ["reason"] = parsed.GetValue(reason) });
    }

    private static string InWords(JsonNode silences) => silences.AsArray() is { Count: > 0 } rows
        ? string.Join(Environment.NewLine, rows.Select(row => Row(row!, TimeProvider.System.GetUtcNow())))
        : "nothing is silenced";

    /// <summary>A silence in a line. One that has run out holds nothing back, whatever was confirmed of it.</summary>
    internal static string Row(JsonNode row, DateTimeOffset now)
    {
        var state = row["endedBecause"] is { } why ? $"  ended ({AlertText.OneLine(why.ToString())})"
            : row["asked"]!["until"]!.GetValue<DateTimeOffset>() <= now ? "  OVER"
            : row["needsSecond"]!.GetValue<bool>() && row["confirmedBy"] is null
                ? "  WAITS: it holds nothing back until a second person confirms it"
                : "";
        return AlertText.OneLine(row["inWords"]!.ToString()) + state;
    }

    private static int Minutes(string text) => YamlPart.ParseDuration(text) is { TotalMinutes: >= 1 } span
        ? (int)span.TotalMinutes
        : throw new InputException($"--for takes a duration such as 30min or 2h, not '{text}'");

    private static Argument<int> Number() => new("NUMBER") { Description = "As 'silence list' shows it" };
}
