using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Tocsin.Channels;

namespace Tocsin.Commands;

/// <summary>
/// <c>tocsin incident decide</c>: the decisions of an incident in one list, and what people say of those that no signer
/// carries out. Nothing here approves a call.
/// </summary>
internal static class DecideCommand
{
    public static IEnumerable<Command> All() =>
        [List(), Open(), Approve(), Attest(), Decline(), Execute(), ActFirst(), Ratify(), Review()];

    private static Command List() => IncidentCommand.Looking(
        "list", "Every decision: how far it is, who has approved it, and what is still needed", [],
        (_, incident) => $"{incident}/ledger", InWords);

    private static Command Open()
    {
        var (rule, words) = (Rule(), new Option<string?>("--words") { Description = "Why it is asked for" });
        return IncidentCommand.OnOne(
            "open", "Ask for a decision that people carry out; its approvers are told", "ledger", [rule], [words],
            (parsed, by) => new JsonObject
            {
                ["rule"] = parsed.GetValue(rule),
                ["by"] = by,
                ["words"] = parsed.GetValue(words),
            });
    }

    private static Command Approve() => OnKey("approve", "Approve it, as one whom the plan lets decide it", [], [], By);

    private static Command Ratify() => OnKey("ratify", "Approve what somebody did first", [], [], By);

    private static Command Attest()
    {
        var of = new Argument<string>("PERSON") { Description = "Who approved it, by their 'id' in the plan" };
        var means = new Option<string>("--means") { Description = "For example 'phone'", Required = true };
        var words = Words("What you heard");
        return OnKey("attest", "Say that you heard somebody approve it by voice", [of], [means, words],
            (parsed, by) => new JsonObject
            {
                ["of"] = parsed.GetValue(of),
                ["means"] = parsed.GetValue(means),
                ["words"] = parsed.GetValue(words),
                ["by"] = by,
            });
    }

    private static Command Decline()
    {
        var reason = ServerCommand.Reason();
        return OnKey("decline", "Say no", [], [reason],
            (parsed, by) => new JsonObject { ["by"] = by, ["reason"] = parsed.GetValue(reason) });
    }

    private static Command Execute()
    {
        var words = Words("What was done");
        var transaction = new Option<string?>("--transaction") { Description = "By which it was done, if by one" };
        return OnKey("execute", "Say that what was approved is done", [], [words, transaction],
            (parsed, by) => new JsonObject
            {
                ["by"] = by,
                ["words"] = parsed.GetValue(words),
                ["transaction"] = parsed.GetValue(transaction),
            });
    }

    private static Command ActFirst()
    {
        var (rule, reason) = (Rule(), ServerCommand.Reason());
        return IncidentCommand.OnOne(
            "act-first", "Say that you do it now; others must ratify it in time", "ledger/act-first", [rule], [reason],
            (parsed, by) => new JsonObject
            {
                ["rule"] = parsed.GetValue(rule),
                ["by"] = by,
                ["reason"] = parsed.GetValue(reason),
            });
    }

    private static Command Review()
    {
        var words = Words("What you found");
        return OnKey("review", "Say that you have read it, of calls to the last byte", [], [words],
            (parsed, by) => new JsonObject { ["by"] = by, ["words"] = parsed.GetValue(words) });
    }

    private static Command OnKey(
        string deed, string description, Argument[] arguments, Option[] options,
        Func<ParseResult, string?, JsonObject> body)
    {
        var key = new Argument<string>("DECISION") { Description = "As 'decide list' names it" };
        return IncidentCommand.OnOne(
            deed, description, parsed => $"ledger/{Uri.EscapeDataString(parsed.GetValue(key)!)}/{deed}",
            [key, .. arguments], options, body);
    }

    private static JsonObject By(ParseResult parsed, string? by) => new() { ["by"] = by };

    private static string InWords(JsonNode ledger)
    {
        var text = new StringBuilder();
        foreach (var row in ledger["decisions"]!.AsArray().OfType<JsonNode>())
        {
            text.AppendLine($"{row["key"]}  {Text(row, "state").ToUpperInvariant()}  {Text(row, "name")}, until "
                + IncidentWords.At(row, "until"));
            foreach (var place in row["places"]!.AsArray().OfType<JsonNode>())
                text.AppendLine($"  {Text(place, "role")}: " + (place["filledBy"] is null
                    ? "nobody yet"
                    : $"{Text(place, "filledBy")} ({Text(place, "how")})"));
            foreach (var no in row["declined"]!.AsArray().OfType<JsonNode>())
                text.AppendLine($"  NO from {Text(no, "by")}: {Text(no, "words")}");
            if (row["acted"] is { } acted)
                text.AppendLine($"  done first by {Text(acted, "by")}: {Text(acted, "words")}");
            if (row["executed"] is { } done)
                text.AppendLine($"  carried out by {Text(done, "by")}: {Text(done, "words")}");
            foreach (var review in row["reviews"]!.AsArray().OfType<JsonNode>())
                text.AppendLine($"  read by {Text(review, "by")}: {Text(review, "words")}");
            if (row["isUnreviewed"]!.GetValue<bool>())
                text.AppendLine($"  NOT READ by {Text(row, "reviewer")}");
        }
        return text.Length == 0 ? "nothing was decided" : text.ToString().TrimEnd();
    }

    private static string Text(JsonNode node, string name) => AlertText.OneLine(node[name]?.ToString() ?? "");

    private static Argument<string> Rule() => new("RULE") { Description = "The decision, by its id in the plan" };

    private static Option<string> Words(string description) =>
        new("--words") { Description = description, Required = true };
}
