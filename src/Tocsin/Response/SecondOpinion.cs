using System.Collections.Concurrent;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Detection.Mempool;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Watching;

namespace Tocsin.Response;

/// <summary>
/// Asks other nodes for the block on which a finding stands, before anything automatic follows from it: one node that
/// lies must not make the system ask for a pause. Nodes that say nothing in time keep nobody from being asked. What is
/// taken without people upon a transaction in no block needs that others hold it too and say that it does the same.
/// People who ask for the decision need no second node.
/// </summary>
internal sealed class SecondOpinion(Nodes nodes, FindingDesk desk, Logbook logbook, TimeProvider time)
{
    // Whole blocks are read from each: many findings must not have all of them read at once.
    private const int Together = 4;

    private static readonly TimeSpan AskEagerlyFor = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMinutes(1);

    // A node that hangs would otherwise keep people waiting for as long as a request to it may take, or twice.
    private static readonly TimeSpan PeopleWaitFor = TimeSpan.FromSeconds(2);

    // The last answer on each block and pending transaction: a memory for pacing alone, and a restart asks again.
    private readonly ConcurrentDictionary<(IncidentId, Hash32), Answer> answers = new();

    /// <summary>
    /// Asks about what the incident is about and about what something would be done upon, until that is enough, every
    /// answer is there, or people must not wait any longer.
    /// </summary>
    public async Task AskBeforePeopleAsync(
        Incident incident, IEnumerable<Finding> upon, Func<bool> isEnough, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(PeopleWaitFor, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var asked = Distinct([.. InBlock(incident).Select(OfBlock), .. upon.Select(Of)]);
        var answered = await AskAboutAsync(incident, asked, isEnough, either.Token);
        cancellationToken.ThrowIfCancellationRequested();
        if (isEnough())
            return;
        foreach (var one in asked.Where(one => !answered.Contains(one.About)))
            Take(incident, one, null, $"{one}: the nodes have not said in time whether they have the same");
    }

    /// <summary>Asks about what something would be done upon without people, until that is enough or every answer is
    /// there.</summary>
    public Task AskBeforeActingAsync(
        Incident incident, IEnumerable<Finding> upon, Func<bool> isEnough, CancellationToken cancellationToken) =>
        AskAboutAsync(incident, Distinct(upon.Select(Of)), isEnough, cancellationToken);

    /// <summary>
    /// True where as many nodes as required agreed on what the incident is about, or have not said in time: then people
    /// may be asked. Where nodes cannot confirm it, people ask. Of what no block shows, such as the alert of another
    /// system, no node can say anything.
    /// </summary>
    public bool MayAskPeople(Incident incident) => nodes.RequiredForAgreement < 2
        || !InBlock(incident).Any()
        || (answers.TryGetValue((incident.Id, OfBlock(incident.Main).About), out var last) && last.IsAgreed != false);

    /// <summary>True where the last answer was that they agree on it. An attack that bids anew stays the one that they
    /// have seen.</summary>
    public bool IsConfirmed(IncidentId incident, Finding finding) => nodes.RequiredForAgreement < 2
        || (IsPending(finding) ? finding.Transactions.AsEnumerable() : [BlockOf(finding).Hash]).Any(
            one => answers.TryGetValue((incident, one), out var last) && last.IsAgreed == true);

    // Gives what was answered, which an earlier answer may be.
    private async Task<IReadOnlyCollection<Hash32>> AskAboutAsync(
        Incident incident, IReadOnlyList<Question> asked, Func<bool> isEnough, CancellationToken cancellationToken)
    {
        if (nodes.RequiredForAgreement < 2 || isEnough())
            return [.. asked.Select(one => one.About)];
        var answered = new ConcurrentQueue<Hash32>();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Together, CancellationToken = enough.Token };
        try
        {
            await Parallel.ForEachAsync(asked, options, async (one, cancel) =>
            {
                await AskAsync(incident, one, cancel);
                answered.Enqueue(one.About);
                if (isEnough())
                    await enough.CancelAsync();
            });
        }
        catch (OperationCanceledException)
        {
            // What was answered by then counts. Whoever ended it knows why.
        }
        return answered;
    }

