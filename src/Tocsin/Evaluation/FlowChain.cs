using System.Numerics;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Evaluation;

/// <summary>A chain made of recorded flows: blocks with the events that such flows leave, so that the engine takes them
/// as it takes any other.</summary>
internal sealed class FlowChain
{
    private static readonly Hash32 Transfer = Keccak256.Hash("Transfer(address,address,uint256)");
    private static readonly Hash32 Sync = Keccak256.Hash("Sync(uint112,uint112)");
    private readonly List<Transaction> transactions = [];
    private BlockRef head = new(0, Hash("genesis"));
    private int logs;

    /// <summary>An address or hash for whatever has none in the files.</summary>
    public static Address Account(string name) => new(Hash(name).ToArray().AsSpan(12));

    public static Hash32 Hash(string name) => Keccak256.Hash(name);

    /// <summary>Whole units in smallest ones.</summary>
    public static UInt256 Amount(decimal units, int decimals)
    {
        // A decimal of 28 digits times a power of ten is exact as a whole number of billionths.
        var billionths = (BigInteger)decimal.Truncate(Math.Clamp(units, 0, 1e18m) * 1e9m);
        return (UInt256)(billionths * BigInteger.Pow(10, decimals) / BigInteger.Pow(10, 9));
    }

    public static Log TransferLog(Address token, Address from, Address to, UInt256 amount) =>
        new(0, token, [Transfer, Topic(from), Topic(to)], amount.ToArray());

    public static Log SyncLog(Address pool, UInt256 first, UInt256 second) =>
        new(0, pool, [Sync], (byte[])[.. first.ToArray(), .. second.ToArray()]);

    /// <summary>Adds a transaction to the block that is being made.</summary>
    public void Send(Hash32 hash, Address from, Address to, params Log[] written)
    {
        for (var i = 0; i < written.Length; i++)
            written[i] = written[i] with { Index = logs++ };
        transactions.Add(new Transaction(
            hash, transactions.Count, from, to, 0, UInt256.Zero, default, true, null, written));
    }

    /// <summary>Ends the block.</summary>
    public ChainStep.Forward Close(DateTimeOffset time)
    {
        var block = new BlockRef(head.Number + 1, Hash($"block {head.Number + 1}"));
        var step = new ChainStep.Forward(new Block(block, head.Hash, time, transactions.ToArray()));
        head = block;
        transactions.Clear();
        logs = 0;
        return step;
    }

    /// <summary>What reads give after the block that was ended last; reads that are not known stay
    /// unanswered.</summary>
    public ChainStep.Answered Answer(Engine engine, IReadOnlyDictionary<StateRead, UInt256> values) => new(
        head,
        engine.Reads
            .Select(read => new ReadAnswer(
                read, values.TryGetValue(read, out var value) ? value.ToArray().ToValueList() : null))
            .ToValueList());

    private static Hash32 Topic(Address address) => new([.. new byte[12], .. address.ToArray()]);
}
