using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Findings;

namespace Tocsin.Tests.Detection;

public class HostileLogTests
{
    private static readonly Hash32[] KnownTopics =
    [
        Topics.Transfer, Topics.PoolSync, Topics.PoolSwap, Topics.FlashLoanAaveV2, Topics.FlashLoanAaveV3,
        Topics.FlashLoanBalancer, Topics.FlashLoanMorpho, Topics.FlashUniswapV3, Hash32.Zero,
    ];

    private static readonly Address[] Emitters =
        [Story.Dusd, Story.Gem, Story.Usdc, Story.Pair, Story.OtherPair, Story.Market, Story.Lender];

    [Fact]
    public void Logs_without_topics_or_with_short_data_are_skipped()
    {
        var story = new Story();
        var findings = Story.Run(new Engine(Story.Watch), story.Begin(), story.Next(tx =>
        {
            tx.By(Story.Attacker, Story.AttackContract);
            foreach (var emitter in Emitters)
            {
                tx.RawLog(emitter, [], [1, 2, 3]);
                foreach (var topic in KnownTopics)
                    for (var topics = 1; topics <= 4; topics++)
                        tx.RawLog(emitter, [topic, .. new Hash32[topics - 1]], new byte[topics * 8 - 1]);
            }
        }));

        Assert.Empty(findings);
    }

    [Fact]
    public void The_largest_amounts_there_are_overflow_nothing()
    {
        var story = new Story();
        var engine = new Engine(Story.Watch);
        engine.Step(story.Begin());
        for (var block = 0; block < 3; block++)
        {
            var findings = engine.Step(story.Next(tx =>
            {
                tx.By(Story.Attacker, Story.AttackContract);
                for (var i = 0; i < 3; i++)
                {
                    tx.Log(Story.Dusd, Transfer(Story.Market, Story.Attacker), UInt256.MaxValue);
                    tx.Log(Story.Usdc, Transfer(Story.Lender, Story.AttackContract), UInt256.MaxValue);
                    tx.Log(Story.Pair, [Topics.PoolSync], i == 0 ? UInt256.One : UInt256.MaxValue, UInt256.MaxValue);
                    tx.Log(Story.Pair, [Topics.PoolSwap], UInt256.MaxValue, 0, 0, UInt256.MaxValue);
                    tx.Log(Story.Pair, [Topics.PoolSync], UInt256.MaxValue, UInt256.One);
                    tx.Log(Story.Pair, [Topics.PoolSwap], 0, UInt256.MaxValue, UInt256.MaxValue, 0);
                    tx.Log(Story.Usdc, Transfer(Story.AttackContract, Story.Lender), UInt256.MaxValue);
                }
            }));
            Assert.All(findings, finding => Assert.InRange(finding.ImpactUsd, 0m, decimal.MaxValue));
        }
    }

    [Fact]
    public void Any_logs_whatever_break_nothing() => Prop.ForAll(
        Gen.ArrayOf(Gen.Zip(Gen.Choose(0, int.MaxValue), ArbMap.Default.GeneratorFor<byte[]>())).ToArbitrary(),
        script =>
        {
            var story = new Story();
            var engine = new Engine(Story.Watch);
            engine.Step(story.Begin());
            for (var block = 0; block < 2; block++)
                engine.Step(story.Next(tx => Scribble(tx, script), Story.Attack()));
            return engine.Snapshot() == Engine.Restore(Story.Watch, engine.Snapshot()).Snapshot();
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_loan_event_that_no_transfer_bears_out_is_no_loan()
    {
        var story = new Story();

        var findings = Story.Run(new Engine(Story.Watch), story.Begin(), story.Next(tx =>
        {
            tx.By(Story.Attacker, Story.AttackContract).Log(Story.Attacker,
                [Topics.FlashLoanMorpho, Topic(Story.Attacker), Topic(Story.Dusd)], Story.Wei(4_000_000m));
            var bought = tx.BuyGem(Story.AttackContract, 50_000m);
            tx.Transfer(Story.Dusd, Story.Market, Story.AttackContract, 5_000m);
            tx.SellGem(Story.AttackContract, bought);
        }));

        Assert.DoesNotContain(findings, finding => finding.Threat == Threat.FlashLoanAttack);
    }

    private static void Scribble(TransactionStory tx, (int Number, byte[] Data)[] script)
    {
        tx.By(Story.Attacker, Story.AttackContract);
        foreach (var (number, data) in script)
        {
            var topics = new Hash32[number % 5];
            if (topics.Length > 0)
                topics[0] = KnownTopics[number / 5 % KnownTopics.Length];
            for (var i = 1; i < topics.Length; i++)
                topics[i] = Topic(Emitters[(number / 50 + i) % Emitters.Length]);
            var words = new byte[number / 500 % 7 * 32];
            data.AsSpan(0, Math.Min(data.Length, words.Length)).CopyTo(words);
            tx.RawLog(Emitters[number / 4_000 % Emitters.Length], topics, [.. words, .. data]);
        }
    }

    private static Hash32[] Transfer(Address from, Address to) => [Topics.Transfer, Topic(from), Topic(to)];

    private static Hash32 Topic(Address address) => new([.. new byte[12], .. address.ToArray()]);
}
