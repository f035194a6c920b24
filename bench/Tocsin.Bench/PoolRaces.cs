using System.Globalization;
using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.Demo.Scenarios;
using Tocsin.Evm;
using Tocsin.Evm.Transactions;

namespace Tocsin.Bench;

/// <summary>
/// A thousand races, by a seed, for the next block: an attack that waits to be mined, and a pause that was approved
/// ahead. The offers are those that the product makes, the transactions and their effects are real ones on Anvil, and
/// what waits is kept by <see cref="RacePool"/>. Drawn are the fees, how late in the slot the attack comes, and how
/// long words and work take.
/// </summary>
internal static class PoolRaces
{
    private const int Races = 1_000;
    private const int Seed = 1;
    private const double SlotSeconds = 12;

    // As often as Sending looks at what is bid against it.
    private const double WeLookEvery = 1;

    private const string Attack = "attack";
    private const string Pause = "pause";

    private static readonly UInt256 Gwei = 1_000_000_000UL;

    // As in a signer's policy that says nothing of it.
    private static readonly UInt256 Ceiling = 1_000UL * Gwei;

    private static readonly (Attacker Attacker, string InWords)[] Kinds =
    [
        (Attacker.BidsOnce, "seen pending, bids once"),
        (Attacker.BidsAgain, "seen pending, outbids whoever goes ahead"),
        (Attacker.IsPrivate, "sent to the builder in private"),
    ];

    private enum Attacker
    {
        BidsOnce,
        BidsAgain,
        IsPrivate,
    }

    /// <param name="At">Seconds into the slot at which the attack is sent.</param>
    /// <param name="Fees">What the attack offers at first.</param>
    private sealed record Draw(Random Random, UInt256 BaseFeeWei, FeeOffer Fees, double At)
    {
        /// <summary>Seconds that a transaction is under way to everybody else.</summary>
        public double Travel() => Between(Random, 0.05, 0.5);

        /// <summary>Seconds from what we see to what we send: see <c>pause</c> in bench/README.md.</summary>
        public double Work() => Between(Random, 0.05, 0.3);
    }

    public static bool Run(BenchOptions options) => RunAsync().GetAwaiter().GetResult();

    private static async Task<bool> RunAsync()
    {
        var none = CancellationToken.None;
        var toolchain = await Toolchain.PrepareAsync(Console.Error.WriteLine, none);
        var key = PrivateKey.Generate();
        await using var chain =
            await DemoChain.StartAsync(toolchain, ScenarioList.Find("flash-loan")!, key.Address, none);
        await chain.Anvil.Node.RequestAsync("evm_setAutomine", none, false);
        Console.WriteLine($"races of a pause against a pending attack: {Races} of each kind, seed {Seed}");
        foreach (var (attacker, inWords) in Kinds)
        {
            var random = new Random(Seed);
            var (won, inTime) = (0, 0);
            for (var race = 0; race < Races; race++)
            {
                var draw = Next(random);
                var pool = Bid(draw, attacker);
                won += await IsWonAsync(chain, key, draw, pool) ? 1 : 0;
                inTime += pool.Of(Pause) is null ? 0 : 1;
            }
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {inWords,-42} {won,5} won ({won / (double)Races:P1}); the pause was with the builder in {inTime}"));
        }
        return true;
    }

    private static Draw Next(Random random)
    {
        var baseFee = Wei(Math.Exp(Between(random, Math.Log(1), Math.Log(200))));
        var tip = Wei(Math.Exp(Between(random, Math.Log(0.1), Math.Log(2_000))));
        return new Draw(random, baseFee, new FeeOffer((2UL * baseFee) + tip, tip), Between(random, 0, SlotSeconds));
    }

