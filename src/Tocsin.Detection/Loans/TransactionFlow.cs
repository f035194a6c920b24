using Tocsin.Chains;
using Tocsin.Detection.Conduct;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Reading;
using Tocsin.Evm.Blocks;

namespace Tocsin.Detection.Loans;

/// <summary>
/// Who gained and who lost of the watched assets within one transaction. Used again for the next one, so that following
/// transfers between strangers allocates nothing.
/// </summary>
internal sealed class TransactionFlow(Watch watch)
{
    private readonly Dictionary<Address, int> assets = Enumerable.Range(0, watch.Assets.Count)
        .ToDictionary(i => watch.Assets[i].Address);

    private readonly Dictionary<Address, string> ours =
        watch.Contracts.ToDictionary(contract => contract.Address, contract => contract.Name);

    private readonly Address[] issuers =
        [.. watch.Assets.Select(asset => asset.Issuer is { } issuer ? watch.AddressOf(issuer)!.Value : Address.Zero)];

    private readonly HashSet<Address> pools = [.. watch.Pools.Select(pool => pool.Address)];
    private readonly HashSet<Address> markets = [];
    private bool isOurs;

    public TokenBalances Balances { get; } = new();

    /// <summary>A balance of a protected contract changed.</summary>
    public bool ConcernsUs => isOurs;

    public void Clear()
    {
        Balances.Clear();
        markets.Clear();
        isOurs = false;
    }

    /// <summary>True for what trades with everybody: not the side that acts, nor a lender.</summary>
    public bool IsMarket(Address account) => markets.Contains(account) || pools.Contains(account);

    public bool IsOurs(Address account) => ours.ContainsKey(account);

    public void AddMarket(Address account) => markets.Add(account);

    /// <summary>A <c>Transfer</c> of a watched asset.</summary>
    public void Take(in Log log)
    {
        if (log.Topics.Count != 3 || !LogWords.TryRead(log.Data.Span, 0, out var amount))
            return;
        Move(log.Address, LogWords.AddressOf(log.Topics[1]), LogWords.AddressOf(log.Topics[2]), amount);
    }

    /// <summary>What the calls of a transaction moved: for tokens that write no events.</summary>
    public void Take(TracedCall[] calls)
    {
        foreach (var call in calls)
        {
            if (!call.IsAct || call.Frame.To is not { } to)
                continue;
            if (call.Is(Functions.PairSwap) || call.Is(Functions.PoolSwap)
                || call.Function is { } exchange && Functions.Exchanges.Contains(exchange))
                markets.Add(to);
            if (call.Is(Functions.Transfer) && call.Word(1) is { } sent)
                Move(to, call.Frame.From, call.WordAddress(0)!.Value, sent);
            else if (call.Is(Functions.TransferFrom) && call.Word(2) is { } drawn)
                Move(to, call.WordAddress(0)!.Value, call.WordAddress(1)!.Value, drawn);
        }
    }

    /// <summary>What each protected contract gained or lost.</summary>
    public ValueList<Flow> Flows()
    {
        var flows = new List<Flow>();
        foreach (var balance in Balances.AsSpan())
            if (ours.TryGetValue(balance.Account, out var name)
                && balance.NetUnits(watch.Assets[balance.Asset].Decimals) is not 0 and var units)
                flows.Add(new Flow(name, watch.Assets[balance.Asset].Name, units));
        return [.. flows];
    }

    /// <summary>What somebody gained (below 0: lost) at the prices before the block.</summary>
    public decimal Usd(in TokenBalance balance, BlockScene scene) =>
        scene.UsdPrice(watch.Assets[balance.Asset].Address) is { } price
            ? Amounts.Usd(balance.NetUnits(watch.Assets[balance.Asset].Decimals), price)
            : 0;

    /// <summary>What protected contracts gave, and got, by asset and contract, in US dollars: both above 0.</summary>
    public (decimal Gave, decimal Got) Exchange(BlockScene scene)
    {
        var (gave, got) = (0m, 0m);
        foreach (var balance in Balances.AsSpan())
        {
            if (!ours.ContainsKey(balance.Account))
                continue;
            var usd = Usd(balance, scene);
            (gave, got) = usd < 0 ? (gave - usd, got) : (gave, got + usd);
        }
        return (gave, got);
    }

    private void Move(Address token, Address from, Address to, UInt256 amount)
    {
        if (amount.IsZero || !assets.TryGetValue(token, out var asset))
            return;
        from = from.IsZero ? issuers[asset] : from;
        to = to.IsZero ? issuers[asset] : to;
        if (from == to)
            return;
        isOurs |= ours.ContainsKey(from) || ours.ContainsKey(to);
        Balances.Move(asset, from, to, amount);
    }
}
