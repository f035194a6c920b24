using System.CommandLine;
using System.Text.Json.Nodes;
using Tocsin.Channels;

namespace Tocsin.Commands;

/// <summary><c>tocsin channel distrust</c> and <c>trust</c>: a chat is in wrong hands.</summary>
internal static class ChannelTrustCommand
{
    public static Command CreateDistrust()
    {
        var anyway = new Option<bool>("--anyway")
        {
            Description = "Also where the plan has no backup channel for responders",
        };
        return Create(
            "distrust", "From now on nothing goes there, and no word from there counts; everybody is told", anyway);
    }

    public static Command CreateTrust() => Create("trust", "It is ours again; everybody is told", null);

    private static Command Create(string name, string description, Option<bool>? anyway)
    {
        var reason = ServerCommand.Reason();
        var channel = new Argument<string>("CHANNEL")
        {
            Description = "A channel of tocsin.yaml by its name, or all of a kind, for example slack",
        };
        return ServerCommand.Acting(
            name, description, [channel], anyway is null ? [reason] : [reason, anyway],
            parsed => $"/api/channels/{Uri.EscapeDataString(parsed.GetValue(channel)!)}/{name}",
            (parsed, by) => new JsonObject
            {
                ["by"] = by,
                ["reason"] = parsed.GetValue(reason),
                ["anyway"] = anyway is not null && parsed.GetValue(anyway),
            },
            InWords);
    }

    private static string InWords(JsonNode answer)
    {
        var told = Names(answer["told"]!);
        var cut = Names(answer["cut"]!);
        return (told.Length > 0
                ? $"told by {told}"
                : "NOBODY WAS TOLD: nothing is open, and no issue of the plan detects monitoring-impaired")
            + (cut.Length > 0 ? $"{Environment.NewLine}without a way of their own now: {cut}. Call them" : "");
    }

    private static string Names(JsonNode names) =>
        string.Join(", ", names.AsArray().Select(name => AlertText.OneLine(name!.ToString())));
}
