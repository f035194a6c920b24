using Tocsin.Chains;
using Tocsin.Detection;

namespace Tocsin.Tests.Detection;

public class WatchTests
{
    private static readonly Watch Good = Story.Watch;

    private static readonly Dictionary<string, Watch> Mistakes = new()
    {
        ["the chain has no identifier"] = Good with { Chain = new ChainId(0) },
        ["asset 'dUSD' has 0 decimals: 1 to 36 are possible"] =
            Good with { Assets = [Good.Assets[0] with { Decimals = 0 }, Good.Assets[1]] },
        ["asset 'dUSD' is described twice"] =
            Good with { Assets = Good.Assets.Add(Good.Assets[0] with { Address = Story.Account(1) }) },
        [$"the name 'GEM/dUSD' means the pool at {Story.Pair} and the contract at {Story.Account(1)}: call one of them "
            + "something else"] =
            Good with { Contracts = Good.Contracts.Add(new ProtectedContract("GEM/dUSD", Story.Account(1), "m")) },
        ["asset 'again' has the address of asset 'dUSD'"] =
            Good with { Assets = Good.Assets.Add(Good.Assets[0] with { Name = "again" }) },
        ["asset 'dUSD' is issued by 'nobody', which is no protected contract"] =
            Good with { Assets = [Good.Assets[0] with { Issuer = "nobody" }, Good.Assets[1]] },
        ["asset 'X' has neither a fixed price nor a pool that has it as base asset"] =
            Good with { Assets = Good.Assets.Add(new Asset("X", Story.Account(1), 18, null)) },
        ["asset 'X' has the price -1: it must be above 0 and at most 1000000000000"] =
            Good with { Assets = Good.Assets.Add(new Asset("X", Story.Account(1), 18, -1m)) },
        ["pool 'P' has the unknown base asset 'nothing'"] =
            Good with { Pools = Good.Pools.Add(new Pool("P", Story.Account(1), "nothing", "dUSD", true)) },
        ["pool 'P' has the unknown quote asset 'nothing'"] =
            Good with { Pools = Good.Pools.Add(new Pool("P", Story.Account(1), "GEM", "nothing", true)) },
        ["pool 'P' counts in 'GEM', which has no fixed price"] =
            Good with { Pools = Good.Pools.Add(new Pool("P", Story.Account(1), "dUSD", "GEM", true)) },
        ["pool 'P' has 'dUSD' on both sides"] =
            Good with { Pools = Good.Pools.Add(new Pool("P", Story.Account(1), "dUSD", "dUSD", true)) },
        ["contract 'P' has the zero address"] =
            Good with { Contracts = Good.Contracts.Add(new ProtectedContract("P", Address.Zero, "m")) },
        ["contract 'P' has the address of pool 'GEM/dUSD'"] =
            Good with { Contracts = Good.Contracts.Add(new ProtectedContract("P", Story.Pair, "m")) },
        ["confirmations must be 1 to 256, not 0"] = Good with { Thresholds = new Thresholds { Confirmations = 0 } },
        ["a threshold in USD must be above 0"] = Good with { Thresholds = new Thresholds { LargeLoanUsd = 0 } },
        ["a confidence lies between 0 and 1"] = Good with { Thresholds = new Thresholds { OracleConfidence = 1.1m } },
        ["a window must be longer than nothing and at most 600 s"] =
            Good with { Thresholds = new Thresholds { OracleWindow = TimeSpan.FromHours(1) } },
    };

    public static TheoryData<string> Sentences => [.. Mistakes.Keys];

    [Theory]
    [MemberData(nameof(Sentences))]
    public void A_mistake_is_named_in_a_sentence_and_refused(string sentence)
    {
        Assert.Equal([sentence], Mistakes[sentence].Problems());
        Assert.Throws<ArgumentException>(() => new Engine(Mistakes[sentence]));
    }

    [Fact]
    public void A_good_description_has_no_problems() => Assert.Empty(Good.Problems());
}
