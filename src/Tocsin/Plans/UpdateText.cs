using Tocsin.Findings;
using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>Who is told what when, and in which words, as a plan writes it.</summary>
internal static class UpdateText
{
    private static readonly Dictionary<string, UpdateMoment> Moments = new()
    {
        ["at-once"] = UpdateMoment.AtOnce,
        ["open"] = UpdateMoment.Open,
        ["every"] = UpdateMoment.Every,
        ["after-resolution"] = UpdateMoment.AfterResolution,
    };

    /// <summary>Rows of communications. One without 'when' is of a form in which each has a name.</summary>
    public static ValueList<Communication> Communications(YamlPart part)
    {
        var rows = part.Items().ToList();
        var named = rows.Where(row => row.Optional("id") is not null || row.Optional("when") is null).ToList();
        var ids = RowIds.Read(named, "audience", (row, id) => (Row: row, Id: id))
            .ToDictionary(one => one.Row, one => one.Id);
        return rows.Select(row => Communication(row, ids.GetValueOrDefault(row))).ToValueList();
    }

    private static Communication Communication(YamlPart part, string? id)
    {
        part.Knows(
            "audience", "when", "channel", "backup", "id", "every", "after", "within", "severity", "writer", "approver",
            "template", "not_for", "public", "if_compromised");
        var (when, moment) = Moment(part);
        return new Communication(
            part.Required("audience").Text(),
            when,
            part.Required("channel").Text(),
            part.Optional("backup")?.Text(),
            part.At)
        {
            Id = id,
            Moment = moment,
            Every = Every(part, moment),
            Within = part.Optional("within")?.Duration(),
            Severity = part.Optional("severity") is { } severity ? (Severity)severity.Number(1, 5) : null,
            Writer = part.Optional("writer")?.Text(),
            Approver = part.Optional("approver")?.Text(),
            Template = part.Optional("template")?.Text(),
            NotFor = PlainText.Texts(part.Optional("not_for")),
            IsPublic = part.Optional("public")?.Flag() ?? false,
            IfCompromised = part.Optional("if_compromised")?.Text(),
        };
    }

    public static UpdateTemplate Template(YamlPart part) => new(
        part.Knows("id", "text").Required("id").Text(), part.Required("text").Text(), part.At);

    // Where 'when' is left out, 'every' or 'after' says it. Any word was once allowed, and nothing but 'at-once' was
    // acted upon.
    private static (string When, UpdateMoment? Moment) Moment(YamlPart part)
    {
        var (isEvery, isAfter) = (part.Optional("every") is not null, part.Optional("after") is not null);
        if (part.Optional("when") is null && isEvery != isAfter)
            return isEvery ? ("every", UpdateMoment.Every) : ("after-resolution", UpdateMoment.AfterResolution);
        var when = part.Required("when");
        var text = when.Text();
        if (Moments.TryGetValue(text, out var moment))
            return (text, moment);
        if (text.Length > 0)
            when.Warn($"'{text}' is none of {string.Join(", ", Moments.Keys)}: nothing is ever due by it"
                + PlanCheck.Near(text, Moments.Keys));
        return (text, null);
    }

    // How often until the end, or how long after it.
    private static TimeSpan? Every(YamlPart part, UpdateMoment? moment)
    {
        const string least = "1min";
        const string most = "365d";
        if (moment == UpdateMoment.Every)
            return part.Required("every").Duration(least, most);
        if (moment == UpdateMoment.AfterResolution)
            return part.Required("after").Duration(least, most);
        foreach (var key in new[] { "every", "after" })
            part.Optional(key)?.Complain(key == "every"
                ? "'every' goes with 'when: every'"
                : "'after' goes with 'when: after-resolution'");
        return null;
    }
}
