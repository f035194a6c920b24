using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Contracts;
using Tocsin.Evm;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Tests.Detection;
using Tocsin.Tests.Detectors;

namespace Tocsin.Tests.Contracts;

/// <summary>Contracts that are changed without saying so.</summary>
public sealed class SilentChangeTests
{
    private static readonly Hash32 Upgraded = Keccak256.Hash("Upgraded(address)");
    private static readonly Hash32 OwnershipTransferred = Keccak256.Hash("OwnershipTransferred(address,address)");
    private static readonly Hash32 Guardian = Story.Hash(0, 5);

    // keccak256(abi.encode(uint256(keccak256("openzeppelin.storage.Ownable")) - 1)) & ~0xff
    private static readonly Hash32 Ownable = Erc7201("openzeppelin.storage.Ownable");

    private readonly Chronicle chronicle = new(SilentChangeSettings.Default with
    {
        Slots = [new WatchedSlot("desk", Guardian, "the guardian")],
        LearnCalls = 3,
    });

    public static TheoryData<string> Places =>
        ["implementation", "beacon", "admin", "1822", "zeppelin", "owner", "guardian"];

    [Theory]
    [MemberData(nameof(Places))]
    public void A_place_that_is_written_without_its_event_is_critical(string place)
    {
        chronicle.Block(tx => tx.By(Story.Attacker, Story.AttackContract));
        var told = Assert.Single(chronicle.Changed(Slot(Chronicle.Desk, PlaceOf(place), 0x11, 0x22), Sender()));

        Assert.Equal((Threat.ContractAnomaly, Severity.Critical, "desk", "silent-change"),
            (told.Threat, told.Severity, told.Subject, told.Detector));
        Assert.True(told.Confidence >= 0.7m);
        Assert.Equal([Story.Attacker], told.Addresses);
        Assert.Contains("was 0x0000000000000000000000000000000000000011 and is", told.Reason);
        chronicle.HoldsTogether();
    }

    [Fact]
    public void What_is_announced_what_is_no_such_place_and_what_is_not_ours_is_not_told()
    {
        chronicle.Block(tx => tx.By(Chronicle.Far(1), Chronicle.Desk)
            .RawLog(Chronicle.Desk, [Upgraded], []).RawLog(Chronicle.Desk, [OwnershipTransferred], []));

        Assert.Empty(chronicle.Changed(
            Slot(Chronicle.Desk, PlaceOf("implementation"), 0x11, 0x22), Slot(Chronicle.Desk, Ownable, 0x11, 0x22),
            Slot(Chronicle.Desk, Story.Hash(0, 99), 1, 2),
            Slot(Story.Router, PlaceOf("implementation"), 0x11, 0x22)));
        chronicle.Block();
        Assert.Single(chronicle.Changed(Slot(Chronicle.Desk, PlaceOf("implementation"), 0x22, 0x33)));
    }

    [Fact]
    public void Changed_and_changed_back_within_a_block_is_told_in_spite_of_events()
    {
        chronicle.Block(tx => tx.By(Story.Attacker, Chronicle.Desk).RawLog(Chronicle.Desk, [Upgraded], []));

        var told = Assert.Single(chronicle.Changed(
            Slot(Chronicle.Desk, PlaceOf("implementation"), 0x11, 0x22, 1),
            Slot(Chronicle.Desk, PlaceOf("implementation"), 0x22, 0x11, 2)));

        Assert.Contains("for a moment", told.Reason);
    }

    [Fact]
    public void What_the_contract_watch_reads_back_is_left_to_it()
    {
        var declared = new Chronicle(
            Chronicle.Watch with
            {
                Senses = Senses.ChainOnly with
                {
                    Contracts = [new KnownContract("desk", Chronicle.Desk, [], [ProxySlots.Implementation])],
                },
            },
            SilentChangeSettings.Default);
        declared.Block();

        Assert.Empty(declared.Changed(Slot(Chronicle.Desk, PlaceOf("implementation"), 0x11, 0x22)));
        Assert.Single(declared.Changed(
            Slot(Chronicle.Desk, PlaceOf("implementation"), 0x22, 0x33, 1),
            Slot(Chronicle.Desk, PlaceOf("implementation"), 0x33, 0x22, 2)));
    }

