using System.Numerics;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Shares;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Shares;

/// <summary>What is a jump of a share's price, and what only looks like one.</summary>
public sealed class SharePriceJumpTests
{
    private const string Name = "share-price-jump";
    private static readonly Address Distributor = Story.Account(0x77);
    private static readonly Hash32 Deposit = Keccak256.Hash("Deposit(address,address,uint256,uint256)");

    private static readonly Watch Watch = DetectorRuns.With(
        new SharePriceJumpSettings("vault", "USDC") { Distributors = [Distributor] });

    [Theory]
    [InlineData(1.0, 0.98, Severity.Critical)]
    [InlineData(1.0, 0.991, null)]
    [InlineData(1.0, 1.009, null)]
    [InlineData(1.0, 1.02, Severity.High)]
    [InlineData(1.0, 1e9, Severity.High)]
    [InlineData(1.0, 0, Severity.Critical)]
    [InlineData(0, 5.0, null)]
    public void How_far_the_rate_jumps_is_how_bad(double before, double after, Severity? expected)
    {
        var story = new Story();

        var findings = DetectorRuns.Run(new Engine(Watch), [
            story.Begin(), Rate(story, before), story.Next(), Rate(story, after)]).Of(Name);

        Assert.Equal(expected, findings.Count == 0 ? null : Assert.Single(findings).Severity);
        Assert.All(findings, finding => Assert.True(finding.Pages()));
    }

    [Fact]
    public void A_gift_of_a_stranger_that_lifts_the_rate_is_an_attack()
    {
        var finding = Assert.Single(Lifted(Story.Attacker, 1.5));

        Assert.Equal((Severity.Critical, 0.9m), (finding.Severity, finding.Confidence));
        Assert.Contains(Story.Attacker, finding.Addresses);
        Assert.Contains("got no share for it", finding.Reason);
    }

    [Fact]
    public void A_gift_is_told_with_the_block_that_it_was_in_and_not_with_that_of_the_answer()
    {
        var story = new Story();

        var engine = new Engine(Watch);

        DetectorRuns.Run(engine, [
            story.Begin(), Rate(story, 1), Gift(story, Story.Attacker), story.Next(), story.Next(), Rate(story, 1.5)]);

        var hit = Assert.Single(Assert.Single(engine.Snapshot().Open).Hits);
        Assert.Equal(hit.Block.Number - 2, Assert.Single(hit.Transactions).Block.Number);
    }

    [Fact]
    public void A_yield_of_a_known_account_is_none_and_far_more_than_a_yield_is_told()
    {
        Assert.Empty(Lifted(Distributor, 1.04));
        Assert.Equal(Severity.High, Assert.Single(Lifted(Distributor, 1.4)).Severity);
    }

    [Theory]
    [InlineData(0, Severity.Elevated)]
    [InlineData(2, Severity.High)]
    [InlineData(1_000_001, null)]
    public void Gifts_to_a_vault_that_is_nearly_empty_are_told(int shares, Severity? expected)
    {
        var story = new Story();

        var findings = DetectorRuns.Run(new Engine(Watch), [
            story.Begin(), Rate(story, 1, shares),
            story.Next(tx => tx.By(Story.Attacker, Story.Usdc).Transfer(Story.Usdc, Story.Attacker, Story.Vault, 5m)),
        ]).Of(Name);

        Assert.Equal(expected, findings.Count == 0 ? null : findings[0].Severity);
    }

    [Fact]
    public void A_deposit_is_no_gift()
    {
        var story = new Story();

        var findings = DetectorRuns.Run(new Engine(Watch), [
            story.Begin(), Rate(story, 1, 2),
            story.Next(tx => tx.By(Story.Attacker, Story.Vault)
                .Transfer(Story.Usdc, Story.Attacker, Story.Vault, 5_000m)
                .Log(Story.Vault, [Deposit, Hash32.Zero, Hash32.Zero], 1, 1)),
            Rate(story, 1.001, 5_000_000),
        ]).Of(Name);

        Assert.Empty(findings);
    }

    [Fact]
    public void Blocks_whose_answers_are_missing_have_their_bound_each()
    {
        var story = new Story();

        var findings = DetectorRuns.Run(new Engine(Watch), [
            story.Begin(), Rate(story, 1), story.Next(), story.Next(), story.Next(), Rate(story, 1.025)]).Of(Name);

        Assert.Empty(findings);
    }

    [Fact]
    public void What_a_reorg_takes_back_is_not_compared_with()
    {
        var story = new Story();

        var findings = DetectorRuns.Run(new Engine(Watch), [
            story.Begin(), Rate(story, 1), story.Next(), Rate(story, 1.005), story.Next(), Rate(story, 1.01),
            story.BackTo(0), story.Next(), Rate(story, 1)]);

        Assert.Empty(findings.Of(Name));
    }

    [Fact]
    public void What_continues_from_a_snapshot_continues_identically()
    {
        var story = new Story();

        DetectorRuns.MustNotDependOnRestarts(Watch, [
            story.Begin(), Rate(story, 1), Gift(story, Story.Attacker), Rate(story, 1.5), story.Next(),
            Rate(story, 1.2), story.BackTo(1), story.Next(), Rate(story, 1.4)]);
    }

    private static List<Finding> Lifted(Address by, double to)
    {
        var story = new Story();
        return DetectorRuns.Run(new Engine(Watch), [
            story.Begin(), Rate(story, 1), Gift(story, by), Rate(story, to)]).Of(Name);
    }

    private static ChainStep Gift(Story story, Address by) =>
        story.Next(tx => tx.By(by, Story.Usdc).Transfer(Story.Usdc, by, Story.Vault, 500m));

    private static ChainStep.Answered Rate(Story story, double rate, long shares = 10_000_000_000) =>
        DetectorRuns.Answered(story,
            DetectorRuns.AnswerTo(
                Story.Vault,
                AbiFunction.Parse("convertToAssets(uint256)").Encode((UInt256)BigInteger.Pow(10, 18)),
                (UInt256)(BigInteger)(rate * 1_000_000)),
            DetectorRuns.Answer(Story.Vault, "totalSupply()", shares));
}
