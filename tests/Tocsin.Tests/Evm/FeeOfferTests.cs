using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chains;
using Tocsin.Evm.Transactions;

namespace Tocsin.Tests.Evm;

/// <summary>What is offered must be taken by every node in the place of what was offered before.</summary>
public sealed class FeeOfferTests
{
    [Theory]
    [InlineData(10, 2, 1_000, 42, 2)]
    [InlineData(10, 2, 30, 30, 2)]
    [InlineData(0, 0, 30, 0, 0)]
    [InlineData(900, 50, 1_000, 1_000, 50)]
    [InlineData(2_000, 50, 1_000, 1_000, 50)]
    [InlineData(10, 5_000, 1_000, 1_000, 1_000)]
    public void The_first_offer_outlives_a_rise_and_stays_below_the_ceiling(
        long baseFee, long tip, long ceiling, long fee, long offeredTip) =>
        Assert.Equal(Offer(fee, offeredTip), FeeOffer.First((ulong)baseFee, (ulong)tip, (ulong)ceiling));

    /// <summary>What it would offer, what the other bids, the ceiling, and what goes ahead of it.</summary>
    [Theory]
    [InlineData(42, 2, 60, 8, 1_000, 68, 9)]
    [InlineData(42, 20, 30, 8, 1_000, 42, 20)]
    [InlineData(42, 2, 30, 20, 1_000, 63, 23)]
    [InlineData(42, 2, 30, 900, 1_000, 74, 34)]
    [InlineData(42, 2, 5_000, 4_000, 1_000, 1_000, 1_000)]
    [InlineData(42, 2, 0, 0, 1_000, 42, 2)]
    public void A_pause_goes_ahead_of_an_attack_as_far_as_the_ceiling(
        long fee, long tip, long rivalFee, long rivalTip, long ceiling, long aheadFee, long aheadTip) =>
        Assert.Equal(
            Offer(aheadFee, aheadTip), Offer(fee, tip).AheadOf(Offer(rivalFee, rivalTip), (ulong)ceiling));

