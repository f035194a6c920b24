using Tocsin.Communications;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Silences;

/// <summary>What is kept back of an incident: the memory of its silences.</summary>
public sealed record SilenceProgress(ValueList<WithheldAlert> Withheld)
{
    public static SilenceProgress None { get; } = new([]);

    /// <exception cref="InvalidOperationException">The event is of a kind that this version does not know.</exception>
    public SilenceProgress Apply(SilenceEvent happened, DateTimeOffset at) => happened switch
    {
        SilenceEvent.Withheld kept => new(Withheld
            .Where(one => one.Channel != kept.Channel || one.Silence != kept.Silence)
            .Append(new(kept.Channel, kept.Silence, kept.Until, at))
            .ToValueList()),
        SilenceEvent.Lifted lifted =>
            new(Withheld.Where(one => one.Silence != lifted.Silence).ToValueList()),
        _ => throw new InvalidOperationException($"no silence can take {happened.GetType().Name}"),
    };

    /// <summary>What is owed when a silence has run out while the incident is open.</summary>
    public IEnumerable<SilenceEvent> Owed(IncidentId incident, DateTimeOffset now) => Withheld
        .Where(one => one.Until <= now)
        .Select(one => one.Silence)
        .Distinct()
        .Select(silence => new SilenceEvent.Lifted(incident, silence));

    public DateTimeOffset? NextDue(DateTimeOffset now) =>
        Withheld.Where(one => one.Until > now).Select(one => (DateTimeOffset?)one.Until).Min();

    /// <summary>Who hears of the incident now, as it stands: whoever was not told of it.</summary>
    internal static List<Announcement> Told(SilenceEvent.Lifted lifted, Incident before, Plan plan)
    {
        var told = new List<Announcement>();
        foreach (var kept in before.Silenced.Withheld.Where(one => one.Silence == lifted.Silence))
        {
            var owner = plan.People.FirstOrDefault(person => person.Ways.Contains(kept.Channel));
            Announcements.Add(told, new Announcement(
                kept.Channel, owner is null ? null : Announcements.Owner(owner, kept.Channel, plan),
                AlertReason.SilenceOver));
        }
        return told;
    }
}

/// <summary>A channel that was not told; of several things only the last.</summary>
public sealed record WithheldAlert(string Channel, int Silence, DateTimeOffset Until, DateTimeOffset At);
