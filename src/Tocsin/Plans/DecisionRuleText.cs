using System.Globalization;
using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>Who decides, as a plan writes it.</summary>
internal static class DecisionRuleText
{
    private const int MostOfAGroup = 50;

    private static readonly TimeSpan ValidFor = TimeSpan.FromHours(1);

    /// <returns>The decision, and what people do by it where that stands beside it.</returns>
    public static (DecisionRule Rule, PlannedAction? Done) Read(YamlPart part, string id)
    {
        part.Knows(
            "id", "name", "action", "do", "required", "additional", "valid_for", "extend", "reopen", "owner",
            "reviewer", "attested", "ratify", "unreachable");
        var done = part.Optional("do") is { } text ? Done(text, id) : null;
        if (done is not null && part.Optional("action") is not null)
            part.Complain("a decision has either 'action', which is prepared below, or 'do', which people do");
        return (Rule(part, id, done?.Id ?? part.Required("action").Text()), done);
    }

    private static DecisionRule Rule(YamlPart part, string id, string action) => new(
        id,
        part.Required("name").Text(),
        action,
        part.Optional("required")?.Items().Select(Required).ToValueList() ?? [],
        part.Optional("additional")?.Items().Select(Additional).ToValueList() ?? [],
        part.Optional("valid_for")?.Duration() ?? ValidFor,
        part.At)
    {
        Extend = part.Optional("extend")?.Text(),
        Reopen = part.Optional("reopen")?.Text(),
        Owner = part.Optional("owner")?.Text(),
        Reviewer = part.Optional("reviewer")?.Text(),
        Attested = part.Optional("attested") is { } attested
            ? new AttestedApproval(attested.Knows("by").Required("by").Number(1, 10))
            : null,
        Ratify = part.Optional("ratify") is { } ratify
            ? new RatifyLater(
                ratify.Knows("within", "roles").Required("within").Duration("1min", "30d"),
                PlainText.Texts(ratify.Required("roles")))
            : null,
        Unreachable = part.Optional("unreachable") is { } unreachable
            ? new UnreachableQuorum(
                unreachable.Knows("after", "then").Required("after").Duration("1s", "30d"),
                unreachable.Required("then").Text())
            : null,
    };

    // An action of people alone, by the name of its decision: as if it stood under 'actions'.
    private static PlannedAction Done(YamlPart part, string id)
    {
        var text = part.Text();
        var said = Bracketed.At(text);
        var note = said?.Note(part.Complain) ?? new StepNote(Bracketed.Leader);
        if (note != new StepNote(note.Role, note.Expected))
            part.Complain("the brackets after 'do' hold who does it and how long, such as (operations, 10min)");
        var words = said?.Words ?? text;
        return new PlannedAction(id, words, [], part.At)
        {
            Manual = new ManualStep(words, note.Role, note.Expected ?? Bracketed.Usual, part.At),
        };
    }

    // 'ceo or deputy' is a role and who stands in for it.
    private static RequiredRole Required(YamlPart part)
    {
        if (part.IsMapping)
            return new RequiredRole(
                part.Knows("role", "substitutes").Required("role").Text(),
                PlainText.Texts(part.Optional("substitutes")));
        var roles = part.Text().Split(" or ", StringSplitOptions.TrimEntries);
        if (roles.Contains("") && roles.Length > 1)
            part.Complain("'or' stands between two roles, such as ceo or deputy");
        return new RequiredRole(roles[0], roles[1..].ToValueList());
    }

    // '2 of security', or 'security' for one of them.
    private static AdditionalGroup Additional(YamlPart part)
    {
        if (part.IsMapping)
            return new AdditionalGroup(
                part.Knows("group", "at_least").Required("group").Text(),
                part.Optional("at_least")?.Number(1, MostOfAGroup) ?? 1);
        var text = part.Text();
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        if (digits == 0 || !text.AsSpan(digits).StartsWith(" of ", StringComparison.Ordinal))
            return new AdditionalGroup(text, 1);
        if (!int.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var least)
            || least is < 1 or > MostOfAGroup)
        {
            part.Complain($"from 1 to {MostOfAGroup} of a group approve, such as 2 of security");
            least = 1;
        }
        return new AdditionalGroup(text[(digits + 4)..].Trim(), least);
    }
}
