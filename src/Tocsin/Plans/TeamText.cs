using Tocsin.Findings;
using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>People, roles and organisations as a plan writes them.</summary>
internal static class TeamText
{
    public static ValueList<Person> People(YamlPart part)
    {
        part.Knows("core", "extended");
        var core = part.Required("core").Items().ToHashSet();
        var extended = part.Optional("extended")?.Items() ?? [];
        return RowIds.Read(
            core.Concat(extended), "name", (person, id) => Person(person, id, core: core.Contains(person)));
    }

    public static PlannedRole Role(YamlPart part) => new(
        part.Knows("id", "what", "deputy", "from", "actions").Required("id").Text(),
        part.Required("what").Text(),
        part.Optional("deputy")?.Text(),
        part.Optional("from")?.Text(),
        RowIds.Read(part.Optional("actions"), "what", Action),
        part.At);

    public static Organisation Organisation(YamlPart part, string id) => new(
        id,
        PlainText.OneOf(
            part.Knows("id", "kind", "name", "reach", "order", "severity", "upon").Required("kind"),
            Plans.Organisation.Kinds),
        part.Required("name").Text(),
        part.Required("reach").Text(),
        part.Optional("order")?.Number(1, Plans.Organisation.Last) ?? Plans.Organisation.Last,
        part.Optional("severity") is { } severity ? (Severity)severity.Number(1, 5) : null,
        EscalationText.Moment(part.Optional("upon")),
        part.At);

    private static RoleAction Action(YamlPart part, string id) => new(
        id,
        part.Knows("id", "what", "within").Required("what").Text(),
        part.Optional("within")?.Duration());

    private static Person Person(YamlPart part, string id, bool core)
    {
        part.Knows(
            "id", "name", "roles", "email", "chat", "phone", "wallet", "ways", "categories", "time_zone", "awake",
            "substitutes");
        var ways = part.Optional("ways")?.Items().Select(Way).ToList() ?? [];
        return new Person(
            id,
            part.Required("name").Text(),
            core,
            PlainText.Texts(part.Required("roles")),
            part.Optional("email")?.Text(),
            part.Optional("chat")?.Text(),
            part.Optional("phone")?.Text(),
            part.Optional("wallet") is { } wallet ? ProtectedText.Address(wallet) : null,
            ways.Select(way => way.Channel).ToValueList(),
            part.At)
        {
            Categories = PlainText.Texts(part.Optional("categories")),
            Zone = part.Optional("time_zone") is { } zone ? Zones.Read(zone) : null,
            Awake = part.Optional("awake") is { } awake ? PlainText.Hours(awake) : null,
            Substitutes = PlainText.Texts(part.Optional("substitutes")),
            Waits = ways.Exists(way => way.Wait is not null)
                ? ways.Select(way => way.Wait ?? Plans.Way.DefaultWait).ToValueList()
                : [],
        };
    }

    private static (string Channel, TimeSpan? Wait) Way(YamlPart part) => part.IsMapping
        ? (part.Knows("channel", "wait").Required("channel").Text(), part.Optional("wait")?.Duration("10s", "1d"))
        : (part.Text(), null);
}
