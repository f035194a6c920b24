using Tocsin.Evm.Inputs;

namespace Tocsin.Chain;

/// <summary>
/// The nodes of one chain behind one door. Reads go to the node with the highest weight times health, to the next one
/// where that fails, and to a second one beside it where it is slow; the first usable answer wins. A node that asks us
/// to slow down is left alone until it has rested. What is wrong with a node is told when it begins and when it is
/// over. Safe for concurrent use; every method throws <see cref="NodeException"/> where no node gives a usable answer.
/// </summary>
public sealed partial class Nodes
{
    // The present first node is kept until another is clearly better: views of two nodes differ by a block or so.
    private const double KeepUnlessBetterBy = 1.25;

    private const string NoNodeAnswers =
        "no node of the chain gives a usable answer: check each of them, and the network between";

    private readonly Witness[] witnesses;
    private readonly Witness all;
    private readonly NodesOptions options;
    private readonly TimeProvider time;
    private Witness? preferred;

    /// <param name="tell">
    /// Hears each symptom begin and end, in order for each node; it must neither block nor call back.
    /// </param>
    /// <exception cref="ArgumentException">No node, or two of one name.</exception>
    public Nodes(
        IReadOnlyList<NamedNode> nodes,
        TimeProvider time,
        NodesOptions? options = null,
        Action<NodeNotice>? tell = null)
    {
        if (nodes.Count == 0)
            throw new ArgumentException("a chain needs at least one node", nameof(nodes));
        if (nodes.DistinctBy(node => node.Name).Count() != nodes.Count)
            throw new ArgumentException("two nodes of a chain have the same name", nameof(nodes));
        if (nodes.FirstOrDefault(node => !(node.Weight > 0)) is { } weightless)
            throw new ArgumentException($"the weight of {weightless.Name} is not above 0", nameof(nodes));
        this.options = options ?? new NodesOptions();
        this.time = time;
        witnesses = [.. nodes.Select(node => new Witness(node.Name, node, this.options, tell))];
        // All together are judged by time alone: a block that the second node has a moment later is asked for often.
        all = new Witness(
            Arrival.AllNodes, null, this.options with { BeginAfterFaults = int.MaxValue / 2 }, tell);
    }

    public IReadOnlyList<string> Names => [.. witnesses.Select(witness => witness.Name)];

    /// <summary>How messages name them; without credentials.</summary>
    public string Label => string.Join(", ", witnesses.Select(witness => $"{witness.Name} ({witness.Node.Label})"));

    /// <summary>How many must say the same before anything automatic may follow.</summary>
    public int RequiredForAgreement => options.AgreeingNodes ?? Math.Min(2, witnesses.Length);

    /// <summary>One of them by its name, for what must not be asked of another.</summary>
    /// <exception cref="InvalidOperationException">No node of that name.</exception>
    public Node Named(string name) => witnesses.Single(witness => witness.Name == name).Node;

    /// <summary>What is wrong with that node just now.</summary>
    /// <exception cref="InvalidOperationException">No node of that name.</exception>
    public IReadOnlyList<NodeSymptom> SymptomsOf(string node) =>
        witnesses.Single(witness => witness.Name == node).Symptoms();

    public override string ToString() => Label;

    /// <summary>Any read. Nothing that has an effect: it may be asked of several nodes at once.</summary>
    /// <exception cref="NodeException">
    /// A revert, as the first node told it; otherwise, where no node answered, what the first to refuse said, or else
    /// the first fault. <see cref="NodeFault.Throttled"/> where all of them rest.
    /// </exception>
    public async Task<T> AskAsync<T>(
        Func<Node, CancellationToken, Task<T>> ask, CancellationToken cancellationToken) =>
        (await RaceAsync((witness, cancel) => ask(witness.Node, cancel), _ => true, cancellationToken)).Value;

