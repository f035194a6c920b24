using System.Numerics;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;

namespace Tocsin.Tests.Detection;

/// <summary>
/// A small protocol on a small chain, told block by block: a market and a vault to protect, a pair with 100,000 GEM and
/// 1,000,000 dUSD, a second pair elsewhere, a lender of flash loans. Blocks are 12 s apart.
/// </summary>
internal sealed class Story
{
    public static readonly Address Dusd = Account(0xd1);
    public static readonly Address Gem = Account(0xd2);
    public static readonly Address Usdc = Account(0xd3);
    public static readonly Address Pair = Account(0xe1);
    public static readonly Address OtherPair = Account(0xe2);
    public static readonly Address Market = Account(0xf1);
    public static readonly Address Vault = Account(0xf2);
    public static readonly Address Lender = Account(0xc1);
    public static readonly Address Router = Account(0xc2);
    public static readonly Address Attacker = Account(0xa1);
    public static readonly Address AttackContract = Account(0xa2);
    public static readonly Address OtherAttacker = Account(0xa3);
    public static readonly Address OtherAttackContract = Account(0xa4);

    public static readonly Watch Watch = new(
        new ChainId(31337),
        [
            new Asset("dUSD", Dusd, 18, 1m, "vault"),
            new Asset("GEM", Gem, 18, null),
            new Asset("USDC", Usdc, 6, 1m),
        ],
        [new Pool("GEM/dUSD", Pair, "GEM", "dUSD", true), new Pool("dUSD/GEM two", OtherPair, "GEM", "dUSD", false)],
        [new ProtectedContract("market", Market, "lending"), new ProtectedContract("vault", Vault, "issuance")],
        new Thresholds());

    private static readonly DateTimeOffset Genesis = new(2026, 3, 1, 3, 0, 0, TimeSpan.Zero);

    private readonly List<(Block Block, Dictionary<Address, (decimal Gem, decimal Dusd)> Pools)> chain = [];
    private int blocksMade;
    private int transactionsMade;

    public Story()
    {
        Pools = new() { [Pair] = (100_000m, 1_000_000m), [OtherPair] = (100_000m, 1_010_000m) };
    }

    public Dictionary<Address, (decimal Gem, decimal Dusd)> Pools { get; private set; }

    public IReadOnlyList<Block> Blocks => [.. chain.Select(entry => entry.Block)];

    public static Address Account(int number) => new(new UInt256(0, (UInt128)number).ToArray().AsSpan(12));

    public static Hash32 Hash(int kind, int number) => new(new UInt256((UInt128)kind << 64, (UInt128)number).ToArray());

    public static ChainStep Step(Block block) => new ChainStep.Forward(block);

    /// <summary>The next block with these transactions.</summary>
    public ChainStep Next(params Action<TransactionStory>[] transactions) => Step(NextBlock(transactions));

    public Block NextBlock(params Action<TransactionStory>[] transactions)
    {
        var told = new List<Transaction>();
        var logs = 0;
        foreach (var tell in transactions)
        {
            var story = new TransactionStory(this, Hash(1, ++transactionsMade), told.Count, logs);
            tell(story);
            told.Add(story.Done());
            logs += told[^1].Logs.Length;
        }
        var number = chain.Count;
        var parent = number == 0 ? Hash32.Zero : chain[^1].Block.Ref.Hash;
        var block = new Block(new BlockRef((ulong)number, Hash(2, ++blocksMade)), parent,
            Genesis.AddSeconds(12 * number), told.ToArray());
        chain.Add((block, new(Pools)));
        return block;
    }

    /// <summary>Takes back every block above that number.</summary>
    public ChainStep BackTo(int number)
    {
        chain.RemoveRange(number + 1, chain.Count - number - 1);
        Pools = new(chain[number].Pools);
        return new ChainStep.Rollback(chain[number].Block.Ref);
    }