    // The answer is recorded whenever it changes.
    private async Task AskAsync(Incident incident, Question asked, CancellationToken cancellationToken)
    {
        if (answers.TryGetValue((incident.Id, asked.About), out var last))
        {
            // Whole blocks are asked of every node: not every few seconds of a night that a node is down.
            var isRecent = (time.GetUtcNow() - last.At).Duration() < AskAgainAfter
                && (time.GetUtcNow() - incident.OpenedAt).Duration() > AskEagerlyFor;
            if (last.IsAgreed == true || (isRecent && last.IsAgreed is not null))
                return;
        }
        var (isAgreed, words) = asked.IsPending
            ? await PendingAgreementAsync(asked, cancellationToken)
            : await BlockAgreementAsync(asked.Block, cancellationToken);
        // Nobody was waited for: that is no answer.
        if (!isAgreed)
            cancellationToken.ThrowIfCancellationRequested();
        Take(incident, asked, isAgreed, words);
    }

    private void Take(Incident incident, Question asked, bool? isAgreed, string words)
    {
        var isAsked = answers.TryGetValue((incident.Id, asked.About), out var last);
        answers[(incident.Id, asked.About)] = new Answer(time.GetUtcNow(), isAgreed, words);
        var check = new IncidentEvent.EvidenceChecked(incident.Id, asked.Block, isAgreed == true, words);
        // Two things that are asked for in turn are not news each time.
        if (!isAsked || (last.IsAgreed, last.Words) != (isAgreed, words))
            logbook.Record((book, _) => Changes(book[incident.Id], check) ? [check] : []);
    }

    private async Task<(bool IsAgreed, string Words)> BlockAgreementAsync(
        BlockRef block, CancellationToken cancellationToken)
    {
        var agreement = await nodes.AgreedAsync(block, desk.TestimonyOf(block), cancellationToken);
        return (agreement is Agreement.Agreed, agreement.Words);
    }

    // What it was taken to do is not kept over a restart. Then it is for people, or for the block that comes.
    private async Task<(bool IsAgreed, string Words)> PendingAgreementAsync(
        Question asked, CancellationToken cancellationToken)
    {
        if (asked.Taken is not { } taken)
            return (false, $"what the {asked} was taken to do is not known any more");
        var agreement = await nodes.AgreedAsync(taken, cancellationToken);
        return (agreement.IsAgreed, agreement.Words);
    }

    private static bool Changes(Incident? incident, IncidentEvent.EvidenceChecked check) =>
        incident is not null
        && (incident.Evidence is not { } last
            || (last.Block, last.Agreed, last.Words) != (check.Block, check.Agreed, check.Words));

    private static List<Question> Distinct(IEnumerable<Question> asked) => [.. asked.DistinctBy(one => one.About)];

    private Question Of(Finding finding)
    {
        if (!IsPending(finding))
            return OfBlock(finding);
        var taken = desk.PendingOf(finding.Id);
        return new Question(taken?.Hash ?? finding.Transactions[^1], finding.Block, true, taken);
    }

    // What the incident is about, where a block shows it.
    private static IEnumerable<Finding> InBlock(Incident incident) =>
        BlockOf(incident.Main) == default ? [] : [incident.Main];

    private static Question OfBlock(Finding finding)
    {
        var block = BlockOf(finding);
        return new Question(block.Hash, block, false, null);
    }

    private static bool IsPending(Finding finding) =>
        finding.Detector == PendingAttackSettings.TheCard.Name && finding.Transactions.Count > 0;

    // A later revision, such as a confirmation, is given by a block that shows nothing of the attack.
    private static BlockRef BlockOf(Finding finding) => finding.Indicators.Count == 0
        ? finding.Block
        : finding.Indicators.MaxBy(indicator => indicator.Block.Number)!.Block;

    /// <param name="IsAgreed">Null where the nodes have not said in time.</param>
    private readonly record struct Answer(DateTimeOffset At, bool? IsAgreed, string Words);

    /// <param name="About">The hash of a block or of a pending transaction.</param>
    /// <param name="Taken">What a pending transaction was taken to do; null where that is not known any more.</param>
    private sealed record Question(Hash32 About, BlockRef Block, bool IsPending, PendingTransaction? Taken)
    {
        public override string ToString() => IsPending ? $"pending transaction {About}" : $"block {Block}";
    }
}

/// <summary>Too few nodes agree on the evidence, and nobody asked for the decision.</summary>
internal sealed class NotConfirmedException(string reason) : Exception(reason);
