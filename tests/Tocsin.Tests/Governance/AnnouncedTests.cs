using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Inputs;
using static Tocsin.Tests.Governance.DaoStory;

namespace Tocsin.Tests.Governance;

/// <summary>What people announce while the server runs is an input like any other, and mutes nothing else.</summary>
public sealed class AnnouncedTests
{
    private const string Upgrade = "upgradeTo(address)";

    private static readonly Address Code = Account(0x77);

    private static readonly DateTimeOffset Window = new(2026, 3, 1, 4, 0, 0, TimeSpan.Zero);

    private static readonly ExpectedOperation Expected = new(
        "vault-2 (ada: audited)", Window, Window.AddHours(2), Founder, Vault,
        [Keccak256.Hash([7]), Keccak256.Hash(AbiFunction.Parse(Upgrade).Encode(Code))]);

    [Fact]
    public void A_call_that_was_announced_is_told_with_who_announced_it_and_pages_nobody()
    {
        var finding = Assert.Single(Step(new Engine(Powers), Told(Expected), Change()));

        Assert.Equal(Severity.Routine, finding.Severity);
        Assert.StartsWith("As announced: vault-2 (ada: audited). ", finding.Reason);
    }

    [Fact]
    public void What_was_withdrawn_pages() =>
        Assert.True(IsPage(Assert.Single(Step(new Engine(Powers), Told(Expected), Told(), Change()))));

    [Fact]
    public void What_is_announced_after_it_happened_was_not_announced()
    {
        var engine = new Engine(Powers);

        Assert.True(IsPage(Assert.Single(Step(engine, Change(), Told(Expected)))));
    }

    public static TheoryData<string, double> Otherwise => new()
    {
        { "by another", 1.5 }, { "to another", 1.5 }, { "other data", 1.5 }, { "with a payment", 1.5 },
        { "too early", 0.5 }, { "too late", 3.1 },
    };

    [Theory]
    [MemberData(nameof(Otherwise))]
    public void What_differs_in_anything_pages(string how, double hours)
    {
        var step = new DaoStory().After(TimeSpan.FromHours(hours), tx =>
        {
            AsAnnounced(tx);
            _ = how switch
            {
                "by another" => tx.By(Stranger, Vault),
                "to another" => tx.Calling(Timelock, Upgrade, Code),
                "other data" => tx.Calling(Vault, Upgrade, Stranger),
                "with a payment" => tx.Paying(1),
                _ => tx,
            };
        });

        Assert.True(IsPage(Assert.Single(Step(new Engine(Powers), Told(Expected), step))));
    }

    [Fact]
    public void A_restart_at_any_place_and_a_replay_of_the_log_find_the_same()
    {
        var story = new DaoStory();
        Input[] inputs =
        [
            story.Next(), Told(Expected), story.After(TimeSpan.FromHours(1.5), tx => AsAnnounced(tx)), story.Back(1),
            story.After(TimeSpan.FromHours(1.6), tx => AsAnnounced(tx)), Told(), story.Next(),
            story.After(TimeSpan.FromMinutes(2), tx => AsAnnounced(tx)), story.Next(),
        ];
        var whole = Step(new Engine(Powers), inputs);
        Assert.Contains(whole, finding => finding.Reason.StartsWith("As announced", StringComparison.Ordinal));
        Assert.Contains(whole, IsPage);

        for (var place = 1; place < inputs.Length; place++)
        {
            var before = new Engine(Powers);
            var first = Step(before, inputs[..place]);
            var after = Engine.Restore(Powers, before.Snapshot());
            Assert.Equal(whole, first.Concat(Step(after, inputs[place..])));
            Assert.Equal(before.Expected, Engine.Restore(Powers, before.Snapshot()).Expected);
        }
        Assert.Equal(whole, Step(new Engine(Powers), [.. inputs.Select(Logged)]));
    }

    // The log has everything but blocks, which the chain keeps.
    private static Input Logged(Input input) => input is Arrival
        ? Assert.IsType<LoggedInput.Whole>(InputJson.Read(InputJson.Write(input))).Input
        : input;

    private static Arrival.OperationsAnnounced Told(params ExpectedOperation[] operations) =>
        new(Window.AddHours(-1), [.. operations]);

    private static ChainStep Change() =>
        new DaoStory().After(TimeSpan.FromHours(1.5), tx => AsAnnounced(tx));

    private static DaoTransaction AsAnnounced(DaoTransaction tx) =>
        tx.By(Founder, Vault).Calling(Vault, Upgrade, Code).Upgrade(Vault, Code);

    private static List<Finding> Step(Engine engine, params Input[] inputs) =>
        [.. inputs.SelectMany(input => engine.Step(input))];
}
