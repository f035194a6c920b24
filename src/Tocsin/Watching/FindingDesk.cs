using System.Collections.Concurrent;
using System.Threading.Channels;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Detection.Mempool;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Storage;

namespace Tocsin.Watching;

/// <summary>Records findings with what follows from them, and remembers what their blocks were taken for.</summary>
internal sealed class FindingDesk(Logbook logbook, bool exercise)
{
    private const int TestimoniesMax = 256;

    // As many attacks as are open at once; a trace may be long.
    private const int PendingMax = PendingAttackSettings.OpenMost;

    private readonly ConcurrentDictionary<BlockRef, Testimony> testimonies = [];
    private readonly Queue<BlockRef> remembered = new();
    private readonly ConcurrentDictionary<FindingId, PendingTransaction> pending = [];
    private readonly List<FindingId> pendingOrder = [];
    private readonly Channel<(Finding, Arrival?)> recorded =
        System.Threading.Channels.Channel.CreateBounded<(Finding, Arrival?)>(
        new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <summary>The findings as they are recorded, each with the arrival that gave it, if one did, for whoever keeps
    /// their evidence. A block is not held: its memory is not ours, and a thousand of them are too many.</summary>
    public ChannelReader<(Finding Finding, Arrival? Cause)> Recorded => recorded.Reader;

    /// <summary>What detection took that block for; null where it gave no finding since the start.</summary>
    public Testimony? TestimonyOf(BlockRef block) => testimonies.GetValueOrDefault(block);

    /// <summary>
    /// The newest transaction of an attack in no block as detection judged it; null where it gave none since the start,
    /// or other attacks did since.
    /// </summary>
    public PendingTransaction? PendingOf(FindingId attack) => pending.GetValueOrDefault(attack);

    /// <summary>Recorded findings of which the end was not told, by what their identifiers begin with.</summary>
    public IReadOnlyList<Finding> Lasting(string prefix) =>
        [.. logbook.Book.Findings.Values.Select(recorded => recorded.Finding).Where(finding =>
            finding.Status == FindingStatus.Seen
            && finding.Id.Value.StartsWith(prefix, StringComparison.Ordinal))];

    /// <param name="cause">Null where the watch itself says so.</param>
    /// <param name="checkpoint">Null where none is due.</param>
    public void Record(
        IReadOnlyList<Finding> findings, DateTimeOffset arrivedAt, Input? cause, Checkpoint? checkpoint)
    {
        if (cause is ChainStep.Forward { Block: var block } && findings.Count > 0)
            Remember(block);
        foreach (var finding in findings)
        {
            if (finding.Status is FindingStatus.Over or FindingStatus.Retracted)
                Forget(finding.Id);
        }
        if (cause is Arrival.Pending { Transaction: { Outcome: not null } transaction })
        {
            foreach (var finding in findings.Where(finding => finding.Transactions.Contains(transaction.Hash)))
                Remember(finding.Id, transaction);
        }
        logbook.Record(
            (book, now) =>
            {
                var all = new List<LogEvent>();
                var plan = logbook.InForce ?? throw new InvalidOperationException("no plan is in force");
                var limits = new DetectionLimits(plan.Opens.Severity, plan.Opens.Confidence, exercise);
                // The worst first: it opens the incident that the others then join.
                foreach (var finding in findings.OrderBy(finding => finding.Severity))
                {
                    var events = book.Take(finding, arrivedAt, plan, limits);
                    book = events.Aggregate(book, (folded, happened) => folded.Apply(happened, now));
                    all.AddRange(events);
                }
                return all;
            },
            checkpoint);
        foreach (var finding in findings)
            recorded.Writer.TryWrite((finding, cause as Arrival));
    }

    // By attack, each by its newest version: whoever bids anew again and again puts no other attack out of mind.
    private void Remember(FindingId attack, PendingTransaction transaction)
    {
        pending[attack] = transaction;
        pendingOrder.Remove(attack);
        pendingOrder.Add(attack);
        if (pendingOrder.Count <= PendingMax)
            return;
        pending.TryRemove(pendingOrder[0], out _);
        pendingOrder.RemoveAt(0);
    }

    private void Forget(FindingId attack)
    {
        if (pending.TryRemove(attack, out _))
            pendingOrder.Remove(attack);
    }

    // The oldest goes: many small findings must not keep the next attack from being compared.
    private void Remember(Block block)
    {
        if (!testimonies.TryAdd(block.Ref, Testimony.Of(block)))
            return;
        remembered.Enqueue(block.Ref);
        if (remembered.Count > TestimoniesMax)
            testimonies.TryRemove(remembered.Dequeue(), out _);
    }
}
