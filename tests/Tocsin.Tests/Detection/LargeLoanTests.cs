using Tocsin.Chains;
using Tocsin.Detection;

namespace Tocsin.Tests.Detection;

public class LargeLoanTests
{
    private static readonly Address User = Story.Account(7);
    private static readonly Address Contract = Story.Account(8);
    private static readonly Address Receipt = Story.Account(9);

    private static readonly Dictionary<string, (decimal Usd, Action<TransactionStory> Tell)> Transactions = new()
    {
        ["ERC-3156 by flow"] = (2_000_000m, tx => Borrowed(tx, Story.Lender, 2_000_000m)),
        ["two lenders together"] =
            (1_200_000m, tx => Borrowed(Borrowed(tx, Story.Lender, 600_000m), Receipt, 600_000m)),
        ["flash mint"] = (3_000_000m, tx => tx.Mint(Story.Gem, Contract, 300_000m).Burn(Story.Gem, Contract, 300_000m)),
        ["Aave V2"] = (2_000_000m, tx => Kept(tx).Log(Receipt,
            [Topics.FlashLoanAaveV2, Topic(Contract), Topic(User), Topic(Story.Dusd)], Story.Wei(2_000_000m), 1, 0)),
        ["Aave V3"] = (2_000_000m, tx => Kept(tx).Log(Receipt,
            [Topics.FlashLoanAaveV3, Topic(Contract), Topic(Story.Dusd), Hash32.Zero], 7, Story.Wei(2_000_000m), 0, 1)),
        ["Balancer V2"] = (2_000_000m, tx => Kept(tx).Log(Receipt,
            [Topics.FlashLoanBalancer, Topic(Contract), Topic(Story.Dusd)], Story.Wei(2_000_000m), 0)),
        ["Maker"] = (2_000_000m, tx => Kept(tx).Log(Receipt,
            [Topics.FlashLoanBalancer, Topic(Contract)], Word(Story.Dusd), Story.Wei(2_000_000m), 0)),
        ["Morpho Blue"] = (2_000_000m, tx => Kept(tx).Log(Receipt,
            [Topics.FlashLoanMorpho, Topic(Contract), Topic(Story.Dusd)], Story.Wei(2_000_000m))),
        ["Uniswap V3"] = (2_000_000m, tx => Kept(tx).Log(Story.Lender,
            [Topics.FlashUniswapV3, Topic(Contract), Topic(Contract)], 0, Story.Wei(2_000_000m), 0, 0)),
        ["below the threshold"] = (0m, tx => Borrowed(tx, Story.Lender, 999_999m)),
        ["given but not all paid back"] = (0m, tx => tx.Transfer(Story.Dusd, Story.Lender, Contract, 2_000_000m)
            .Transfer(Story.Dusd, Contract, Story.Lender, 1_999_999m)),
        ["passed through an account that had it from the sender"] = (0m, tx => tx
            .Transfer(Story.Dusd, User, Receipt, 2_000_000m).Transfer(Story.Dusd, Receipt, Story.Lender, 2_000_000m)
            .Transfer(Story.Dusd, Story.Lender, Receipt, 1_999_000m)),
        ["the sender's own money out and back"] = (0m, tx => tx.Transfer(Story.Dusd, Contract, Receipt, 2_000_000m)
            .Transfer(Story.Dusd, Receipt, Contract, 2_100_000m)),
    };

    public static TheoryData<string> Names => [.. Transactions.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Loans_are_seen_by_events_and_by_flows(string name)
    {
        var (usd, tell) = Transactions[name];
        var story = new Story();
        var engine = new Engine(Story.Watch);

        Story.Run(engine, story.Begin(), story.Next(tx => tell(tx.By(User, Contract))));

        var seen = engine.Snapshot().Blocks[1].Transactions.SelectMany(facts => facts.Indicators)
            .Where(indicator => indicator.Name == IndicatorNames.LargeLoan).Sum(indicator => indicator.Measured);
        Assert.Equal(usd, seen);
    }

    private static TransactionStory Borrowed(TransactionStory tx, Address lender, decimal usd) =>
        tx.Transfer(Story.Dusd, lender, Contract, usd).Transfer(Story.Dusd, Contract, lender, usd);

    // Paid back to another account than the one that gave: only the event tells that it is a loan.
    private static TransactionStory Kept(TransactionStory tx) => tx
        .Transfer(Story.Dusd, Story.Lender, Contract, 2_000_000m)
        .Transfer(Story.Dusd, Contract, Story.Account(0x99), 2_000_000m);

    private static UInt256 Word(Address address) => new(address.ToArray());

    private static Hash32 Topic(Address address) => new([.. new byte[12], .. address.ToArray()]);
}