    /// <summary>Opens with a block in which someone adds a little liquidity to both pairs, so that prices are
    /// known.</summary>
    public ChainStep Begin() => Next(
        tx => tx.By(Account(1), Router).Resize(Pair, 1m),
        tx => tx.By(Account(1), Router).Resize(OtherPair, 1m));

    /// <summary>The attack of the demonstration, in one transaction.</summary>
    public static Action<TransactionStory> Attack(Address? by = null, Address? through = null, int? hash = null) =>
        tx =>
    {
        var contract = through ?? AttackContract;
        tx.By(by ?? Attacker, contract);
        if (hash is { } number)
            tx.Hash = Hash(3, number);
        tx.Transfer(Dusd, Lender, contract, 4_000_000m);
        var bought = tx.BuyGem(contract, 4_000_000m);
        // A pool that is nearly drained sells less than the collateral of the demonstration.
        var collateral = Math.Min(2_300m, Math.Round(bought / 2, 6));
        tx.Transfer(Gem, contract, Market, collateral).Transfer(Dusd, Market, contract, 400_000m);
        tx.SellGem(contract, bought - collateral);
        tx.Transfer(Dusd, contract, Lender, 4_002_000m);
    };

    public static List<Finding> Run(Engine engine, params IEnumerable<ChainStep> steps)
    {
        var findings = new List<Finding>();
        foreach (var step in steps)
            findings.AddRange(engine.Step(step));
        return findings;
    }

    public static UInt256 Wei(decimal units, int decimals = 18) =>
        (UInt256)((BigInteger)(units * 1_000_000m) * BigInteger.Pow(10, decimals) / 1_000_000);
}

/// <summary>One transaction, told log by log.</summary>
internal sealed class TransactionStory(Story story, Hash32 hash, int index, int firstLog)
{
    private readonly List<Log> logs = [];
    private Address from = Story.Account(1);
    private Address? to;
    private bool succeeded = true;

    public Hash32 Hash { get; set; } = hash;

    public byte[] Input { get; set; } = [0xde, 0xad, 0xbe, 0xef, 0x00];

    public TransactionStory By(Address sender, Address? called)
    {
        (from, to) = (sender, called);
        return this;
    }

    public TransactionStory Reverted()
    {
        succeeded = false;
        return this;
    }

    public TransactionStory Transfer(Address asset, Address giver, Address receiver, decimal units) => Log(asset,
        [Topics.Transfer, Topic(giver), Topic(receiver)], Story.Wei(units, asset == Story.Usdc ? 6 : 18));

    public TransactionStory Mint(Address asset, Address receiver, decimal units) =>
        Transfer(asset, Address.Zero, receiver, units);

    public TransactionStory Burn(Address asset, Address giver, decimal units) =>
        Transfer(asset, giver, Address.Zero, units);

    public TransactionStory Log(Address emitter, Hash32[] topics, params UInt256[] words) =>
        RawLog(emitter, topics, [.. words.SelectMany(word => word.ToArray())]);

    public TransactionStory RawLog(Address emitter, Hash32[] topics, byte[] data)
    {
        logs.Add(new Log(firstLog + logs.Count, emitter, LogTopics.Create(topics), data));
        return this;
    }

    /// <summary>Pays dUSD into a pair and takes GEM out at Uniswap V2's price with its 0.3 % fee.</summary>
    public decimal BuyGem(Address trader, decimal dusd, Address? at = null)
    {
        var pair = at ?? Story.Pair;
        var pool = story.Pools[pair];
        var gem = Out(dusd, pool.Dusd, pool.Gem);
        Transfer(Story.Dusd, trader, pair, dusd).Transfer(Story.Gem, pair, trader, gem);
        story.Pools[pair] = (pool.Gem - gem, pool.Dusd + dusd);
        Swap(pair, trader, 0, dusd, gem, 0);
        return gem;
    }

