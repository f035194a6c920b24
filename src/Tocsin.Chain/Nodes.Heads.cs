namespace Tocsin.Chain;

/// <content>The heads of all nodes, and the look at all of them that goes on beside the work.</content>
public sealed partial class Nodes
{
    private DateTimeOffset comparedAt = DateTimeOffset.MinValue;

    /// <summary>The newest block of the best node, and that node's view: another may be ahead or behind.</summary>
    public async Task<NodeHead> HeadAsync(CancellationToken cancellationToken) =>
        (await RaceAsync(HeadOfAsync, _ => true, cancellationToken)).Value;

    /// <summary>
    /// Looks at every node, again and again, until cancelled: so that a node which is not used is known to be well
    /// before it is needed, and a symptom is seen to end.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await ProbeAsync(cancellationToken);
            await Task.Delay(options.ProbeEvery, time, cancellationToken);
        }
    }

    /// <summary>
    /// Asks every node that does not rest for its head, and now and then for the newest block that all of them have. As
    /// long as one is suspected to lie about a block, all are asked for that very block at each look.
    /// </summary>
    /// <returns>The heads told, by node.</returns>
    public async Task<IReadOnlyList<NodeHead>> ProbeAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var awake = witnesses.Where(witness => !witness.IsResting(now)).ToArray();
        var heads = await Task.WhenAll(awake.Select(witness => HeadOrNullAsync(witness, cancellationToken)));
        NodeHead[] told = [.. heads.OfType<NodeHead>()];
        // When all have told: who answers first must not be judged by what the others said the last time.
        foreach (var (witness, head) in awake.Zip(heads))
        {
            if (head is not null)
                Judge(witness);
        }
        foreach (var witness in awake)
            await KeepsItsWordAsync(witness, cancellationToken);
        var suspicion = Array.Exists(awake, witness => witness.IsSuspect(Aspect.BlockTruth));
        if (told.Length > 0 && (suspicion || now - comparedAt >= options.CompareEvery))
        {
            comparedAt = now;
            var disputedOne = suspicion ? Disputed() : null;
            await CompareAsync(disputedOne ?? CommonHeight(told), cancellationToken);
        }
        all.See(Aspect.Answers, told.Length > 0 ? null : NoNodeAnswers, now);
        // Once they agree, or nobody needs them to, nobody asks again: then no news is good news.
        if (now.UtcTicks - Interlocked.Read(ref unconfirmedAt) >= options.EndAfter.Ticks)
            all.See(Aspect.Confirmation, null, now);
        return told;
    }

    // A liar's head, far below or beyond, must not choose the block by which the nodes are compared.
    private static ulong CommonHeight(NodeHead[] told)
    {
        var middle = told.Select(head => head.Number).Order().ElementAt((told.Length - 1) / 2);
        return told.Length <= 2 ? told.Min(head => head.Number) : middle;
    }

    private async Task<NodeHead?> HeadOrNullAsync(Witness witness, CancellationToken cancellationToken)
    {
        try
        {
            return await AttemptAsync(witness, ToldHeadAsync, cancellationToken);
        }
        catch (NodeException)
        {
            return null; // It is in the node's health already.
        }
    }

    private async Task<NodeHead> HeadOfAsync(Witness witness, CancellationToken cancellationToken)
    {
        var head = await ToldHeadAsync(witness, cancellationToken);
        Judge(witness);
        return head;
    }

    private async Task<NodeHead> ToldHeadAsync(Witness witness, CancellationToken cancellationToken)
    {
        var (block, dated) = await witness.Node.DatedHeadAsync(cancellationToken);
        var head = new NodeHead(witness.Name, block, dated);
        witness.Told(head, time.GetUtcNow());
        return head;
    }

    private void Judge(Witness witness)
    {
        if (witness.Look() is not { } look)
            return;
        var now = time.GetUtcNow();
        var others = witnesses.Where(other => other != witness)
            .Select(other => other.Look())
            .OfType<HeadLook>()
            .ToArray();
        var judgement = HeadJudgement.Of(look, others, now, options);
        witness.See(Aspect.HeadTruth, Sentence(witness, judgement.Lie), now);
        witness.See(Aspect.Progress, Sentence(witness, judgement.Lag), now);
    }

    private static string? Sentence(Witness witness, string? words) =>
        words is null ? null : $"{witness.Name} {words}";

    // Only where it is in doubt: a node that announced what it does not have is asked for that very block.
    private async Task KeepsItsWordAsync(Witness witness, CancellationToken cancellationToken)
    {
        if (!witness.IsSuspect(Aspect.Promises) || witness.Head() is not { } head)
            return;
        try
        {
            Promised(
                witness,
                head.Number,
                await witness.Node.BlockRefAsync(head.Number, cancellationToken),
                has => has is not null);
        }
        catch (NodeException fault)
        {
            witness.Failed(fault, time.GetUtcNow());
        }
    }
}
