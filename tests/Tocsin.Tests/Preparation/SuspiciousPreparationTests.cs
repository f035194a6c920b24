using Tocsin.Chains;
using Tocsin.Detection.Laundering;
using Tocsin.Detection.Preparation;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Tests.Detection;
using Tocsin.Tests.Detectors;

namespace Tocsin.Tests.Preparation;

/// <summary>What attackers do before they attack, and what users, integrators and our own team do.</summary>
public sealed class SuspiciousPreparationTests
{
    private static readonly Hash32 Withdrawal = Keccak256.Hash("Withdrawal(address,bytes32,address,uint256)");
    private static readonly Address Mixer = Chronicle.Far(0xe1);
    private static readonly Address Bridge = Chronicle.Far(0xe2);
    private static readonly Address Hacker = Chronicle.Far(0xa1);
    private static readonly Address Made = Chronicle.Far(0xa2);

    private readonly Chronicle chronicle = new(
        SuspiciousPreparationSettings.Default with
        {
            Sources = [new HidingPlace("Far Bridge", Bridge, HidingKind.Bridge)],
            Known = [Chronicle.Far(0xdd).ToString()],
        },
        SuspiciousTransferSettings.Default);

    public static TheoryData<string, int, decimal> Stages => new()
    {
        { "", 0, 0m },
        { "F", 0, 0m },
        { "T", 0, 0m },
        { "L", 0, 0m },
        { "P", 4, 0.3m },
        { "PL", 3, 0.4m },
        { "FP", 3, 0.7m },
        { "FL", 3, 0.7m },
        { "FT", 3, 0.7m },
        { "PT", 3, 0.7m },
        { "FLT", 3, 0.7m },
        { "FPT", 2, 0.85m },
        { "FPLT", 2, 0.9m },
        { "BPT", 2, 0.85m },
        { "FPA", 2, 0.85m },
    };

    [Theory]
    [MemberData(nameof(Stages))]
    public void Each_stage_makes_it_worse(string stages, int severity, decimal confidence)
    {
        Play(stages);

        var told = chronicle.LastOf("suspicious-preparation");
        if (severity == 0)
        {
            Assert.Empty(told);
            return;
        }
        var finding = Assert.Single(told);
        Assert.Equal((Threat.SuspiciousPreparation, (Severity)severity, confidence),
            (finding.Threat, finding.Severity, finding.Confidence));
        Assert.Equal(Hacker, finding.Addresses[0]);
        chronicle.HoldsTogether();
    }

    [Fact]
    public void Who_is_known_to_make_contracts_is_not_told()
    {
        Create(Chronicle.Far(0xdd), NamesOurs());
        Create(Hacker, [1, 2, 3]);

        Assert.Empty(chronicle.Findings);
    }

    [Fact]
    public void Old_money_is_not_held_against_anybody()
    {
        var brief = new Chronicle(
            SuspiciousPreparationSettings.Default with { FundedWithin = TimeSpan.FromMinutes(1) });
        brief.Block(tx => tx.By(Chronicle.Far(9), Mixer).RawLog(Mixer, [Withdrawal, default], WithdrawalData(Hacker)));
        for (var i = 0; i < 6; i++)
            brief.Block();
        brief.Block(tx => tx.By(Hacker, Chronicle.Desk));

        Assert.Empty(brief.Findings);
    }

    [Fact]
    public void Where_mixers_are_listed_nobody_else_can_name_an_account()
    {
        var listed = new Chronicle(SuspiciousPreparationSettings.Default with
        {
            Sources = [new HidingPlace("Mixer", Mixer, HidingKind.Mixer)],
        });
        foreach (var (emitter, who) in new[] { (Chronicle.Far(0xe9), 0xb1), (Mixer, 0xb2) })
        {
            listed.Block(tx => tx.By(Chronicle.Far(9), emitter)
                .RawLog(emitter, [Withdrawal, default], WithdrawalData(Chronicle.Far(who))));
            listed.Block(tx => tx.By(Chronicle.Far(who), Chronicle.Desk));
        }

        Assert.Equal(Chronicle.Far(0xb2), Assert.Single(listed.Findings).Addresses[0]);
    }

