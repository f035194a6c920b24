using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Money;
using Tocsin.Detection.Pegs;
using Tocsin.Evm.Inputs;
using Tocsin.Evm.Reads;

namespace Tocsin.Evaluation;

/// <summary>A series of flows and how a chain would have shown it.</summary>
/// <param name="Watch">What a protocol that depends on it would watch, with the detectors' own defaults.</param>
/// <param name="Steps">What the chain tells, in order; asked once.</param>
/// <param name="Event">What is known to have happened; null where nothing is.</param>
internal sealed record FlowSeries(
    string Name, string Kind, Watch Watch, Func<Engine, IEnumerable<Input>> Steps, FlowEvent? Event)
{
    /// <summary>Which part of what was taken was gone at an instant, where the file tells.</summary>
    public Func<DateTimeOffset, decimal>? TakenBefore { get; init; }

    private const int Decimals = 6;
    private const int RedeemersOfHour = 4;
    private const int TransactionsOfHour = 3;
    private static readonly ChainId Chain = new(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    // Silicon Valley Bank, which held a part of the reserve of USDC, was closed on 10 March; conversions were back to
    // normal after the weekend's rescue.
    private static readonly FlowEvent RunOnUsdc = new(
        "run on USDC", new(2023, 3, 10, 0, 0, 0, TimeSpan.Zero), new(2023, 3, 16, 0, 0, 0, TimeSpan.Zero), null, null);

    /// <summary>Mints and burns of each asset by day. How they lie within a day the file does not tell: they are spread
    /// evenly over its hours and over a few accounts.</summary>
    public static IEnumerable<FlowSeries> OfIssue(FlowTable table) =>
        table.Rows.Select(row => row.Text("asset")).Distinct().Order(StringComparer.Ordinal).Select(asset =>
        {
            var rows = table.Rows.Where(row => row.Text("asset") == asset && row.Time("time") is not null).ToList();
            var address = FlowChain.Account(asset);
            var watch = Watching([new Asset(asset, address, Decimals, 1m)], [], []) with { Pegs = [new Peg(asset, 1)] };
            return new FlowSeries(
                $"{table.Name} {asset}", "issue",
                watch with { Detectors = [new RedemptionRunSettings(asset)] },
                _ => IssueSteps(rows, address),
                asset == "usdc" && rows.Any(row => row.Time("time") == RunOnUsdc.From) ? RunOnUsdc : null);
        });

    /// <summary>The value of a pool by hour, as a pair of which each side is worth half.</summary>
    public static FlowSeries OfPool(FlowTable table)
    {
        var pool = FlowChain.Account(table.Name);
        var watch = Watching(
            [
                new Asset("base", FlowChain.Account("base"), Decimals, 1m),
                new Asset("quote", FlowChain.Account("quote"), Decimals, 1m),
            ],
            [new Pool("pool", pool, "base", "quote", true)], []);
        return new FlowSeries(
            table.Name, "pool", watch with { Detectors = [new LiquidityDropSettings("pool")] }, _ => Steps(), null);

        IEnumerable<Input> Steps()
        {
            var chain = new FlowChain();
            foreach (var row in table.Rows)
            {
                if (row.Time("time") is not { } time || row.Number("tvlUSD") is not { } value)
                    continue;
                var side = FlowChain.Amount(value / 2, Decimals);
                chain.Send(FlowChain.Hash($"sync {time:O}"), FlowChain.Account("provider"), pool,
                    FlowChain.SyncLog(pool, side, side));
                yield return chain.Close(time);
            }
        }
    }

    /// <summary>The liquidity in range of a Uniswap v3 pool by hour, as the pool answers.</summary>
    public static FlowSeries OfRange(FlowTable table)
    {
        var pool = FlowChain.Account(table.Name);
        var watch = Watching([], [], []) with
        {
            Detectors = [new LiquidityDropSettings(pool.ToString(), InRange: true)],
        };
        return new FlowSeries(table.Name, "range", watch, Steps, null);

        IEnumerable<Input> Steps(Engine engine)
        {
            var chain = new FlowChain();
            foreach (var row in table.Rows)
            {
                if (row.Time("time") is not { } time || !UInt256.TryParse(row.Text("liquidity"), out var liquidity))
                    continue;
                yield return chain.Close(time);
                yield return chain.Answer(engine, new Dictionary<StateRead, UInt256>
                {
                    [UniswapV3Liquidity.Of(pool).Read] = liquidity,
                });
            }
        }
    }

    /// <summary>What a lending reserve has to pay out by hour, supplied less borrowed, as transfers of the differences
    /// by a few transactions.</summary>
    public static FlowSeries OfReserve(FlowTable table)
    {
        var (token, reserve) = (FlowChain.Account("asset"), FlowChain.Account(table.Name));
        var watch = Watching(
            [new Asset("asset", token, Decimals, 1m)], [], [new ProtectedContract("reserve", reserve, "")]);
        return new FlowSeries(
            table.Name, "reserve", watch with { Detectors = [new OutflowDrainSettings("reserve")] }, Steps, null);

        IEnumerable<Input> Steps(Engine engine)
        {
            var chain = new FlowChain();
            var before = 0m;
            foreach (var row in table.Rows)
            {
                if (row.Time("time") is not { } time || row.Number("supplied_USD") is not { } supplied
                    || row.Number("borrowed_USD") is not { } borrowed)
                    continue;
                var now = Math.Max(0, supplied - borrowed);
                Move(chain, token, reserve, now - before, time);
                before = now;
                yield return chain.Close(time);
                yield return chain.Answer(engine, new Dictionary<StateRead, UInt256>
                {
                    [ProtocolReads.BalanceOf(token, reserve).Read] = FlowChain.Amount(now, Decimals),
                });
            }
        }
    }

    internal static Watch Watching(
        ValueList<Asset> assets, ValueList<Pool> pools, ValueList<ProtectedContract> contracts) =>
        new(Chain, assets, pools, contracts, new Thresholds());

    private static IEnumerable<Input> IssueSteps(List<FlowRow> rows, Address asset)
    {
        var chain = new FlowChain();
        var (issuer, holder) = (FlowChain.Account("issuer"), FlowChain.Account("holder"));
        foreach (var row in rows)
        {
            var day = row.Time("time")!.Value;
            var minted = FlowChain.Amount(Math.Abs(row.Number("mints") ?? 0) / 24, Decimals);
            var burnt = FlowChain.Amount(Math.Abs(row.Number("burns") ?? 0) / 24 / RedeemersOfHour, Decimals);
            for (var end = day + Hour; end <= day + 24 * Hour; end += Hour)
            {
                if (!minted.IsZero)
                    chain.Send(FlowChain.Hash($"mint {end:O}"), issuer, asset,
                        FlowChain.TransferLog(asset, Address.Zero, holder, minted));
                for (var i = 0; i < RedeemersOfHour && !burnt.IsZero; i++)
                    chain.Send(FlowChain.Hash($"burn {end:O} {i}"), FlowChain.Account($"redeemer {i}"), asset,
                        FlowChain.TransferLog(asset, holder, Address.Zero, burnt));
                yield return chain.Close(end);
            }
        }
    }

    private static void Move(FlowChain chain, Address token, Address reserve, decimal units, DateTimeOffset time)
    {
        var amount = FlowChain.Amount(Math.Abs(units) / TransactionsOfHour, Decimals);
        for (var i = 0; i < TransactionsOfHour && !amount.IsZero; i++)
        {
            var user = FlowChain.Account($"user {i}");
            chain.Send(FlowChain.Hash($"move {time:O} {i}"), user, reserve, units > 0
                ? FlowChain.TransferLog(token, user, reserve, amount)
                : FlowChain.TransferLog(token, reserve, user, amount));
        }
    }
}
