using Tocsin.Chains;
using Tocsin.Detection.Conduct;
using Tocsin.Detection.Monitoring;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Detection.Detectors;

/// <summary>Where and when a detector looks, what things are worth there, and where it reports.</summary>
/// <param name="before">What pools held before a block that is remembered.</param>
internal sealed class BlockScene(
    WatchIndex index, ReserveBook prices, OpenFindings findings, Func<ulong, ReserveBook> before)
{
    private TransactionTrace? lastTrace;
    private TracedCall[] lastCalls = [];

    public Watch Watch => index.Watch;

    public BlockRef Block { get; private set; }

    /// <summary>The block's own time.</summary>
    public DateTimeOffset Time { get; private set; }

    /// <summary>Null where that is not known, and for what is told after the block.</summary>
    public BlockGas? Gas { get; private set; }

    public void Enter(BlockRef block, DateTimeOffset time, BlockGas? gas = null) =>
        (Block, Time, Gas) = (block, time, gas);

    /// <summary>The tree of a trace's calls, made once for all who look at it one after the other.</summary>
    public TracedCall[] CallsOf(TransactionTrace trace)
    {
        if (!ReferenceEquals(trace, lastTrace))
            (lastTrace, lastCalls) = (trace, TracedCall.Read(trace.Frames));
        return lastCalls;
    }

    /// <summary>US dollars for one whole unit, by what pools held before the block; null where nothing tells.</summary>
    public decimal? UsdPrice(Address token) =>
        index.TryAsset(token, out var asset) ? index.UsdPrice(asset, prices) : null;

    /// <summary>An amount of a watched asset in whole units; null where the token is not watched.</summary>
    public decimal? Units(Address token, UInt256 amount) =>
        index.TryAsset(token, out var asset) ? Amounts.Units(amount, index.Watch.Assets[asset].Decimals) : null;

    /// <summary>True for what is protected, priced or traded by the watch, which is nobody's account.</summary>
    public bool IsWatched(Address address) => index.IsWatched(address);

    public bool IsProtected(Address address) => index.TryContract(address, out _);

    /// <summary>What an amount of a watched asset is worth in US dollars; null where nothing tells.</summary>
    public decimal? Usd(Address token, UInt256 amount) =>
        Units(token, amount) is { } units && UsdPrice(token) is { } price ? Amounts.Usd(units, price) : null;

    /// <summary>Who acts in the attacks that are under way, each with the finding that names it.</summary>
    public IEnumerable<Culprit> Culprits => findings.Culprits(Time);

    /// <summary>The name of what is watched at an address, otherwise the address.</summary>
    public string NameOf(Address address)
    {
        if (index.TryContract(address, out var contract))
            return Watch.Contracts[contract].Name;
        if (index.TryAsset(address, out var asset))
            return Watch.Assets[asset].Name;
        if (index.TryPool(address, out var pool))
            return Watch.Pools[pool].Name;
        foreach (var control in Watch.Controls.AsSpan())
            if (control.Address == address)
                return control.Name;
        return address.ToString();
    }

    /// <inheritdoc cref="ProvenAttacks.WithCodeOf"/>
    public ProvenAttack? AttackWithCodeOf(Address contract) => findings.AttackWithCodeOf(contract, Time);

    /// <inheritdoc cref="OpenFindings.Has(Hash32)"/>
    public bool Has(Hash32 transaction) => findings.Has(transaction);

    /// <inheritdoc cref="OpenFindings.Has(Threat, Hash32)"/>
    public bool Has(Threat threat, Hash32 transaction) => findings.Has(threat, transaction);

    /// <summary>What protected contracts lost together by these flows, at the prices before the block.</summary>
    public Loss LossOf(IEnumerable<Flow> flows) => Loss.Of(flows, index, prices);

    /// <summary>An observation in a transaction.</summary>
    /// <param name="name">One of <see cref="IndicatorNames"/>.</param>
    /// <param name="measured">In the unit of the threshold; the strength follows from the two.</param>
    /// <param name="reason">What was seen, against what, and why it matters: a sentence.</param>
    public Indicator Indicate(
        string name, in Transaction transaction, string subject, decimal measured, decimal threshold, string reason) =>
        Indicate(name, transaction.Hash, transaction.From, subject, measured, threshold, reason);

    /// <summary>An observation that belongs to the block as a whole where there is no transaction.</summary>
    public Indicator Indicate(
        string name, Hash32 transaction, Address origin, string subject, decimal measured, decimal threshold,
        string reason) =>
        new(name, Block, Time, transaction, origin, subject, Math.Round(measured, 6), threshold,
            Weights.Strength(measured, threshold), reason);

    /// <summary>
    /// Reports a hit: it goes on with the finding of the same threat that has its key or, where it has none, one of its
    /// addresses, if that was last hit within <see cref="Engine.AttackGap"/>; otherwise it begins one.
    /// </summary>
    public void Report(Threat threat, Hit hit) => findings.Add(threat, hit, () => before(
        hit.HonestBefore ?? (hit.Transactions.Count > 0 ? hit.Transactions[0].Block : Block).Number).ToList(Watch));
}

/// <summary>When something arrived from beside the chain, and where a detector says what lasts.</summary>
internal sealed class ArrivalScene(Conditions conditions, WatchIndex index, ReserveBook prices)
{
    private List<Finding> findings = [];

    /// <summary>The instant of the arrival; never earlier than that of the one before, but for a clock that was set
    /// back.</summary>
    public DateTimeOffset Now { get; private set; }

    /// <summary>The block last taken; null before the first.</summary>
    public BlockRef? Head { get; private set; }

    public void Enter(DateTimeOffset now, BlockRef? head, List<Finding> into) =>
        (Now, Head, findings) = (now, head, into);

    public WatchIndex Index => index;

    /// <summary>What pools held before the block last taken; not to be changed.</summary>
    public ReserveBook Prices => prices;

    /// <inheritdoc cref="Conditions.Present"/>
    public void Present(Trouble trouble, bool isNews = false) =>
        conditions.Present(trouble, Now, Head, findings, isNews);

    /// <inheritdoc cref="Conditions.Absent"/>
    public void Absent(ConditionKey key, string ending, TimeSpan atLeast = default) =>
        conditions.Absent(key, Now, ending, atLeast);

    public bool IsOpen(ConditionKey key) => conditions.IsOpen(key);
}
