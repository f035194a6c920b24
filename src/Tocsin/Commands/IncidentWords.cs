using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Tocsin.Channels;

namespace Tocsin.Commands;

/// <summary>What the server says of incidents, for a terminal. Every text of it may come from a chain.</summary>
internal static class IncidentWords
{
    private static readonly HashSet<string> Closed = ["resolved", "reviewed", "false-alarm", "merged"];

    /// <summary>The incidents, open ones first, then the worst, then the newest.</summary>
    public static IReadOnlyList<JsonNode> Rows(JsonNode incidents, bool all) =>
        [.. incidents.AsArray().OfType<JsonNode>()
            .Where(row => all || !IsClosed(row))
            .OrderBy(IsClosed)
            .ThenBy(row => Text(row, "severity"), StringComparer.Ordinal)
            .ThenByDescending(row => Text(row, "openedAt"), StringComparer.Ordinal)];

    public static string List(IReadOnlyList<JsonNode> rows)
    {
        if (rows.Count == 0)
            return "no incident is open";
        return string.Join(
            Environment.NewLine,
            rows.Select(row => $"{AlertText.OneLine(Text(row, "id")),-8} {Text(row, "severity"),-9} "
                + $"{Text(row, "phase"),-12} {At(row, "openedAt")}  {AlertText.OneLine(Text(row, "issue"))}"
                + (row["main"] is { } main ? $"  {Cut(AlertText.OneLine(Text(main, "reason")))}" : "")
                + (row["exercise"]?.GetValue<bool>() == true ? "  EXERCISE" : "")));
    }

    public static string Show(JsonNode incident)
    {
        var text = new StringBuilder();
        text.AppendLine(List([incident]));
        if (incident["signers"] is { } signers)
            text.AppendLine($"able to sign now: {signers["able"]} of {signers["places"]} places");
        if (incident["due"]?["nextDue"] is not null)
            text.AppendLine($"next due: {At(incident["due"]!, "nextDue")}");
        foreach (var deadline in incident["due"]?["deadlines"]?.AsArray().OfType<JsonNode>() ?? [])
            text.AppendLine($"  {Text(deadline, "state"),-9} {At(deadline, "due")}  "
                + $"{AlertText.OneLine(Text(deadline, "what"))} ({AlertText.OneLine(Text(deadline, "owner"))})");
        foreach (var step in incident["checklist"]?.AsArray().OfType<JsonNode>() ?? [])
            AddStep(text, step);
        foreach (var role in incident["roles"]?.AsArray().OfType<JsonNode>() ?? [])
            AddRole(text, role);
        foreach (var fact in incident["now"]?["pace"]?["facts"]?.AsArray().OfType<JsonNode>() ?? [])
            text.AppendLine($"{Text(fact, "what")}: {AlertText.OneLine(Text(fact, "value"))}");
        foreach (var missing in incident["now"]?["pace"]?["missing"]?.AsArray().OfType<JsonNode>() ?? [])
            text.AppendLine($"until it is contained: {AlertText.OneLine(missing.ToString())}");
        foreach (var person in incident["now"]?["team"]?.AsArray().OfType<JsonNode>() ?? [])
            text.AppendLine(
                $"  {AlertText.OneLine(Text(person, "name"))}: {AlertText.OneLine(Text(person, "inWords"))}");
        foreach (var line in incident["timeline"]?.AsArray().OfType<JsonNode>() ?? [])
            text.AppendLine($"{At(line, "at")}  {AlertText.OneLine(Text(line, "text"))}");
        return text.ToString().TrimEnd();
    }

    private static void AddStep(StringBuilder text, JsonNode step) => text
        .Append($"  {(step["done"] is null ? "open" : "done"),-5}{AlertText.OneLine(Text(step, "id"))}: ")
        .Append($"{AlertText.OneLine(Text(step, "what"))} ({AlertText.OneLine(Text(step, "role"))}")
        .Append(step["who"] is JsonArray { Count: > 0 } who
            ? $": {AlertText.OneLine(string.Join(", ", who.Select(name => name!.ToString())))})"
            : ")")
        .AppendLine(Came(step));

    private static string Came(JsonNode done) => done["done"] is { } came
        ? $" — {AlertText.OneLine(Text(came, "person"))}: {AlertText.OneLine(Text(came, "result"))}"
        : "";

    private static void AddRole(StringBuilder text, JsonNode role)
    {
        text.Append($"{AlertText.OneLine(Text(role, "role"))}: ")
            .Append(role["holder"] is null ? "NOBODY" : AlertText.OneLine(Text(role, "holder")))
            .Append(role["shiftEnds"] is null ? "" : $", shift ends {At(role, "shiftEnds")}")
            .AppendLine(role["offeredTo"] is null ? "" : $", offered to {AlertText.OneLine(Text(role, "offeredTo"))}");
        foreach (var task in role["actions"]?.AsArray().OfType<JsonNode>() ?? [])
            text.Append($"  {(task["done"] is null ? "open" : "done"),-5}")
                .Append(task["due"] is null ? "" : $"{At(task, "due")}  ")
                .Append($"{AlertText.OneLine(Text(task, "id"))}: {AlertText.OneLine(Text(task, "what"))}")
                .AppendLine(Came(task));
    }

    /// <summary>What was missed, and the number to give the next time.</summary>
    public static string Since(JsonNode missed)
    {
        var text = new StringBuilder();
        foreach (var line in missed["lines"]?.AsArray().OfType<JsonNode>() ?? [])
            text.AppendLine($"{At(line, "at")}  {AlertText.OneLine(Text(line, "words"))}");
        if (missed["more"]?.GetValue<int>() is > 0 and var more)
            text.AppendLine($"and {more} more, which 'incident show' lists");
        text.Append($"now {Text(missed, "phase")}, severity {Text(missed, "severity")}; "
            + $"the next time: --after {Text(missed, "newest")}");
        return text.ToString();
    }

    public static string Done(JsonNode answer) => string.Join(
        Environment.NewLine,
        (answer["incident"] is { } incident ? [$"{incident} is open"] : Array.Empty<string>())
            .Concat(Text(answer, "message").Split('\n'))
            .Select(AlertText.OneLine));

    private static string Cut(string words) => words.Length <= 60 ? words : $"{words[..59]}…";

    private static bool IsClosed(JsonNode row) => Closed.Contains(Text(row, "phase"));

    private static string Text(JsonNode node, string name) => node[name]?.ToString() ?? "";

    internal static string At(JsonNode node, string name) =>
        DateTimeOffset.TryParse(
            Text(node, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : "";
}