    /// <summary>Any read, with the name of the node that gave the answer.</summary>
    /// <param name="isUseful">
    /// Where false, the other nodes are asked too, and this answer is given only if none has a useful one.
    /// </param>
    public Task<Told<T>> AskWhoAsync<T>(
        Func<Node, CancellationToken, Task<T>> ask, Func<T, bool> isUseful, CancellationToken cancellationToken) =>
        RaceAsync((witness, cancel) => ask(witness.Node, cancel), isUseful, cancellationToken);

    private async Task<Told<T>> RaceAsync<T>(
        Func<Witness, CancellationToken, Task<T>> ask, Func<T, bool> isUseful, CancellationToken cancellationToken)
    {
        try
        {
            using var race = new AskRace<T>(this, Order(), ask, cancellationToken);
            var told = await race.RunAsync(isUseful);
            all.See(Aspect.Answers, null, time.GetUtcNow());
            return told;
        }
        catch (NodeException fault) when (fault is not { Fault: NodeFault.Refused, Error: not null })
        {
            all.See(Aspect.Answers, NoNodeAnswers, time.GetUtcNow());
            throw;
        }
    }

    /// <summary>One ask of one node, with what follows for its health.</summary>
    private async Task<T> AttemptAsync<T>(
        Witness witness, Func<Witness, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        ChainMeter.Asked(witness.Name);
        try
        {
            await VerifyChainAsync(witness, cancellationToken);
            var answer = await ask(witness, cancellationToken);
            ChainMeter.Answered(witness.Name, time.GetElapsedTime(began));
            witness.Answered(time.GetElapsedTime(began), time.GetUtcNow());
            return answer;
        }
        catch (NodeException fault)
        {
            ChainMeter.Failed(witness.Name, fault.Fault);
            witness.Failed(fault, time.GetUtcNow());
            throw;
        }
        catch (OperationCanceledException)
        {
            witness.Outrun(time.GetElapsedTime(began));
            throw;
        }
    }

    private async Task VerifyChainAsync(Witness witness, CancellationToken cancellationToken)
    {
        if (options.ExpectedChain is not { } expected || witness.ChainIsVerified)
            return;
        var chain = await witness.Node.ChainIdAsync(cancellationToken);
        if (chain == expected)
        {
            witness.ChainIsVerified = true;
            witness.See(Aspect.Chain, null, time.GetUtcNow());
            return;
        }
        var words = $"the node {witness.Name} at {witness.Node.Label} is on chain {chain}, not on chain {expected}: "
            + "check the address of the node and the configured chain id";
        witness.See(Aspect.Chain, words, time.GetUtcNow());
        throw new NodeException(NodeFault.Inconsistent, words);
    }

    /// <summary>Those that may be asked now, the best one first.</summary>
    private IReadOnlyList<Witness> Order()
    {
        var now = time.GetUtcNow();
        var awake = witnesses.Where(witness => !witness.IsResting(now)).ToArray();
        if (awake.Length == 0)
            throw AllRest(now);
        var before = Volatile.Read(ref preferred);
        Witness[] order = [.. awake.OrderByDescending(witness =>
            witness.Value(now) * (witness == before ? KeepUnlessBetterBy : 1))];
        Volatile.Write(ref preferred, order[0]);
        return order;
    }

    private NodeException AllRest(DateTimeOffset now)
    {
        var first = witnesses.MinBy(witness => witness.RestUntil())!;
        var wait = first.RestUntil() - now;
        return new NodeException(
            NodeFault.Throttled,
            $"every node of the chain asked us to slow down; {first.Name} is asked again in "
            + $"{wait.TotalSeconds:0.###} s: check the quota of the access keys, or add a node",
            error: null,
            wait);
    }

    private TimeSpan HedgeAfter(Witness witness)
    {
        if (options.HedgeAfter is { } always)
            return always;
        var usual = witness.Percentile95() ?? options.HedgeAfterAtMost;
        if (usual < options.HedgeAfterAtLeast)
            return options.HedgeAfterAtLeast;
        return usual < options.HedgeAfterAtMost ? usual : options.HedgeAfterAtMost;
    }
}
