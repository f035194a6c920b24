using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>Who decides, as a plan writes it.</summary>
internal static class DecisionRuleText
{
    public static DecisionRule Read(YamlPart part) => new(
        part.Knows(
            "id", "name", "action", "required", "additional", "valid_for", "extend", "reopen", "owner", "reviewer",
            "attested", "ratify", "unreachable").Required("id").Text(),
        part.Required("name").Text(),
        part.Required("action").Text(),
        part.Optional("required")?.Items().Select(Required).ToValueList() ?? [],
        part.Optional("additional")?.Items().Select(Additional).ToValueList() ?? [],
        part.Required("valid_for").Duration(),
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

    private static RequiredRole Required(YamlPart part) => new(
        part.Knows("role", "substitutes").Required("role").Text(),
        PlainText.Texts(part.Optional("substitutes")));

    private static AdditionalGroup Additional(YamlPart part) => new(
        part.Knows("group", "at_least").Required("group").Text(),
        part.Optional("at_least")?.Number(1, 50) ?? 1);
}
