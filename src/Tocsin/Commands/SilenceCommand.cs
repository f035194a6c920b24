using System.CommandLine;
using System.Text.Json.Nodes;
using Tocsin.Channels;
using Tocsin.Recording;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary><c>tocsin silence</c>: what is not told for a while, and why.</summary>
internal static class SilenceCommand
{
    private const string Route = "/api/silences/";

    public static Command Create() =>
        new("silence", "What is not told for a while: it always ends, and what is still open is told then")
        {
            Add(), List(), Confirm(), End(), ServerToken.File,
        };

    private static Command Add()
    {
        var reason = IncidentCommand.Reason();
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
        var (number, reason) = (Number(), IncidentCommand.Reason());
        return Acting("end", "Before its time; what is still open is told at once", [number], [reason],
            parsed => $"{Route}{parsed.GetValue(number)}/end",
            (parsed, by) => new JsonObject { ["by"] = by, ["reason"] = parsed.GetValue(reason) });
    }

    private static Command List()
    {
        var (config, json) = (IncidentCommand.Config(), IncidentCommand.Json());
        var command = new Command("list", "What is silenced, by whom and until when") { config, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var server = IncidentCommand.Server(parsed, config);
            var answer = await server.GetAsync(Route, cancellationToken);
            Console.Out.WriteLine(parsed.GetValue(json) ? answer.ToJsonString(EventJson.Printed) : InWords(answer));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Acting(
        string name,
        string description,
        Argument[] arguments,
        Option[] options,
        Func<ParseResult, string> path,
        Func<ParseResult, string?, JsonObject> body)
    {
        var (config, json, by) = (IncidentCommand.Config(), IncidentCommand.Json(), IncidentCommand.By());
        var command = new Command(name, description);
        foreach (var argument in arguments)
            command.Arguments.Add(argument);
        foreach (var option in options.Concat([by, config, json]))
            command.Options.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var server = IncidentCommand.Server(parsed, config);
            var answer = await server.PostAsync(
                path(parsed), IncidentCommand.As(parsed, by, body(parsed, parsed.GetValue(by))), cancellationToken);
            Console.Out.WriteLine(parsed.GetValue(json)
                ? answer.ToJsonString(EventJson.Printed)
                : AlertText.OneLine(answer["message"]!.ToString()));
            return ExitCode.Done;
        });
        return command;
    }

    private static string InWords(JsonNode silences) => silences.AsArray() is { Count: > 0 } rows
        ? string.Join(Environment.NewLine, rows.Select(row => Row(row!)))
        : "nothing is silenced";

    private static string Row(JsonNode row)
    {
        var state = row["endedBecause"] is { } why ? $"  ended ({AlertText.OneLine(why.ToString())})"
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