    /// <summary>Pays GEM into a pair and takes dUSD out.</summary>
    public decimal SellGem(Address trader, decimal gem, Address? at = null)
    {
        var pair = at ?? Story.Pair;
        var pool = story.Pools[pair];
        var dusd = Out(gem, pool.Gem, pool.Dusd);
        Transfer(Story.Gem, trader, pair, gem).Transfer(Story.Dusd, pair, trader, dusd);
        story.Pools[pair] = (pool.Gem + gem, pool.Dusd - dusd);
        Swap(pair, trader, gem, 0, 0, dusd);
        return dusd;
    }

    /// <summary>Adds liquidity on both sides of a pair, or takes it out (below 0), as a fraction of what is
    /// there.</summary>
    public TransactionStory Resize(Address pair, decimal fraction)
    {
        var pool = story.Pools[pair];
        var (gem, dusd) = (Round(pool.Gem * fraction), Round(pool.Dusd * fraction));
        var (giver, receiver) = fraction > 0 ? (from, pair) : (pair, from);
        // The opening of a story tells the pool as it is: nothing moves.
        if (fraction != 1m)
        {
            Transfer(Story.Gem, giver, receiver, Math.Abs(gem)).Transfer(Story.Dusd, giver, receiver, Math.Abs(dusd));
            story.Pools[pair] = (pool.Gem + gem, pool.Dusd + dusd);
        }
        return Sync(pair);
    }

    public Transaction Done() =>
        new(Hash, index, from, to, 0, UInt256.Zero, Input, succeeded, null, succeeded ? logs.ToArray() : default);

    private static decimal Out(decimal paid, decimal reserveIn, decimal reserveOut) =>
        Round(paid * 997 * reserveOut / (reserveIn * 1000 + paid * 997));

    private static decimal Round(decimal units) => Math.Round(units, 6, MidpointRounding.ToZero);

    private static Hash32 Topic(Address address) => new([.. new byte[12], .. address.ToArray()]);

    private TransactionStory Sync(Address pair)
    {
        var (gem, dusd) = story.Pools[pair];
        return pair == Story.Pair
            ? Log(pair, [Topics.PoolSync], Story.Wei(gem), Story.Wei(dusd))
            : Log(pair, [Topics.PoolSync], Story.Wei(dusd), Story.Wei(gem));
    }

    private void Swap(Address pair, Address trader, decimal gemIn, decimal dusdIn, decimal gemOut, decimal dusdOut)
    {
        Sync(pair);
        decimal[] amounts = pair == Story.Pair ? [gemIn, dusdIn, gemOut, dusdOut] : [dusdIn, gemIn, dusdOut, gemOut];
        Log(pair, [Topics.PoolSwap, Topic(trader), Topic(trader)], [.. amounts.Select(amount => Story.Wei(amount))]);
    }
}

/// <summary>First topics, written out again: the tests must not borrow a mistake.</summary>
internal static class Topics
{
    public static readonly Hash32 Transfer =
        Hash32.Parse("0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
    public static readonly Hash32 PoolSync =
        Hash32.Parse("0x1c411e9a96e071241c2f21f7726b17ae89e3cab4c78be50e062b03a9fffbbad1");
    public static readonly Hash32 PoolSwap =
        Hash32.Parse("0xd78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822");
    public static readonly Hash32 FlashLoanAaveV2 =
        Hash32.Parse("0x631042c832b07452973831137f2d73e395028b44b250dedc5abb0ee766e168ac");
    public static readonly Hash32 FlashLoanAaveV3 =
        Hash32.Parse("0xefefaba5e921573100900a3ad9cf29f222d995fb3b6045797eaea7521bd8d6f0");
    public static readonly Hash32 FlashLoanBalancer =
        Hash32.Parse("0x0d7d75e01ab95780d3cd1c8ec0dd6c2ce19e3a20427eec8bf53283b6fb8e95f0");
    public static readonly Hash32 FlashLoanMorpho =
        Hash32.Parse("0xc76f1b4fe4396ac07a9fa55a415d4ca430e72651d37d3401f3bed7cb13fc4f12");
    public static readonly Hash32 FlashUniswapV3 =
        Hash32.Parse("0xbdbdb71d7860376ba52b25a5028beea23581364a40522f6bcfb86bb1f2dca633");
}