    [Fact]
    public void Ahead_means_an_eighth_more_of_both_and_never_less_than_before_nor_above_the_ceiling()
    {
        var numbers = Gen.Choose(0, 2_000_000).Select(number => (long)number);
        Prop.ForAll(
            Arb.From(Gen.ArrayOf(numbers, 5)),
            n =>
            {
                var ceiling = n[4] + 1;
                var own = FeeOffer.First((ulong)n[0], (ulong)n[1], (ulong)ceiling);
                var rival = Offer(n[2], Math.Min(n[2], n[3]));
                var ahead = own.AheadOf(rival, (ulong)ceiling);
                var isFree = n[2] + ((n[2] + 7) / 8) + 1 <= ceiling
                    && (BigInteger)own.MaxFeeWei + n[3] + ((n[3] + 7) / 8) + 1 <= ceiling;
                return ahead.MaxFeeWei <= (ulong)ceiling && ahead.TipWei <= ahead.MaxFeeWei
                    && ahead.MaxFeeWei >= own.MaxFeeWei && ahead.TipWei >= own.TipWei
                    && (!isFree || ((BigInteger)ahead.TipWei * 8 >= (BigInteger)rival.TipWei * 9
                        && (BigInteger)ahead.MaxFeeWei * 8 >= (BigInteger)rival.MaxFeeWei * 9));
            }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_replacement_goes_ahead_of_what_is_pending_too() => Assert.Equal(
        Offer(225, 90), Offer(48, 8).Raised(10, 2, 10_000, Offer(200, 80)));

    /// <summary>Offered before, what the chain asks for now, the ceiling, and what is offered then.</summary>
    [Theory]
    [InlineData(800, 80, 10, 2, 10_000, 900L, 90L)]
    [InlineData(801, 81, 10, 2, 10_000, 902L, 92L)]
    [InlineData(42, 2, 500, 7, 10_000, 2_007L, 7L)]
    [InlineData(42, 2, 500, 7, 1_000, 1_000L, 7L)]
    [InlineData(888, 8, 500, 7, 1_000, 1_000L, 9L)]
    [InlineData(889, 8, 500, 7, 1_000, null, null)]
    [InlineData(1_000, 8, 500, 7, 1_000, null, null)]
    [InlineData(0, 0, 0, 0, 10, 1L, 1L)]
    [InlineData(100, 95, 1, 400, 1_000, 404L, 400L)]
    public void A_replacement_offers_an_eighth_more_of_both_and_what_is_asked_now(
        long fee, long tip, long baseFee, long tipNow, long ceiling, long? raisedFee, long? raisedTip)
    {
        var raised = Offer(fee, tip).Raised((ulong)baseFee, (ulong)tipNow, (ulong)ceiling);

        Assert.Equal(raisedFee is { } most ? Offer(most, raisedTip!.Value) : null, raised);
    }

    [Theory]
    [InlineData(100, 10, 112, 12, false)]
    [InlineData(100, 10, 113, 11, false)]
    [InlineData(100, 10, 113, 12, true)]
    [InlineData(100, 0, 113, 0, false)]
    [InlineData(100, 0, 113, 1, true)]
    public void A_node_takes_it_only_with_an_eighth_more_of_both(
        long fee, long tip, long newFee, long newTip, bool taken) =>
        Assert.Equal(taken, Offer(newFee, newTip).Replaces(Offer(fee, tip)));

    [Theory]
    [InlineData(100, 10, 90, 10, true)]
    [InlineData(100, 10, 91, 10, false)]
    [InlineData(100, 10, 50, 11, false)]
    [InlineData(100, 10, long.MaxValue, 10, false)]
    public void It_buys_a_place_where_it_covers_base_fee_and_tip(
        long fee, long tip, long baseFee, long asked, bool buys) =>
        Assert.Equal(buys, Offer(fee, tip).Buys((ulong)baseFee, (ulong)asked));

    [Fact]
    public void A_node_that_makes_up_fees_costs_no_more_than_the_ceiling()
    {
        Assert.Equal(new FeeOffer(50, 50), FeeOffer.First(UInt256.MaxValue, UInt256.MaxValue, 50));
        Assert.Equal(new FeeOffer(50, 50), new FeeOffer(1, 1).Raised(UInt256.MaxValue, UInt256.MaxValue, 50));
        Assert.False(new FeeOffer(50, 50).Buys(UInt256.MaxValue, UInt256.MaxValue));
    }

    [Fact]
    public void Every_replacement_is_taken_by_geth_and_by_Parity_or_there_is_none_below_the_ceiling() => Prop.ForAll(
        (from fee in Amount()
         from tip in Amount()
         from baseFee in Amount()
         from tipNow in Amount()
         from ceiling in Amount()
         select (fee, tip: tip > fee ? fee : tip, baseFee, tipNow, ceiling)).ToArbitrary(),
        at =>
        {
            var before = new FeeOffer(at.fee, at.tip);
            if (before.Raised(at.baseFee, at.tipNow, at.ceiling) is not { } after)
            {
                // An eighth more of one of both is beyond the ceiling.
                Assert.True(((BigInteger)at.fee * 9) + 7 >= (BigInteger)at.ceiling * 8 || at.ceiling.IsZero);
                return;
            }
            Assert.True(after.MaxFeeWei <= at.ceiling && after.TipWei <= after.MaxFeeWei);
            AssertTaken(before.MaxFeeWei, after.MaxFeeWei);
            AssertTaken(before.TipWei, after.TipWei);
            Assert.True(after.Replaces(before));
        }).QuickCheckThrowOnFailure();

    // geth: new > old and new >= old * 110 / 100; Parity: new >= old + old / 8.
    private static void AssertTaken(UInt256 before, UInt256 after)
    {
        Assert.True(after > before);
        Assert.True((BigInteger)after >= (BigInteger)before * 110 / 100);
        Assert.True((BigInteger)after * 8 >= (BigInteger)before * 9);
    }

    private static FeeOffer Offer(long fee, long tip) => new((ulong)fee, (ulong)tip);

    private static Gen<UInt256> Amount() =>
        from exponent in Gen.Choose(0, 60)
        from rest in Gen.Choose(0, 1_000)
        select (UInt256)((1UL << exponent) + (ulong)rest - 1);
}
