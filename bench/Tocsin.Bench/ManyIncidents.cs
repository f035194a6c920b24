using Tocsin.Audit;
using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Storage;
using Tocsin.Texts;

namespace Tocsin.Bench;

/// <summary>A log with many incidents by the plan that <c>init</c> writes, each with what a night leaves behind.
/// </summary>
internal static class ManyIncidents
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    // Their distance: far enough that none joins another.
    private static readonly TimeSpan Apart = TimeSpan.FromMinutes(1);

    /// <summary>The plan of <c>init</c>, as it is written.</summary>
    public static ReadPlan Plan()
    {
        var folder = Directory.CreateTempSubdirectory("tocsin-bench-");
        try
        {
            Templates.Write("startup", folder.FullName, new Dictionary<string, string>());
            return PlanReader.Read(PlanReader.Load(Path.Combine(folder.FullName, "plan")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>When the last of them opened.</summary>
    public static DateTimeOffset Last(int incidents) => Start + incidents * Apart;

    /// <summary>Writes them straight into a store.</summary>
    /// <returns>How many entries the log has.</returns>
    public static long Write(EventStore store, ReadPlan plan, int incidents, bool areClosed)
    {
        var adopted = new PlanAdopted(plan.Plan.ContentHash, plan.Files);
        store.Commit(new Batch { Entries = [Entry("plan", adopted, Start)] });
        foreach (var some in Enumerable.Range(1, incidents).Chunk(100))
            store.Commit(new Batch { Entries = [.. some.SelectMany(number => Of(number, plan.Plan, areClosed))] });
        return store.Head.Sequence;
    }

    private static IEnumerable<NewEntry> Of(int number, Plan plan, bool isClosed)
    {
        var (id, opened) = (new IncidentId(number), Start + number * Apart);
        var finding = Seen(number, opened);
        var issue = plan.Issues[0];
        var (first, second) = (plan.People[0].Name, plan.People[1].Name);
        List<(int Seconds, LogEvent Event)> night =
        [
            (0, new FindingRecorded(finding, opened, id)),
            (0, new IncidentEvent.Opened(
                id, finding.Id, plan.ContentHash, issue.Id, issue.Procedure, issue.Severity, false)),
            (0, new PageEvent.LevelBegan(id, 0, 0, 0, [first, second])),
            .. Enumerable.Range(0, 3).Select(i => (1, (LogEvent)new IncidentEvent.AlertDelivered(
                id, $"{id}/{number}/{i}", $"channel-{i}", AlertReason.Opened, 1, 140))),
            (60, new IncidentEvent.Acknowledged(id, first, "personal link")),
            (90, new PageEvent.Answered(id, second, PageAnswer.AbleToSign, "personal link")),
            (200, new CommandEvent.Assessed(id, first, "a flash loan moved the price of the pool")),
            (300, new IncidentEvent.NoteAdded(id, second, "the pool is looked at; nothing else moved")),
        ];
        if (isClosed)
            night.AddRange(
            [
                (600, new IncidentEvent.StepDone(id, "look", first, "done, see the note")),
                (900, new IncidentEvent.NoteAdded(id, first, "it was a large arbitrage")),
                (1_200, new IncidentEvent.Resolved(id, first, "nothing of ours was concerned")),
            ]);
        return night.Select(happened => Entry(id.ToString(), happened.Event, opened.AddSeconds(happened.Seconds)));
    }

    private static NewEntry Entry(string stream, LogEvent happened, DateTimeOffset at) =>
        new(at, stream, EventJson.Kind(happened), EventJson.Write(happened));

    private static Finding Seen(int number, DateTimeOffset at)
    {
        var block = new BlockRef(1_000UL + (ulong)number, Hash(number));
        return new Finding(
            new FindingId($"bench/{number}"), 1, FindingStatus.Confirmed, at, new ChainId(1), block, [Hash(-number)],
            Threat.FlashLoanAttack, Severity.Critical, 0.95m, $"pool-{number}", [Attack.Chief], 125_000m,
            [
                new Indicator("large_loan", block, at, Hash(-number), Attack.Chief, "market", 5_000_000m, 1_000_000m,
                    0.9m, "a large loan"),
            ],
            "flash-loan", "a loan of 5,000,000 dUSD moved the price by 40 %");
    }

    private static Hash32 Hash(int number)
    {
        var bytes = new byte[32];
        BitConverter.TryWriteBytes(bytes, number);
        return new Hash32(bytes);
    }
}
