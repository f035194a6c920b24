using Tocsin.Chains;
using Tocsin.Detection.Laundering;
using Tocsin.Evm;
using Tocsin.Findings;
using Tocsin.Tests.Detection;
using Tocsin.Tests.Detectors;

namespace Tocsin.Tests.Laundering;

/// <summary>Where the money of an attack goes.</summary>
public sealed class LaunderingTests
{
    private static readonly Hash32 Deposit = Keccak256.Hash("Deposit(bytes32,uint32,uint256)");
    private static readonly Address Mixer = Chronicle.Far(0xe1);
    private static readonly Address Bridge = Chronicle.Far(0xe2);
    private static readonly Address Helper = Chronicle.Far(0xa5);

    private readonly Chronicle chronicle = new(LaunderingSettings.Default with
    {
        Places = [new HidingPlace("Far Bridge", Bridge, HidingKind.Bridge)],
        Coin = "COIN",
    });

    [Fact]
    public void Payments_of_attackers_into_a_bridge_and_a_mixer_are_told_with_their_sums()
    {
        chronicle.Block(Story.Attack());
        chronicle.Block(tx => tx.By(Story.Attacker, Bridge).Transfer(Story.Dusd, Story.Attacker, Bridge, 100_000));
        ToMixer(Story.Attacker, 60_000);
        ToMixer(Story.Attacker, 300_000);

        var finding = Assert.Single(chronicle.LastOf("laundering"));
        Assert.Equal((Threat.Laundering, Severity.Elevated), (finding.Threat, finding.Severity));
        Assert.True(finding.Confidence >= 0.7m);
        Assert.Equal([Story.Attacker], finding.Addresses);
        Assert.Contains("360,000 coins (about 360,000 USD) went to a mixer", finding.Reason);
        Assert.Contains("100,000 dUSD (about 100,000 USD) went to the bridge Far Bridge", finding.Reason);
        Assert.Equal(2, finding.Revision);
        chronicle.HoldsTogether();
    }

    [Fact]
    public void What_the_first_recipient_does_with_it_is_followed_and_no_further()
    {
        chronicle.Block(Story.Attack());
        chronicle.Block(tx => tx.By(Story.Attacker, Story.Dusd).Transfer(Story.Dusd, Story.Attacker, Helper, 200_000));
        chronicle.Block(tx => tx.By(Helper, Story.Dusd).Transfer(Story.Dusd, Helper, Chronicle.Far(0xa6), 150_000));
        chronicle.Block(tx => tx.By(Chronicle.Far(0xa6), Bridge)
            .Transfer(Story.Dusd, Chronicle.Far(0xa6), Bridge, 150_000));
        Assert.Empty(chronicle.LastOf("laundering"));

        chronicle.Block(tx => tx.By(Helper, Bridge).Transfer(Story.Dusd, Helper, Bridge, 50_000));

        Assert.Equal([Story.Attacker, Helper], Assert.Single(chronicle.LastOf("laundering")).Addresses);
        chronicle.HoldsTogether();
    }

    [Theory]
    [InlineData(4, 20_000, false)]
    [InlineData(5, 20_000, true)]
    [InlineData(40, 20_000, true)]
    [InlineData(40, 100, false)]
    public void Money_that_is_split_up_is_told(int accounts, int each, bool told)
    {
        chronicle.Block(Story.Attack());
        for (var i = 0; i < accounts; i++)
            chronicle.Block(tx => tx.By(Story.Attacker, Story.Dusd)
                .Transfer(Story.Dusd, Story.Attacker, Chronicle.Far(0x500 + i), each));

        Assert.Equal(told ? 1 : 0, chronicle.LastOf("laundering").Count);
        Assert.InRange(chronicle.Findings.Count(one => one.Detector == "laundering"), told ? 1 : 0, 5);
    }

    [Fact]
    public void Coins_that_a_contract_of_theirs_sends_on_are_told_by_the_trace()
    {
        chronicle.Block(Story.Attack());
        chronicle.Block(tx => tx.By(Story.Attacker, Helper));

        var told = chronicle.Traced(chronicle.Story.Blocks[^1].Transactions.Span[0].Hash,
        [
            Frames.Call(0, Story.Attacker, Helper),
            Frames.Call(1, Helper, Bridge, wei: Story.Wei(500)),
        ]);

        Assert.Contains("500 coins (about 500 USD) went to the bridge Far Bridge",
            Assert.Single(told, one => one.Detector == "laundering").Reason);
    }

    [Fact]
    public void Whoever_attacked_nobody_may_use_bridges_mixers_and_markets()
    {
        chronicle.Block(tx => tx.By(Helper, Story.Router).BuyGem(Helper, 20_000));
        ToMixer(Helper, 400_000);
        chronicle.Block(tx => tx.By(Helper, Bridge).Transfer(Story.Dusd, Helper, Bridge, 900_000));
        chronicle.Block(Story.Attack());
        chronicle.Block(tx => tx.By(Story.Attacker, Story.Router).BuyGem(Story.Attacker, 50_000));

        Assert.Empty(chronicle.LastOf("laundering"));
    }

    private void ToMixer(Address from, int coins) => chronicle.Block(
        tx => tx.By(from, Mixer).RawLog(Mixer, [Deposit, default], new byte[64]),
        tx => tx with { ValueWei = Story.Wei(coins) });
}