    /// <summary>Who sent what to the builder until the slot's end.</summary>
    private static RacePool Bid(Draw draw, Attacker attacker)
    {
        var pool = new RacePool(draw.BaseFeeWei);
        pool.Take(Attack, draw.Fees);
        // Nobody else sees what is sent in private, so there is nobody to bid against.
        if (attacker == Attacker.IsPrivate)
            return pool;
        FeeOffer? ours = null;
        var seenAt = draw.At + draw.Travel();
        while (true)
        {
            var rival = pool.Of(Attack)!.Value;
            var offer = ours is { } former
                ? former.Raised(draw.BaseFeeWei, Gwei, Ceiling, rival)
                : FeeOffer.First(draw.BaseFeeWei, Gwei, Ceiling).AheadOf(rival, Ceiling);
            var arrives = seenAt + draw.Work() + draw.Travel();
            if (offer is not { } bid || arrives >= SlotSeconds || !pool.Take(Pause, bid))
                return pool;
            ours = bid;
            var answered = arrives + draw.Travel() + draw.Travel();
            if (attacker != Attacker.BidsAgain || answered >= SlotSeconds
                || pool.Block() is not [Pause, ..])
                return pool;
            pool.Take(Attack, Outbid(pool.Of(Attack)!.Value, bid, draw.BaseFeeWei));
            seenAt = Math.Max(answered, arrives + (draw.Random.NextDouble() * WeLookEvery));
        }
    }

    // An attacker who takes hundreds of thousands of dollars pays whatever it needs.
    private static FeeOffer Outbid(FeeOffer own, FeeOffer ours, UInt256 baseFeeWei)
    {
        var tip = Most(own.TipWei, ours.TipWei) * 9UL / 8UL + Gwei;
        return new FeeOffer(Most((2UL * baseFeeWei) + tip, (own.MaxFeeWei * 9UL / 8UL) + Gwei), tip);
    }

    /// <summary>Lets the block be made, and looks whether the attack took anything.</summary>
    private static async Task<bool> IsWonAsync(DemoChain chain, PrivateKey key, Draw draw, RacePool pool)
    {
        var none = CancellationToken.None;
        var anvil = chain.Anvil;
        var before = await anvil.SnapshotAsync(none);
        await anvil.Node.RequestAsync("anvil_setNextBlockBaseFeePerGas", none, Quantity(draw.BaseFeeWei));
        Hash32? attack = null;
        // Anvil takes them into its block as they come.
        foreach (var who in pool.Block())
        {
            var offer = pool.Of(who)!.Value;
            if (who == Pause)
                await anvil.Node.BroadcastAsync(Signed(chain, key, offer), none);
            else
                attack = await AttackAsync(chain, offer);
        }
        await anvil.Node.RequestAsync("evm_mine", none);
        var hasTaken = attack is { } sent && (await anvil.ReceiptAsync(sent, none)).Succeeded;
        await anvil.RevertAsync(before, none);
        return !hasTaken;
    }

    private static byte[] Signed(DemoChain chain, PrivateKey key, FeeOffer offer)
    {
        var data = chain.Protocol.Controls.Call("pause", Word("market"), 86_400UL, Word("under-attack"));
        return new Eip1559Transaction(
            Anvil.Chain, 0, offer.TipWei, offer.MaxFeeWei, Response.Containment.GasAtLeast,
            chain.Protocol.Controls.Address, UInt256.Zero, data).Sign(key).Raw;
    }

    private static async Task<Hash32> AttackAsync(DemoChain chain, FeeOffer offer)
    {
        var data = chain.Protocol.Attack.Call("attack", Protocol.Dollars(4_000_000), Protocol.Gems(2_300));
        var hash = await chain.Anvil.Node.RequestAsync(
            "eth_sendTransaction",
            CancellationToken.None,
            new Dictionary<string, object?>
            {
                ["from"] = chain.Cast.Attacker.ToString(),
                ["to"] = chain.Protocol.Attack.Address.ToString(),
                ["data"] = Hex.Format(data),
                ["gas"] = "0x5b8d80",
                ["maxFeePerGas"] = Quantity(offer.MaxFeeWei),
                ["maxPriorityFeePerGas"] = Quantity(offer.TipWei),
            });
        return Hash32.Parse(hash.GetString());
    }

    private static Hash32 Word(string text)
    {
        var word = new byte[Hash32.ByteCount];
        System.Text.Encoding.ASCII.GetBytes(text, word);
        return new Hash32(word);
    }

    private static UInt256 Wei(double gwei) => (UInt256)(ulong)(gwei * 1e9);

    private static string Quantity(UInt256 wei) =>
        "0x" + ((System.Numerics.BigInteger)wei).ToString("x").TrimStart('0');

    private static UInt256 Most(UInt256 one, UInt256 other) => one > other ? one : other;

    private static double Between(Random random, double from, double to) => from + (random.NextDouble() * (to - from));
}
