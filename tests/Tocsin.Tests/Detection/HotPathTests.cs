using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Detectors;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;

namespace Tocsin.Tests.Detection;

public sealed class HotPathTests
{
    private static readonly Hash32 Transfer = Keccak256.Hash("Transfer(address,address,uint256)");

    [Fact]
    public void A_block_that_does_not_concern_us_allocates_nothing_for_each_log()
    {
        var engine = new Engine(Story.Watch with { Detectors = DetectorDefaults.Of(Story.Watch).ToValueList() });
        var number = 0;
        // As many blocks as are remembered at most, and some: the lists that hold them grow no more.
        for (var warmUp = 0; warmUp < 700; warmUp++)
            engine.Step(Strangers(++number, transactions: warmUp % 10 == 0 ? 400 : 2));

        var (least, most) = (AllocatedBy(transactions: 4), AllocatedBy(transactions: 400));

        Assert.Equal(least, most);

        long AllocatedBy(int transactions)
        {
            var fewest = long.MaxValue;
            for (var round = 0; round < 10; round++)
            {
                var step = Strangers(++number, transactions);
                var before = GC.GetAllocatedBytesForCurrentThread();
                Assert.Empty(engine.Step(step));
                fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
            }
            return fewest;
        }
    }

    [Fact]
    public void A_transaction_of_many_accounts_balances_as_one_of_few()
    {
        // A loan that goes through a hundred hands and comes back is a loan, wherever the hands are looked up.
        for (var hands = 2; hands < 100; hands += 7)
        {
            Address[] way = [Story.Lender, .. Enumerable.Range(0x1000, hands).Select(Story.Account), Story.Lender];
            var logs = way.Zip(way.Skip(1)).Select((pair, index) =>
                Move(index, Story.Usdc, pair.First, pair.Second, 5_000_000_000_000)).ToList();
            logs.Add(Move(logs.Count, Story.Usdc, Story.Market, Story.Attacker, 2_000_000_000_000));
            var engine = new Engine(Story.Watch);

            engine.Step(Of(1, [Taken(0, [.. logs])]));

            var facts = Assert.Single(engine.Snapshot().Blocks[0].Transactions);
            Assert.Equal(["large_loan", "large_transfer"], facts.Indicators.Select(indicator => indicator.Name));
        }
    }

    [Fact]
    public void Units_are_cut_to_the_digits_of_exact_division()
    {
        Prop.ForAll<ulong, ulong, byte>((high, low, choice) =>
        {
            var decimals = 1 + (choice % 36);
            // From one digit to 128 bits and beyond.
            var amount = new UInt256(choice > 250 ? 1 : UInt128.Zero, new UInt128(high, low) >> (choice / 2));
            var watch = Story.Watch with
            {
                Assets = [new Asset("coin", Story.Dusd, decimals, 1m)],
                Pools = [],
            };
            var block = Of(1, [Taken(0, [Move(0, Story.Dusd, Story.Market, Story.Attacker, amount)])]).Block;

            var outflows = Outflows.Of(block, watch);

            var expected = Math.Min(amount.ToUnits(decimals), 1_000_000_000_000_000_000m);
            return amount.IsZero
                ? outflows.Count == 0
                : decimal.GetBits(outflows[0].Units).SequenceEqual(decimal.GetBits(expected));
        }).QuickCheckThrowOnFailure();
    }

    private static ChainStep.Forward Strangers(int number, int transactions) => Of(number,
    [
        .. Enumerable.Range(0, transactions).Select(index => Taken(index,
        [
            Move(3 * index, Story.Dusd, Story.Account(0x6000 + index), Story.Account(0x3000), 7),
            Move((3 * index) + 1, Story.Gem, Story.Account(0x6000 + index), Story.Account(0x4000), 8),
            new Log((3 * index) + 2, Story.Account(0x5000), [Story.Hash(8, index)], default),
        ])),
    ]);

    private static ChainStep.Forward Of(int number, Transaction[] transactions) => new(new Block(
        new BlockRef((ulong)number, Story.Hash(1, number)), Story.Hash(1, number - 1),
        DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + (12 * number)), transactions));

    private static Transaction Taken(int index, Log[] logs) => new(
        Story.Hash(2, index), index, Story.Account(0x6000 + index), Story.Account(0x7000), 0, 0, default, true, null,
        logs);

    private static Log Move(int index, Address token, Address from, Address to, UInt256 amount) =>
        new(index, token, [Transfer, Padded(from), Padded(to)], amount.ToArray());

    private static Hash32 Padded(Address address) => new([.. new byte[12], .. address.ToArray()]);
}
