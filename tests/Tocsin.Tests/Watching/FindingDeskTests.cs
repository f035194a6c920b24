using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Detection.Mempool;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Recording;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Signing;
using Tocsin.Tests.Storage;
using Tocsin.Watching;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Watching;

/// <summary>What is remembered of attacks that are in no block.</summary>
public sealed class FindingDeskTests : IDisposable
{
    private readonly StoreFolder folder = new();
    private readonly Logbook logbook;
    private readonly FindingDesk desk;

    public FindingDeskTests()
    {
        var page = new Uri("https://tocsin.example/");
        logbook = new Logbook(folder.Open(), new Links(_ => page, (_, _, _) => page, page), new FixedTime(At(20)));
        logbook.Adopt(MinimalPlan.Read());
        desk = new FindingDesk(logbook, exercise: false);
    }

    public void Dispose()
    {
        logbook.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void One_attack_that_bids_anew_again_and_again_puts_no_other_out_of_mind()
    {
        See("quiet", 1);
        for (byte version = 2; version < 2 + (2 * PendingAttackSettings.OpenMost); version++)
            See("loud", version);

        Assert.Equal(Hash(1), desk.PendingOf(new FindingId("quiet"))?.Hash);
        Assert.Equal(Hash(1 + (2 * PendingAttackSettings.OpenMost)), desk.PendingOf(new FindingId("loud"))?.Hash);
    }

    [Fact]
    public void As_many_attacks_are_remembered_as_may_be_open_and_those_that_are_over_first_forgotten()
    {
        for (byte attack = 1; attack <= PendingAttackSettings.OpenMost; attack++)
            See($"attack {attack}", attack);
        desk.Record([Of("attack 7", 7, FindingStatus.Over)], At(15), null, null);
        See("another", 99);
        Assert.Null(desk.PendingOf(new FindingId("attack 7")));
        Assert.NotNull(desk.PendingOf(new FindingId("attack 1")));

        See("one too many", 100);

        Assert.Null(desk.PendingOf(new FindingId("attack 1")));
        Assert.NotNull(desk.PendingOf(new FindingId("attack 2")));
        Assert.NotNull(desk.PendingOf(new FindingId("another")));
    }

    private void See(string attack, byte transaction)
    {
        var outcome = new TransactionTrace(Hash(transaction), []);
        var pending = new PendingTransaction(
            Hash(transaction), new Address([.. new byte[19], 0xa7]), null, 0, UInt256.Zero, default, outcome, null);
        desk.Record([Of(attack, transaction)], At(15), new Arrival.Pending(At(15), pending), null);
    }

    private static Finding Of(string attack, byte transaction, FindingStatus status = FindingStatus.Seen) =>
        Finding(attack, revision: status == FindingStatus.Seen ? transaction : 200, status: status) with
        {
            Detector = PendingAttackSettings.TheCard.Name,
            Transactions = [Hash(transaction)],
        };
}
