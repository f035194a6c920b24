using Tocsin.Audit;
using Tocsin.Evm;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.Recording;
using Tocsin.Signing;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Records;

/// <summary>A log in which an incident stands among other things, with its plan's text.</summary>
internal static class KeptStory
{
    public static readonly PrivateKey Signer = MinimalPlan.Key(21);

    /// <summary>Another incident, some of whose events stand among those of the first.</summary>
    public static readonly IncidentId Second = new(2);

    public static ValueList<PlanFile> PlanFiles { get; } =
    [
        new PlanFile("plan.yaml", MinimalPlan.Main),
        new PlanFile("procedures/pause-markets.md", MinimalPlan.Procedure),
    ];

    private static readonly (double At, LogEvent Event)[] Paging =
    [
        (3190, new PageEvent.LevelBegan(First, 0, 0, 0, ["Ada Commander", "Ben Engineer"])),
        (3191, new PageEvent.Paged(First, "Ben Engineer", "ben-pager", 0, PagePurpose.Respond, "Ada Commander")),
        (3192, new PageEvent.Answered(First, "Ben Engineer", PageAnswer.AbleToSign, "personal link")),
        (3210, new CommandEvent.RoleGiven(First, "scribe", "Ben Engineer", "Ada Commander", "")),
        (3250, new CommandEvent.Deviated(First, "look", "Ben Engineer", "the explorer is down")),
        (3600, new IncidentEvent.Resolved(First, "Ada Commander", "markets are open again")),
    ];

    /// <summary>What happened in the first incident.</summary>
    public static IReadOnlyList<(double At, LogEvent Event)> Events { get; } =
    [
        .. Until<IncidentEvent.EvidenceChecked>().Where(step => step.Event is not PlanAdopted),
        .. Paging,
    ];

    /// <summary>The whole log: the second incident opens before the first and goes on within it.</summary>
    public static IReadOnlyList<LogEntry> Log { get; } = Chained(
    [
        (0, new PlanAdopted(Plan.ContentHash, PlanFiles)),
        (1, Recorded(Finding("other", by: OtherAttacker), Second)),
        (1, Opened() with { Incident = Second, Finding = new("other") }),
        .. Events.Take(8),
        (60, new IncidentEvent.NoteAdded(Second, "ben", "looks like the first")),
        .. Events.Skip(8),
        (3650, new IncidentEvent.NoteAdded(Second, "ben", "after it")),
    ]);

    /// <summary>The log, countersigned after the first incident; and what follows.</summary>
    public static IReadOnlyList<LogEntry> Countersigned { get; } = Chained(
    [
        .. Log.Select(entry => ((entry.Instant - Noon).TotalSeconds, EventJson.Read(entry.Kind, entry.Payload))),
        (3660, Sign(new LogHead(Log[^1].Sequence, Log[^1].Hash), Signer)),
        (3700, new IncidentEvent.NoteAdded(Second, "ben", "long after it")),
    ]);

    public static HeadCountersigned Sign(LogHead head, PrivateKey key)
    {
        var at = At(3660);
        return new HeadCountersigned(head, at, key.Sign(LogHeadTypedData.Of(head, at).Digest()).ToHex());
    }

    public static IReadOnlyList<LogEntry> Chained(IEnumerable<(double At, LogEvent Event)> events)
    {
        var entries = new List<LogEntry>();
        var head = LogHead.Empty;
        foreach (var (at, happened) in events)
        {
            entries.Add(LogChain.Append(head, new NewEntry(
                At(at), Stream(happened), EventJson.Kind(happened), EventJson.Write(happened))));
            head = new LogHead(entries[^1].Sequence, entries[^1].Hash);
        }
        return entries;
    }

    private static string Stream(LogEvent happened) => happened switch
    {
        IncidentEvent incident => incident.Incident.ToString(),
        FindingRecorded { Incident: { } incident } => incident.ToString(),
        PlanAdopted => "plan",
        _ => "audit",
    };
}
