using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Monitoring;

/// <summary>Contracts that are not, or not any more, what we know of them.</summary>
public sealed class ContractTests
{
    private static readonly Hash32 Upgraded = Keccak256.Hash("Upgraded(address)");
    private static readonly Hash32 AdminChanged = Keccak256.Hash("AdminChanged(address,address)");

    private readonly Vigil vigil = new(Vigil.Watch);

    [Fact]
    public void The_reads_are_the_declared_slots_of_the_watch() => Assert.Equal(
        [
            new StateRead.Slot(Vigil.Proxy, ProxySlots.Implementation),
            new StateRead.Slot(Vigil.Proxy, ProxySlots.Admin),
        ],
        vigil.Engine.Reads);

    [Fact]
    public void The_first_answer_is_what_later_ones_are_compared_with()
    {
        vigil.Writes();
        Assert.Empty(vigil.Answers(0x11, 0x22));
        vigil.Writes();

        Assert.Empty(vigil.Answers(0x11, 0x22));
    }

    [Fact]
    public void Another_implementation_without_its_event_is_told_as_such()
    {
        Answered(0x11, 0x22);
        vigil.Writes(Vigil.Known);

        var changed = Assert.Single(vigil.Answers(0x99, 0x22));

        Assert.Equal((Threat.ContractChange, Severity.High, 1m, "vault"), (changed.Threat, changed.Severity,
            changed.Confidence, changed.Subject));
        Assert.Equal(vigil.Story.Blocks[^1].Time, changed.Time);
        Assert.Equal(vigil.Story.Blocks[^1].Ref, changed.Block);
        Assert.Equal($"contract-change/31337/{Vigil.Proxy}/implementation/1", changed.Id.Value);
        Assert.Contains("was 0x0000000000000000000000000000000000000011 and is "
            + "0x0000000000000000000000000000000000000099 now, without the event Upgraded(address)", changed.Reason);
        Assert.Empty(vigil.Answers(0x99, 0x22));
    }

    [Fact]
    public void Another_implementation_with_its_event_names_the_transaction()
    {
        Answered(0x11, 0x22);
        Assert.Empty(vigil.Writes(Upgraded));

        var changed = Assert.Single(vigil.Answers(0x99, 0x22));

        Assert.Contains("announced by Upgraded(address) in block 1 (transaction 0x", changed.Reason);
    }

    [Fact]
    public void An_event_of_one_slot_excuses_no_change_of_another()
    {
        Answered(0x11, 0x22);
        vigil.Writes(Upgraded);

        var told = vigil.Answers(0x99, 0x33);

        Assert.Equal(2, told.Count);
        Assert.Contains("without the event AdminChanged(address,address)", told[1].Reason);
    }

    [Fact]
    public void An_upgrade_that_is_announced_but_leaves_the_slot_as_it_was_is_told()
    {
        Answered(0x11, 0x22);
        vigil.Writes(AdminChanged);

        Assert.Contains("as before: it may have been another for a moment",
            Assert.Single(vigil.Answers(0x11, 0x22)).Reason);
        Assert.Empty(vigil.Answers(0x11, 0x22));
    }

    [Fact]
    public void An_announced_upgrade_that_cannot_be_read_back_is_told_all_the_same()
    {
        Answered(0x11, 0x22);
        vigil.Writes(Upgraded);
        for (var i = 0; i < 4; i++)
        {
            Assert.Empty(vigil.Answers(null, null));
            Assert.Empty(vigil.Writes());
        }

        Assert.Contains("could not be read back", Assert.Single(vigil.Writes()).Reason);
        Assert.Contains("announced by Upgraded(address) in block 1",
            Assert.Single(vigil.Answers(0x99, 0x22)).Reason);
    }

    [Fact]
    public void An_answer_on_a_block_that_is_no_more_the_head_says_nothing()
    {
        Answered(0x11, 0x22);
        var late = new ChainStep.Answered(vigil.Engine.Head!.Value,
            [new ReadAnswer(new StateRead.Slot(Vigil.Proxy, ProxySlots.Implementation), Story.Hash(5, 5).ToArray()
                .ToValueList())]);
        vigil.Writes();

        Assert.Empty(vigil.Take(late));
    }

    [Fact]
    public void A_proxy_whose_slots_are_all_empty_is_no_proxy()
    {
        vigil.Writes();

        var told = Assert.Single(vigil.Answers(0, 0));

        Assert.Equal((Severity.High, 0.8m), (told.Severity, told.Confidence));
        Assert.Contains("the address may be wrong", told.Reason);
    }

    [Fact]
    public void A_reorg_takes_back_a_change_and_what_was_learned_with_it()
    {
        Answered(0x11, 0x22);
        vigil.Writes();
        var changed = Assert.Single(vigil.Answers(0x99, 0x22));

        var retracted = Assert.Single(vigil.Take(vigil.Story.BackTo(0)));
        vigil.Writes();
        Assert.Empty(vigil.Answers(0x11, 0x22));
        vigil.Take(vigil.Story.BackTo(0));
        vigil.Writes();
        var again = Assert.Single(vigil.Answers(0x99, 0x22));

        Assert.Equal((2, FindingStatus.Retracted, changed.Id), (retracted.Revision, retracted.Status, retracted.Id));
        Assert.StartsWith("Retracted: a reorg to block 0 took back", retracted.Reason);
        Assert.Equal((3, FindingStatus.Seen, changed.Id), (again.Revision, again.Status, again.Id));
    }