    [Fact]
    public void A_contract_that_another_contract_makes_is_read_too()
    {
        chronicle.Block(tx => tx.By(Hacker, Made));
        var told = chronicle.Traced(chronicle.Story.Blocks[^1].Transactions.Span[0].Hash,
        [
            Frames.Call(0, Hacker, Made),
            Frames.Of(1, CallKind.Create2, Made, Chronicle.Far(0xa5), [.. NamesOurs(), .. TakesLoans()]),
        ]);

        Assert.Equal([Hacker, Chronicle.Far(0xa5)], Assert.Single(told).Addresses);
        chronicle.HoldsTogether();
    }

    public static TheoryData<string> LoanCallbacks =>
    [
        "onFlashLoan(address,address,uint256,uint256,bytes)",
        "executeOperation(address,uint256,uint256,address,bytes)",
        "executeOperation(address[],uint256[],uint256[],address,bytes)",
        "uniswapV2Call(address,uint256,uint256,bytes)", "pancakeCall(address,uint256,uint256,bytes)",
        "receiveFlashLoan(address[],uint256[],uint256[],bytes)", "uniswapV3FlashCallback(uint256,uint256,bytes)",
        "onMorphoFlashLoan(uint256,bytes)", "callFunction(address,(address,uint256),bytes)",
    ];

    [Theory]
    [MemberData(nameof(LoanCallbacks))]
    public void Every_lender_s_callback_is_recognised(string signature)
    {
        Create(Hacker, [.. NamesOurs(), 0x80, 0x63, .. AbiSelector.Of(signature).ToArray(), 0x14]);

        Assert.Equal(0.4m, Assert.Single(chronicle.LastOf("suspicious-preparation")).Confidence);
    }

    [Theory]
    [InlineData("", 0.6)]
    [InlineData("P", 0.75)]
    [InlineData("FP", 0.9)]
    [InlineData("FPT", 0.9)]
    public void Large_value_to_a_stranger_is_the_surer_the_more_was_seen_before(string stages, decimal confidence)
    {
        Play(stages);
        chronicle.Block(tx => tx.By(Hacker, Made).Transfer(Chronicle.Coin, Chronicle.Desk, Hacker, 1_500_000));

        var finding = Assert.Single(chronicle.LastOf("suspicious-transfer"));
        Assert.Equal((Threat.LargeTransfer, Severity.High, confidence, "desk"),
            (finding.Threat, finding.Severity, finding.Confidence, finding.Subject));
        Assert.Contains("which never dealt with any of our contracts before", finding.Reason);
        chronicle.HoldsTogether();
    }

    [Theory]
    [InlineData(900_000, 0, 0, false)]
    [InlineData(1_500_000, 10_000, 301, false)]
    [InlineData(1_500_000, 9_999, 301, true)]
    [InlineData(1_500_000, 10_000, 200, true)]
    public void Small_value_and_old_customers_of_some_value_are_no_strangers(
        int units, int dealt, int blocksAgo, bool told)
    {
        if (dealt > 0)
            chronicle.Block(
                tx => tx.By(Hacker, Chronicle.Desk).Transfer(Chronicle.Coin, Hacker, Chronicle.Desk, dealt));
        for (var i = 1; i < blocksAgo; i++)
            chronicle.Block();
        chronicle.Block(tx => tx.By(Hacker, Made).Transfer(Chronicle.Coin, Chronicle.Desk, Hacker, units));

        Assert.Equal(told ? 1 : 0, chronicle.LastOf("suspicious-transfer").Count);
    }

    [Fact]
    public void A_flood_of_unsure_findings_is_told_as_a_crowd_and_hides_no_sure_one()
    {
        for (var block = 0; block < 10; block++)
            chronicle.Take(Story.Step(Makers(50)));
        var crowd = Assert.Single(
            chronicle.LastOf("suspicious-preparation"), one => one.Indicators[0].Name == "crowd");
        Assert.Equal(129, chronicle.LastOf("suspicious-preparation").Count);
        Assert.Empty(crowd.Addresses);
        Assert.Contains("256 more like this were seen", crowd.Reason);
        Assert.True(crowd.Severity == Severity.Minor && crowd.Confidence < 0.7m);

        Play("FPT");

        var sure = Assert.Single(chronicle.LastOf("suspicious-preparation"), one => one.Confidence >= 0.7m);
        Assert.Equal(Hacker, sure.Addresses[0]);
        chronicle.HoldsTogether();
    }

