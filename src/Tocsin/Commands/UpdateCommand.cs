using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Tocsin.Channels;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary><c>tocsin incident update</c>: what others are told, in words that a second person has read.</summary>
internal static class UpdateCommand
{
    public static Command Create() =>
        new("update", "Tell others: draft, write, approve, withdraw, leave out")
        {
            List(), Draft(), Write(), Approve(), Withdraw(), Skip(),
        };

    private static Command List() => IncidentCommand.Looking(
        "list", "What was told, what waits for approval, and what is due", [],
        (parsed, incident) => $"{incident}/updates", InWords);

    private static Command Draft()
    {
        var communication = Communication();
        return IncidentCommand.Looking(
            "draft", "The plan's template with what is known now; nothing goes out", [communication],
            (parsed, incident) => $"{incident}/updates/{Uri.EscapeDataString(parsed.GetValue(communication)!)}/draft",
            draft => draft["text"]!.ToString());
    }

    private static Command Write()
    {
        var communication = Communication();
        var text = new Argument<string?>("TEXT")
        {
            Description = "The words; without them the plan's template, filled",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var next = new Option<string?>("--next")
        {
            Description = "When the next one comes, in UTC, for example 2026-03-01T14:00Z; else as the plan says",
        };
        var backup = new Option<bool>("--backup")
        {
            Description = "By the backup channel: the usual one is down, or in wrong hands",
        };
        return IncidentCommand.OnOne("write", "Write one; without an approver in the plan it goes out at once",
            "updates", [communication, text], [next, backup], (parsed, by) => new JsonObject
            {
                ["communication"] = parsed.GetValue(communication),
                ["text"] = parsed.GetValue(text),
                ["next"] = parsed.GetValue(next) is { } instant ? Instant(instant) : null,
                ["onBackup"] = parsed.GetValue(backup),
                ["by"] = by,
            });
    }

    private static Command Approve()
    {
        var (communication, number) = (Communication(), Number());
        return IncidentCommand.OnOne(
            "approve", "Have it go out, as whoever the plan says must have read it",
            parsed => Path(parsed.GetValue(communication)!, parsed.GetValue(number), "approve"),
            [communication, number], [], (_, by) => new JsonObject { ["by"] = by });
    }

    private static Command Withdraw()
    {
        var (communication, number, reason) = (Communication(), Number(), ServerCommand.Reason());
        return IncidentCommand.OnOne(
            "withdraw", "It does not go out",
            parsed => Path(parsed.GetValue(communication)!, parsed.GetValue(number), "withdraw"),
            [communication, number], [reason],
            (parsed, by) => new JsonObject { ["by"] = by, ["reason"] = parsed.GetValue(reason) });
    }

    private static Command Skip()
    {
        var (communication, reason) = (Communication(), ServerCommand.Reason());
        return IncidentCommand.OnOne(
            "skip", "None is needed this time",
            parsed => $"updates/{Uri.EscapeDataString(parsed.GetValue(communication)!)}/skip", [communication],
            [reason], (parsed, by) => new JsonObject { ["by"] = by, ["reason"] = parsed.GetValue(reason) });
    }

    private static string InWords(JsonNode updates)
    {
        var text = new StringBuilder();
        foreach (var due in updates["due"]!.AsArray().OfType<JsonNode>())
            text.AppendLine($"due {IncidentWords.At(due, "due")}  {AlertText.OneLine(due["what"]!.ToString())} "
                + $"({AlertText.OneLine(due["owner"]!.ToString())})");
        foreach (var update in updates["updates"]!.AsArray().OfType<JsonNode>())
            text.AppendLine($"{update["communication"]} {update["number"]}  {State(update)}  "
                + AlertText.OneLine(update["text"]!.ToString()));
        return text.Length == 0 ? "nothing was told, and nothing is due" : text.ToString().TrimEnd();
    }

    private static string State(JsonNode update) => update switch
    {
        _ when update["withdrawnBecause"] is { } why => $"withdrawn ({AlertText.OneLine(why.ToString())})",
        _ when update["refusedBecause"] is { } why => $"REACHED NOBODY ({AlertText.OneLine(why.ToString())})",
        _ when update["skippedAt"] is not null => "left out",
        _ when update["releasedAt"] is not null => $"went out {IncidentWords.At(update, "releasedAt")}",
        _ => $"WAITS for {AlertText.OneLine(update["approver"]?.ToString() ?? "")}",
    };

    private static string Path(string communication, int number, string deed) =>
        $"updates/{Uri.EscapeDataString(communication)}/{number.ToString(CultureInfo.InvariantCulture)}/{deed}";

    private static DateTimeOffset Instant(string text) =>
        DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var instant)
            ? instant
            : throw new InputException($"'{text}' is no instant: write it as 2026-03-01T14:00Z");

    private static Argument<string> Communication() =>
        new("COMMUNICATION") { Description = "By its id in the plan" };

    private static Argument<int> Number() => new("NUMBER") { Description = "As 'update list' says it" };
}