    [Theory]
    [InlineData(3, 0, "is gone")]
    [InlineData(3, 4, "was replaced")]
    [InlineData(0, 4, null)]
    public void Code_that_changes_is_told(int before, int after, string? words)
    {
        chronicle.Block();
        var told = chronicle.Changed(new StateChange(
            Story.Hash(1, 1), Chronicle.Desk, null, null, new Change<ValueList<byte>>(Code(before), Code(after)), []));

        Assert.Equal(words is null ? 0 : 1, told.Count);
        if (words is not null)
            Assert.Contains(words, Assert.Single(told).Reason);
    }

    [Fact]
    public void Self_destruction_is_told()
    {
        chronicle.Block();
        var told = Assert.Single(chronicle.Traced(Story.Hash(1, 1),
        [
            Frames.Call(0, Story.Attacker, Chronicle.Desk, [1, 2, 3, 4]),
            Frames.Of(1, CallKind.SelfDestruct, Chronicle.Desk, Story.Attacker),
        ]), one => one.Detector == "silent-change");

        Assert.Equal((Severity.Critical, "desk"), (told.Severity, told.Subject));
        Assert.Contains("destroyed itself", told.Reason);
    }

    [Fact]
    public void Code_that_was_never_run_before_is_told_once_the_usual_is_known()
    {
        Assert.Empty(Delegates(0x41));
        Assert.Empty(Delegates(0x42));
        Assert.Empty(Delegates(0x41));

        Assert.Empty(Delegates(0x41));
        var told = Assert.Single(Delegates(0x43));
        Assert.Equal((Severity.High, "desk"), (told.Severity, told.Subject));
        Assert.True(told.Confidence >= 0.7m);
        Assert.Contains("which it never did before", told.Reason);
        Assert.Empty(Delegates(0x43));
        Assert.Empty(Delegates(0x44, announced: true));
        Assert.Single(Delegates(0x45));
        chronicle.HoldsTogether();
    }

    private List<Finding> Delegates(int code, bool announced = false)
    {
        for (var i = 0; i < (announced ? 0 : 6); i++)
            chronicle.Block();
        chronicle.Block(tx =>
        {
            tx.By(Chronicle.Far(1), Chronicle.Desk);
            if (announced)
                tx.RawLog(Chronicle.Desk, [Upgraded], []);
        });
        return chronicle.Traced(chronicle.Story.Blocks[^1].Transactions.Span[0].Hash,
        [
            Frames.Call(0, Chronicle.Far(1), Chronicle.Desk, [1, 2, 3, 4]),
            Frames.Of(1, CallKind.DelegateCall, Chronicle.Desk, Chronicle.Far(code), [1, 2, 3, 4]),
        ]).Where(one => one.Detector == "silent-change").ToList();
    }

    private static ValueList<byte> Code(int length) => Enumerable.Repeat((byte)length, length).ToValueList();

    private static StateChange Slot(Address account, Hash32 place, int before, int after, int transaction = 1) => new(
        Story.Hash(1, transaction), account, null, null, null,
        [new SlotChange(place, Story.Hash(0, before), Story.Hash(0, after))]);

    private static StateChange Sender() => new(
        Story.Hash(1, 1), Story.Attacker, new Change<UInt256>(UInt256.Parse("9"), UInt256.Parse("8")),
        new Change<ulong>(1, 2), null, []);

    private static Hash32 PlaceOf(string place) => place switch
    {
        "implementation" => Minus1(Keccak256.Hash("eip1967.proxy.implementation")),
        "beacon" => Minus1(Keccak256.Hash("eip1967.proxy.beacon")),
        "admin" => Minus1(Keccak256.Hash("eip1967.proxy.admin")),
        "1822" => Keccak256.Hash("PROXIABLE"),
        "zeppelin" => Keccak256.Hash("org.zeppelinos.proxy.implementation"),
        "owner" => Ownable,
        _ => Guardian,
    };

    private static Hash32 Minus1(Hash32 hash) =>
        new((new UInt256(hash.ToArray()) - UInt256.Parse("1")).ToArray());

    private static Hash32 Erc7201(string name)
    {
        var bytes = Keccak256.Hash(Minus1(Keccak256.Hash(name)).ToArray()).ToArray();
        bytes[^1] = 0;
        return new Hash32(bytes);
    }
}