    [Fact]
    public void Money_from_a_listed_mixer_is_remembered_however_much_dust_follows()
    {
        var listed = new Chronicle(SuspiciousPreparationSettings.Default with
        {
            Sources =
            [
                new HidingPlace("Mixer", Mixer, HidingKind.Mixer),
                new HidingPlace("Far Bridge", Bridge, HidingKind.Bridge),
            ],
        });
        listed.Block(tx => tx.By(Chronicle.Far(9), Mixer).RawLog(Mixer, [Withdrawal, default], WithdrawalData(Hacker)));
        var dust = listed.Story.NextBlock([.. Enumerable.Range(0, 9_000)
            .Select(i => (Action<TransactionStory>)(tx => tx.By(Bridge, Chronicle.Far(0x10_000 + i))))]);
        listed.Take(Story.Step(dust with
        {
            Transactions = dust.Transactions.ToArray()
                .Select(one => one with { ValueWei = UInt256.Parse("1") }).ToArray(),
        }));
        listed.Block(tx => tx.By(Hacker, Chronicle.Desk));

        Assert.Equal(Hacker, Assert.Single(listed.LastOf("suspicious-preparation")).Addresses[0]);
    }

    private int makers;

    private Tocsin.Evm.Blocks.Block Makers(int count)
    {
        var first = 0x1000 + (2 * makers);
        makers += count;
        var block = chronicle.Story.NextBlock([.. Enumerable.Range(0, count)
            .Select(i => (Action<TransactionStory>)(tx => tx.By(Chronicle.Far(first + (2 * i)), null)))]);
        return block with
        {
            Transactions = block.Transactions.ToArray()
                .Select((one, i) => one with
                {
                    ContractCreated = Chronicle.Far(first + (2 * i) + 1),
                    Input = NamesOurs(),
                }).ToArray(),
        };
    }

    private static byte[] NamesOurs() => [0x60, 0x80, 0x73, .. Chronicle.Desk.ToArray(), 0x33];

    private static byte[] TakesLoans() =>
        [0x80, 0x63, .. AbiSelector.Of("onFlashLoan(address,address,uint256,uint256,bytes)").ToArray(), 0x14];

    private static byte[] WithdrawalData(Address to) => [.. Chronicle.Topic(to).ToArray(), .. new byte[64]];

    /// <summary>F: paid by a mixer, B: by a bridge, P: makes a contract that names ours, L: that takes loans, T:
    /// touches ours, A: makes it act on ours at once.</summary>
    private void Play(string stages)
    {
        if (stages.Contains('F', StringComparison.Ordinal))
            chronicle.Block(tx => tx.By(Chronicle.Far(9), Mixer)
                .RawLog(Mixer, [Withdrawal, default], WithdrawalData(Hacker)));
        if (stages.Contains('B', StringComparison.Ordinal))
            chronicle.Block(tx => tx.By(Bridge, Hacker), tx => tx with { ValueWei = UInt256.Parse("5") });
        if (stages.AsSpan().ContainsAny('P', 'L'))
            Create(
                Hacker,
                [
                    .. stages.Contains('P', StringComparison.Ordinal) ? NamesOurs() : [],
                    .. stages.Contains('L', StringComparison.Ordinal) ? TakesLoans() : [],
                ],
                stages.Contains('A', StringComparison.Ordinal));
        if (stages.Contains('T', StringComparison.Ordinal))
            chronicle.Block(tx => tx.By(Hacker, stages.AsSpan().ContainsAny('P', 'L') ? Made : Chronicle.Desk)
                .Transfer(Chronicle.Coin, Made, Chronicle.Desk, 7));
    }

    private void Create(Address maker, byte[] code, bool acts = false) => chronicle.Block(
        tx =>
        {
            tx.By(maker, null);
            if (acts)
                tx.RawLog(Chronicle.Desk, [Story.Hash(9, 9)], []);
        },
        tx => tx with { ContractCreated = Made, Input = code });
}
