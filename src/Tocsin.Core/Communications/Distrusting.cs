using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Communications;

/// <summary>Somebody says that channels are in wrong hands, or ours again.</summary>
/// <param name="Channels">By their names; none where nothing is called <paramref name="Name"/>.</param>
/// <param name="By">The person's id.</param>
/// <param name="Anyway">Also where responders would have no channel of many left.</param>
/// <param name="Exercise">True where everything is a drill.</param>
public sealed record ChannelJudgement(
    string Name, ValueList<string> Channels, string By, string Reason, bool Anyway, bool Exercise);

/// <summary>What followed.</summary>
/// <param name="Refusal">Null where it holds now.</param>
/// <param name="Told">The channels by which people hear of it.</param>
/// <param name="Cut">Names of people who have no trusted way of their own now.</param>
public sealed record JudgementOutcome(
    string? Refusal, ValueList<LogEvent> Events, ValueList<string> Told, ValueList<string> Cut);

/// <summary>
/// A chat can be read, and written, by whoever took it over: from the moment that somebody says so it is no way to
/// anybody, and no word from it counts. As pure functions of the state of the moment.
/// </summary>
public static class Distrusting
{
    private const int MaximumReasonCharacters = 500;

    /// <param name="plan">The plan in force.</param>
    public static JudgementOutcome Distrust(
        IncidentBook book, Plan plan, ChannelJudgement asked, DateTimeOffset now)
    {
        if (WhyNot(plan, asked) is { } refusal)
            return Refused(refusal);
        if (asked.Channels.All(book.Distrusts.IsDistrusted))
            return Refused($"'{asked.Name}' is distrusted already");
        var after = plan with { Distrusted = [.. plan.Distrusted, .. asked.Channels] };
        if (!asked.Anyway && !ResponderChannels(after).Any())
            return Refused(
                "responders would have no channel of many left: name a 'backup' of their communication in the plan, "
                + "or say that it is to be done all the same ('anyway', on the command line --anyway)");
        // Of this nobody could be told, and it would have no end.
        if (!ResponderChannels(after).Any() && after.People.All(person => person.Ways.All(after.Distrusted.Contains)))
            return Refused("nobody could be told of anything any more: one way to somebody must be left");
        var by = plan.Person(asked.By)!.Name;
        var readers = plan.People.Where(person => person.Ways.Any(asked.Channels.Contains))
            .Select(person => person.Id).ToValueList();
        return Outcome(
            book, plan, asked, new ChannelDistrusted(asked.Name, asked.Channels, by, asked.Reason, readers), now);
    }

    /// <param name="plan">The plan in force.</param>
    public static JudgementOutcome Trust(IncidentBook book, Plan plan, ChannelJudgement asked, DateTimeOffset now)
    {
        if (WhyNot(plan, asked) is { } refusal)
            return Refused(refusal);
        if (!asked.Channels.Any(book.Distrusts.IsDistrusted))
            return Refused($"'{asked.Name}' is not distrusted");
        var by = plan.Person(asked.By)!.Name;
        return Outcome(book, plan, asked, new ChannelTrusted(asked.Name, asked.Channels, by, asked.Reason), now);
    }

    /// <summary>Everybody, once, by what is still trusted: the responders' channels and the first way of each. That a
    /// channel is trusted again is told in its backup too, where the warning was read.</summary>
    internal static List<Announcement> ToEverybody(Plan plan, bool isTrusted)
    {
        var backups = OfResponders(plan).Select(one => one.Backup).OfType<string>()
            .Where(channel => isTrusted && !plan.Distrusted.Contains(channel));
        var told = ResponderChannels(plan).Union(backups)
            .Select(channel => new Announcement(channel, null, AlertReason.ChannelDistrusted)).ToList();
        foreach (var person in plan.People)
            if (person.Ways.FirstOrDefault(way => !plan.Distrusted.Contains(way)) is { } way)
                Announcements.Add(told, new Announcement(
                    way, Announcements.Owner(person, way, plan), AlertReason.ChannelDistrusted));
        return told;
    }

    /// <summary>What responders hear at once, or its backup where that is distrusted.</summary>
    internal static IEnumerable<string> ResponderChannels(Plan plan) => OfResponders(plan)
        .Select(one => new[] { one.Channel, one.Backup }.OfType<string>()
            .FirstOrDefault(channel => !plan.Distrusted.Contains(channel)))
        .OfType<string>()
        .Distinct();

    private static IEnumerable<Communication> OfResponders(Plan plan) => plan.Communications
        .Where(one => one.Audience == "responders" && one.When == "at-once");

    private static string? WhyNot(Plan plan, ChannelJudgement asked)
    {
        if (Rulings.WhyNotWords(plan, asked.By, asked.Reason, needsReason: true) is { } refusal)
            return refusal;
        if (asked.Reason.Length > MaximumReasonCharacters)
            return $"a reason has at most {MaximumReasonCharacters} characters";
        return asked.Channels.Count == 0
            ? $"'{Rulings.Short(asked.Name)}' is no channel, nor a kind of one, in tocsin.yaml"
            : null;
    }

    private static JudgementOutcome Outcome(
        IncidentBook book, Plan plan, ChannelJudgement asked, LogEvent judged, DateTimeOffset now)
    {
        var events = new List<LogEvent> { judged };
        var after = book.Apply(judged, now);
        var bound = after.Distrusts.Bind(plan with { Distrusted = [] });
        if (!after.Open.Any())
        {
            events.AddRange(Wake(after, bound, asked, judged, now));
            after = events.Skip(1).Aggregate(after, (folded, happened) => folded.Apply(happened, now));
        }
        var told = new List<string>();
        // Told once: in the worst that is open.
        if (after.Open.OrderBy(one => one.Severity).FirstOrDefault() is { } incident)
        {
            events.Add(new ChannelJudged(
                incident.Id, asked.Name, asked.Channels, plan.Person(asked.By)!.Name, asked.Reason,
                judged is ChannelTrusted));
            told.AddRange(ToEverybody(bound, judged is ChannelTrusted).Select(one => one.Channel));
        }
        return new JudgementOutcome(
            null, events.ToValueList(), told.ToValueList(),
            bound.People.Where(person => person.Ways.Count > 0 && person.Ways.All(bound.Distrusted.Contains))
                .Select(person => person.Name).ToValueList());
    }

    // Nothing else is open in which people would hear of it.
    private static IReadOnlyList<LogEvent> Wake(
        IncidentBook book, Plan plan, ChannelJudgement asked, LogEvent judged, DateTimeOffset now)
    {
        var word = judged is ChannelTrusted ? "trusts" : "distrusts";
        var finding = new Finding(
            new FindingId($"channel-{word}/{asked.Name}/{now:yyyyMMddTHHmmssZ}"), 1, FindingStatus.Seen, now,
            plan.Protected.Chain, default, [], Threat.MonitoringImpaired, Severity.High, 1, asked.Name, [], 0, [],
            "channels", $"{plan.Person(asked.By)!.Name} {word} '{asked.Name}': {asked.Reason}");
        return book.Take(finding, now, plan, DetectionLimits.Default with { Exercise = asked.Exercise });
    }

    private static JudgementOutcome Refused(string refusal) => new(refusal, [], [], []);
}