    [Fact]
    public void A_change_deep_enough_is_confirmed_once()
    {
        Answered(0x11, 0x22);
        vigil.Writes();
        vigil.Answers(0x99, 0x22);
        for (var i = 0; i < 30; i++)
            vigil.Writes();

        Assert.Equal([FindingStatus.Seen, FindingStatus.Confirmed], vigil.Findings.Select(f => f.Status));
        Assert.Equal(13ul, vigil.Findings[1].Block.Number);
        Assert.Equal(vigil.Findings[0].Reason, vigil.Findings[1].Reason);
    }

    [Fact]
    public void Events_that_are_none_of_the_abi_say_that_it_is_not_the_contracts()
    {
        vigil.Writes(Vigil.Foreign, Vigil.Foreign);
        var told = vigil.Writes(Vigil.Foreign, Vigil.Foreign);

        var quiet = Assert.Single(told);
        Assert.Equal((Severity.High, 0.9m), (quiet.Severity, quiet.Confidence));
        Assert.Contains("in 3 calls, and none of its ABI (Known(uint256), Also())", quiet.Reason);
        Assert.Empty(vigil.Writes([.. Enumerable.Repeat(Vigil.Foreign, 20)]));
    }

    [Fact]
    public void One_event_of_the_abi_proves_it_until_the_code_changes()
    {
        Answered(0x11, 0x22);
        vigil.Writes(Vigil.Foreign, Vigil.Known);
        vigil.Writes([.. Enumerable.Repeat(Vigil.Foreign, 20)]);
        Assert.Equal([Severity.Minor], vigil.Findings.Select(finding => finding.Severity));

        vigil.Answers(0x99, 0x22);
        var told = vigil.Writes([.. Enumerable.Repeat(Vigil.Foreign, 3)]);

        Assert.Contains("none of its ABI", Assert.Single(told).Reason);
    }

    [Fact]
    public void An_event_that_the_abi_lacks_is_told_once_for_each_topic()
    {
        vigil.Writes(Vigil.Known);

        var told = Assert.Single(vigil.Writes(Vigil.Foreign, Vigil.Known, Vigil.Foreign));

        Assert.Equal(Severity.Minor, told.Severity);
        Assert.Contains(Vigil.Foreign.ToString(), told.Reason);
        Assert.Empty(vigil.Writes(Vigil.Foreign));
    }

    [Fact]
    public void However_many_events_the_abi_lacks_only_so_many_are_told()
    {
        vigil.Writes(Vigil.Known);
        for (var i = 0; i < 1_000; i++)
            vigil.Writes(Story.Hash(6, i));

        Assert.Equal(32, vigil.Findings.Count(finding => finding.Status == FindingStatus.Seen));
        Assert.Contains("No more of these",
            vigil.Findings.Last(finding => finding.Status == FindingStatus.Seen).Reason);
        Assert.Empty(vigil.Engine.Snapshot().Monitoring!.Undo);
    }

    [Fact]
    public void Reads_that_nobody_answers_are_told_until_they_are()
    {
        Answered(0x11, 0x22);
        vigil.Take(new Arrival.Began(Vigil.At(0)));
        for (var i = 0; i < 50; i++)
            vigil.Writes();
        Assert.Empty(vigil.Take(new Arrival.HeadSeen(Vigil.At(1), vigil.Engine.Head!.Value)));
        vigil.Writes();

        var unread = Assert.Single(vigil.Take(new Arrival.HeadSeen(Vigil.At(2), vigil.Engine.Head!.Value)));
        vigil.Answers(0x11, 0x22);
        var over = Assert.Single(vigil.Take(new Arrival.HeadSeen(Vigil.At(3), vigil.Engine.Head!.Value)));

        Assert.Equal((Threat.MonitoringImpaired, Severity.Elevated), (unread.Threat, unread.Severity));
        Assert.Contains("could not be read for 51 blocks (limit 50)", unread.Reason);
        Assert.Equal((FindingStatus.Over, unread.Id), (over.Status, over.Id));
    }

    [Fact]
    public void A_contract_that_is_not_declared_a_proxy_and_upgrades_is_told_at_once()
    {
        var plain = new Vigil(Vigil.ChainOnly with
        {
            Senses = Senses.ChainOnly with { Contracts = [new KnownContract("vault", Vigil.Proxy, [], [])] },
        });

        var told = Assert.Single(plain.Writes(Upgraded));

        Assert.Equal(Severity.High, told.Severity);
        Assert.Contains("though it is not declared to have such a slot", told.Reason);
    }

    private void Answered(int implementation, int admin)
    {
        vigil.Writes();
        vigil.Answers(implementation, admin);
    }
}
