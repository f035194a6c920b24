using System.Numerics;
using Tocsin.Chains;
using Tocsin.Evm;

namespace Tocsin.Bench;

/// <summary>
/// What is protected in these measurements, and a flash-loan attack on it in one transaction, every time by somebody
/// else, so that each opens an incident of its own.
/// </summary>
internal static class Attack
{
    public static readonly Address Gem = Numbered(0xd1);
    public static readonly Address Dollar = Numbered(0xd2);
    public static readonly Address Reserve = Numbered(0xd3);
    public static readonly Address Pair = Numbered(0xe1);
    public static readonly Address Market = Numbered(0xf1);
    public static readonly Address Vault = Numbered(0xf2);
    public static readonly Address Controls = Numbered(0xf3);
    public static readonly Address Chief = Numbered(0xb1);
    public static readonly Address Security = Numbered(0xb2);

    private const decimal GemInPair = 100_000m;
    private const decimal DollarsInPair = 1_000_000m;
    private const decimal Borrowed = 4_000_000m;
    private const decimal Collateral = 2_300m;
    private const decimal Taken = 400_000m;

    private static readonly Address Lender = Numbered(0xc1);
    private static readonly Hash32 Transfer = Keccak256.Hash("Transfer(address,address,uint256)");
    private static readonly Hash32 Sync = Keccak256.Hash("Sync(uint112,uint112)");
    private static readonly Hash32 Swap = Keccak256.Hash("Swap(address,uint256,uint256,uint256,uint256,address)");

    /// <summary>The pair as it was, and then the attack.</summary>
    public static GeneratedTransaction[] By(int attacker)
    {
        var (account, contract) = (Numbered(0x1_0000 + attacker), Numbered(0x2_0000 + attacker));
        var bought = Out(Borrowed, DollarsInPair, GemInPair);
        var (gem, dollars) = (GemInPair - bought, DollarsInPair + Borrowed);
        var sold = bought - Collateral;
        var got = Out(sold, gem, dollars);
        return
        [
            new(Numbered(1), Pair, [Log(Pair, [Sync], GemInPair, DollarsInPair)]),
            new(account, contract,
            [
                Moved(Dollar, Lender, contract, Borrowed),
                Moved(Dollar, contract, Pair, Borrowed),
                Moved(Gem, Pair, contract, bought),
                Log(Pair, [Sync], gem, dollars),
                Log(Pair, [Swap, Topic(contract), Topic(contract)], 0, Borrowed, bought, 0),
                Moved(Gem, contract, Market, Collateral),
                Moved(Dollar, Market, contract, Taken),
                Moved(Gem, contract, Pair, sold),
                Moved(Dollar, Pair, contract, got),
                Log(Pair, [Sync], gem + sold, dollars - got),
                Log(Pair, [Swap, Topic(contract), Topic(contract)], sold, 0, 0, got),
                Moved(Dollar, contract, Lender, Borrowed * 1.0005m),
            ]),
        ];
    }

    private static Address Numbered(int number) => new(new UInt256(0, (UInt128)number).ToArray().AsSpan(12));

    private static Hash32 Topic(Address address) => GeneratedBlocks.Topic(address);

    // Uniswap V2's price with its fee of 0.3 %.
    private static decimal Out(decimal paid, decimal reserveIn, decimal reserveOut) =>
        Math.Round(paid * 997 * reserveOut / ((reserveIn * 1000) + (paid * 997)), 6, MidpointRounding.ToZero);

    private static GeneratedLog Moved(Address asset, Address giver, Address receiver, decimal units) =>
        Log(asset, [Transfer, Topic(giver), Topic(receiver)], units);

    private static GeneratedLog Log(Address emitter, Hash32[] topics, params ReadOnlySpan<decimal> units)
    {
        var words = new UInt256[units.Length];
        for (var i = 0; i < words.Length; i++)
            words[i] = (UInt256)((BigInteger)(units[i] * 1_000_000m) * BigInteger.Pow(10, 12));
        return new GeneratedLog(emitter, topics, words);
    }
}
