using Tocsin.Chains;
using Tocsin.Detection.Patterns;
using Tocsin.Findings;

namespace Tocsin.Detection.Monitoring;

/// <summary>
/// The conditions that last: each is said once, again only when it gets worse, and once more when it is over. What
/// comes back soon after its end must stay away twice as long each time before it is over again: so however fast
/// something flaps, people hear of it a few times an hour.
/// </summary>
internal sealed class Conditions(ChainId chain)
{
    /// <summary>What comes back within this after its end is the same trouble flapping.</summary>
    public static readonly TimeSpan ReturnWithin = TimeSpan.FromHours(1);

    private static readonly TimeSpan FirstHold = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestHold = TimeSpan.FromHours(1);

    // 1 minute doubled six times is beyond the longest hold: counting on would only overflow.
    private const int ReturnsMax = 7;
    private const int ConditionsMax = 256;

    private readonly List<Condition> known = [];

    public IReadOnlyList<Condition> Known => known;

    /// <summary>The earliest instant at which something is over if it stays away; null if nothing is on its
    /// way out.</summary>
    public DateTimeOffset? DueAt
    {
        get
        {
            DateTimeOffset? due = null;
            foreach (var condition in known)
                if (condition.OverAt is { } over && (due is null || over < due))
                    due = over;
            return due;
        }
    }

    public void Restore(ValueList<Condition> conditions) => known.AddRange(conditions);

    public bool IsOpen(ConditionKey key) => PlaceOfOpen(key) >= 0;

    /// <summary>What was last said of it; null where it is not so.</summary>
    public string? ReasonOf(ConditionKey key) =>
        PlaceOfOpen(key) is >= 0 and var place ? known[place].Said.Reason : null;

    /// <summary>It is so now.</summary>
    /// <param name="head">The newest block taken, if any.</param>
    /// <param name="isNews">True where the same trouble has something new to say though it is no worse.</param>
    public void Present(
        Trouble trouble, DateTimeOffset now, BlockRef? head, List<Finding> findings, bool isNews = false)
    {
        var place = PlaceOfOpen(trouble.Key);
        if (place < 0)
        {
            Open(trouble, now, head, findings);
            return;
        }
        known[place] = known[place] with { AbsentSince = null };
        if (!isNews && trouble.Severity >= known[place].Said.Severity)
            return;
        known[place] = known[place] with { Said = With(known[place].Said, trouble) };
        Say(place, FindingStatus.Seen, trouble.Severity, trouble.Reason, now, head, findings);
    }

    /// <summary>It is not so any more; it is over once it stayed away long enough.</summary>
    /// <param name="ending">By what it ended, as a sentence.</param>
    /// <param name="atLeast">Stay away for at least this.</param>
    public void Absent(ConditionKey key, DateTimeOffset now, string ending, TimeSpan atLeast = default)
    {
        var place = PlaceOfOpen(key);
        if (place < 0)
            return;
        var condition = known[place];
        var hold = HoldAfter(condition.Returns);
        hold = hold > atLeast ? hold : atLeast;
        if (condition.OverAt is { } over && over <= now + hold)
            return;
        known[place] = condition with { AbsentSince = now, Hold = hold, Ending = ending };
    }

    /// <summary>Says what is over by now.</summary>
    public void Settle(DateTimeOffset now, BlockRef? head, List<Finding> findings)
    {
        for (var i = 0; i < known.Count; i++)
        {
            if (known[i].OverAt is not { } over || over > now)
                continue;
            var lasted = known[i].AbsentSince!.Value - known[i].BeganAt;
            Say(i, FindingStatus.Over, known[i].Said.Severity,
                $"Over after {Words.Length(lasted)}. {known[i].Ending}", now, head, findings);
            known[i] = known[i] with { EndedAt = known[i].AbsentSince };
        }
        known.RemoveAll(condition => now - condition.EndedAt > ReturnWithin);
    }

    /// <summary>The clock went back: nothing can have happened later than now.</summary>
    public void SetBack(DateTimeOffset now)
    {
        for (var i = 0; i < known.Count; i++)
            known[i] = known[i] with
            {
                AbsentSince = Earlier(known[i].AbsentSince, now),
                EndedAt = Earlier(known[i].EndedAt, now),
            };
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? instant, DateTimeOffset now) =>
        instant > now ? now : instant;

    private static TimeSpan HoldAfter(int returns)
    {
        if (returns == 0)
            return TimeSpan.Zero;
        var hold = FirstHold * (1 << (returns - 1));
        return hold < LongestHold ? hold : LongestHold;
    }

    private void Open(Trouble trouble, DateTimeOffset now, BlockRef? head, List<Finding> findings)
    {
        var returns = 0;
        var ended = known.FindIndex(condition => condition.Key == trouble.Key);
        if (ended >= 0)
        {
            returns = Math.Min(ReturnsMax, known[ended].Returns + 1);
            known.RemoveAt(ended);
        }
        // So many troubles at once have long been told; more of them would only fill the memory.
        if (known.Count >= ConditionsMax && known.RemoveAll(condition => condition.EndedAt is not null) == 0)
            return;
        // Two that begin at the same instant are told apart by how often it came back.
        var again = returns > 0 ? $"+{returns}" : "";
        var id = new FindingId($"{trouble.Threat.ToName()}/{chain}/{trouble.Key.Kind}/{trouble.Key.Name}/"
            + $"{now.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffffffZ}{again}");
        var said = new Finding(
            id, 0, FindingStatus.Seen, now, chain, head ?? default, trouble.Transactions, trouble.Threat,
            trouble.Severity, trouble.Confidence, trouble.Subject, trouble.Addresses, trouble.ImpactUsd,
            trouble.Indicators, trouble.Detector ?? Pattern.DetectorOf(trouble.Threat), trouble.Reason);
        known.Add(new Condition(trouble.Key, now, returns, said, null, TimeSpan.Zero, "", null));
        Say(known.Count - 1, FindingStatus.Seen, trouble.Severity, trouble.Reason, now, head, findings);
    }

    // Who was named stays named: the same trouble by another transaction is still theirs.
    private static Finding With(Finding said, Trouble trouble) => said with
    {
        Transactions = said.Transactions.Union(trouble.Transactions).ToValueList(),
        Addresses = said.Addresses.Union(trouble.Addresses).ToValueList(),
        Confidence = Math.Max(said.Confidence, trouble.Confidence),
        ImpactUsd = Math.Max(said.ImpactUsd, trouble.ImpactUsd),
        Indicators = trouble.Indicators.Count > 0 ? trouble.Indicators : said.Indicators,
    };

    private void Say(
        int place, FindingStatus status, Severity severity, string reason, DateTimeOffset now, BlockRef? head,
        List<Finding> findings)
    {
        var before = known[place].Said;
        var said = before with
        {
            Revision = before.Revision + 1,
            Status = status,
            Severity = severity < before.Severity ? severity : before.Severity,
            Time = now,
            Block = head ?? default,
            // What was only about to be lost is lost no more; what was lost is told by the block it was lost in.
            ImpactUsd = status == FindingStatus.Over ? 0 : before.ImpactUsd,
            Reason = reason,
        };
        known[place] = known[place] with { Said = said };
        findings.Add(said);
    }

    private int PlaceOfOpen(ConditionKey key) =>
        known.FindIndex(condition => condition.Key == key && condition.EndedAt is null);
}
