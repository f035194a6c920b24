using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <content>What several nodes say of the same block.</content>
public sealed partial class Nodes
{
    private readonly Lock disputes = new();
    private ulong? disputed;

    // UTC ticks at which too few nodes agreed the last time; 0 for never.
    private long unconfirmedAt;

    /// <summary>
    /// Whether <see cref="RequiredForAgreement"/> nodes say the same of a block: to be asked before anything automatic
    /// follows from it. <see cref="Agreement"/> says what that proves. The nodes are asked anew. As many as required
    /// are asked first, others where those cannot say; where two differ, all of them are asked.
    /// </summary>
    /// <param name="taken">
    /// What detection has taken that block for (<see cref="Testimony.Of"/>). Without it the nodes may agree on
    /// something else than one of them told before.
    /// </param>
    public async Task<Agreement> AgreedAsync(
        BlockRef block, Testimony? taken, CancellationToken cancellationToken)
    {
        var required = RequiredForAgreement;
        var agreement = required > witnesses.Length
            ? new Agreement.NotEnough(
                block, $"{required} nodes must say the same, but only {witnesses.Length} are configured")
            : await AskForAgreementAsync(block, required, taken, cancellationToken);
        if (agreement is not Agreement.Agreed)
            Interlocked.Exchange(ref unconfirmedAt, time.GetUtcNow().UtcTicks);
        all.See(
            Aspect.Confirmation, agreement is Agreement.Agreed ? null : agreement.Words, time.GetUtcNow());
        return agreement;
    }

    /// <summary>Asks every node that does not rest for that block, and sees who is alone with what it says.</summary>
    public async Task<Agreement> CompareAsync(ulong number, CancellationToken cancellationToken)
    {
        var (told, silent) = await HearAsync(Awake(), number, cancellationToken);
        Weigh(number, told);
        var block = told.Count > 0 ? (Agreement.OfMost(told) ?? told[0].Value).Block : new BlockRef(number, default);
        return Agreement.Judge(block, Math.Min(2, witnesses.Length), told, silent, taken: null);
    }

    private async Task<Agreement> AskForAgreementAsync(
        BlockRef block, int required, Testimony? taken, CancellationToken cancellationToken)
    {
        var told = new List<Told<Testimony>>();
        var silent = witnesses.Except(Awake())
            .Select(witness => new Statement(witness.Name, "asked us to slow down and is left alone"))
            .ToList();
        var left = new Queue<Witness>(Awake());
        while (left.Count > 0 && told.Count < required)
        {
            var next = Enumerable.Range(0, Math.Min(left.Count, required - told.Count)).Select(_ => left.Dequeue());
            await HearMoreAsync([.. next]);
        }
        if (told.Any(one => one.Value != told[0].Value))
            await HearMoreAsync([.. left]);
        Weigh(block.Number, told);
        return Agreement.Judge(block, required, told, silent, taken);

        async Task HearMoreAsync(Witness[] next)
        {
            var (more, mute) = await HearAsync(next, block.Number, cancellationToken);
            told.AddRange(more);
            silent.AddRange(mute);
        }
    }

    private Witness[] Awake()
    {
        var now = time.GetUtcNow();
        return [.. witnesses.Where(witness => !witness.IsResting(now)).OrderByDescending(one => one.Value(now))];
    }

    private async Task<(List<Told<Testimony>> Told, List<Statement> Silent)> HearAsync(
        IEnumerable<Witness> asked, ulong number, CancellationToken cancellationToken)
    {
        var told = new List<Told<Testimony>>();
        var silent = new List<Statement>();
        var answers = asked.Select(async witness => (witness, await HearAsync(witness, number, cancellationToken)));
        foreach (var (witness, (testimony, why)) in await Task.WhenAll(answers))
        {
            if (testimony is not null)
                told.Add(new Told<Testimony>(witness.Name, testimony));
            else
                silent.Add(new Statement(witness.Name, why!));
        }
        return (told, silent);
    }

    private async Task<(Testimony? Testimony, string? Why)> HearAsync(
        Witness witness, ulong number, CancellationToken cancellationToken)
    {
        try
        {
            var testimony = await AttemptAsync(
                witness,
                async (one, cancel) =>
                    Promised(one, number, await TestimonyAsync(one, number, cancel), has => has is not null),
                cancellationToken);
            return (testimony, testimony is null ? "does not have it yet" : null);
        }
        catch (NodeException fault)
        {
            return (null, $"cannot say: {fault.Message}");
        }
    }

    private async Task<Testimony?> TestimonyAsync(Witness witness, ulong number, CancellationToken cancellationToken)
    {
        var reader = new BlockReader();
        return await WholeAsync(witness, number, reader, cancellationToken) is { } block
            ? Testimony.Of(block) with { Unproven = reader.Unproven }
            : null;
    }

    // A block that does not fit together is asked for again: perhaps the chain changed between two requests.
    private async Task<Block?> WholeAsync(
        Witness witness, ulong number, BlockReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await witness.Node.BlockAsync(number, reader, cancellationToken);
        }
        catch (NodeException fault) when (fault.Fault == NodeFault.Inconsistent)
        {
            Dispute(number, isOpen: true);
            throw;
        }
    }

    private ulong? Disputed()
    {
        lock (disputes)
            return disputed;
    }

    private void Dispute(ulong number, bool isOpen)
    {
        lock (disputes)
        {
            if (isOpen)
                disputed = number;
            else if (disputed == number)
                disputed = null;
        }
    }

    // Where no side has the majority, both are suspect: nothing says which of the two lies.
    private void Weigh(ulong number, IReadOnlyList<Told<Testimony>> told)
    {
        if (told.Count == 0)
            return;
        var suspects = witnesses.Where(witness => witness.IsSuspect(Aspect.BlockTruth));
        if (told.Any(one => one.Value != told[0].Value))
            Dispute(number, isOpen: true);
        else if (suspects.All(suspect => told.Any(one => one.Node == suspect.Name)))
            Dispute(number, isOpen: false);
        var most = Agreement.OfMost(told);
        var now = time.GetUtcNow();
        foreach (var one in told)
        {
            var other = most ?? told.First(another => another.Value != one.Value).Value;
            var difference = one.Value.DifferenceFrom(other);
            var who = string.Join(
                " and ", told.Where(another => another.Value == other).Select(another => another.Node));
            witnesses.Single(witness => witness.Name == one.Node).See(
                Aspect.BlockTruth, difference is null ? null : $"{one.Node} {difference} as by {who}", now);
        }
    }
}
