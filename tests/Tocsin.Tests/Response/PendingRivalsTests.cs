using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Detection.Mempool;
using Tocsin.Evm.Transactions;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Response;
using Tocsin.Tests.Chain;
using Tocsin.Tests.Incidents;

namespace Tocsin.Tests.Response;

/// <summary>What a pause must go ahead of.</summary>
public sealed class PendingRivalsTests
{
    private static readonly ChainId Chain = new(31337);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cheap_baits_that_come_later_hide_no_high_bid()
    {
        await using var run = await NodesRun.StartAsync();
        run.A.Script = run.B.Script = asked => Pool(asked, (Hash(1), 900));
        var incident = Attacked([.. Enumerable.Range(1, 40).Select(number => Pending(number))]);

        var highest = await PendingRivals.HighestAsync(incident, Of(run), run.Time, Cancel);

        Assert.Equal(new FeeOffer(900, 900), highest);
    }

    [Fact]
    public async Task What_one_node_does_not_know_another_does()
    {
        await using var run = await NodesRun.StartAsync();
        run.A.Script = asked => asked.Method == "eth_getTransactionByHash"
            ? Reply.Error(asked.Id, -32000, "no")
            : null;
        run.B.Script = asked => Pool(asked, (Hash(2), 70));

        Assert.Equal(
            new FeeOffer(70, 70),
            await PendingRivals.HighestAsync(Attacked(Pending(1), Pending(2)), Of(run), run.Time, Cancel));
        Assert.Null(await PendingRivals.HighestAsync(Attacked(), Of(run), run.Time, Cancel));
    }

    /// <summary>It bids no more in all than those for which it made room, but may tip more.</summary>
    [Fact]
    public void What_made_room_is_asked_about_after_what_stands_and_what_never_was_not()
    {
        var incident = Attacked(
            Pending(1) with { Status = FindingStatus.Over, ImpactUsd = 9_000_000 },
            Pending(2) with { Status = FindingStatus.Retracted },
            Pending(3),
            Pending(4) with { ImpactUsd = 5_000_000 },
            Pending(5) with { Chain = new ChainId(10) },
            Pending(6) with { Transactions = [Hash(6), Hash(7)] });

        Assert.Equal([Hash(4), Hash(3), Hash(7), Hash(6), Hash(1)], PendingRivals.Of(incident, Chain));
    }

    [Fact]
    public void No_more_are_asked_about_than_detection_keeps_open()
    {
        var many = Attacked([.. Enumerable.Range(1, 60).Select(number => Pending(number) with
        {
            Transactions = [.. Enumerable.Range(0, 8).Select(version => Hash((version * 256) + number))],
        })]);

        Assert.Equal(
            PendingAttackSettings.OpenMost * PendingAttackSettings.VersionsMost, PendingRivals.Of(many, Chain).Count);
    }

    private static Finding Pending(int number) => Story.Finding($"pending {number}") with
    {
        Detector = PendingAttackSettings.TheCard.Name,
        Transactions = [Hash(number)],
    };

    private static Incident Attacked(params Finding[] findings) =>
        Story.Fold() with { Findings = [Story.Finding(), .. findings] };

    private static Hash32 Hash(int number) => new([.. new byte[30], (byte)(number >> 8), (byte)(number & 0xff)]);

    // All are known; all but those named bid little.
    private static Reply? Pool(Asked asked, params (Hash32 Hash, int Bid)[] high)
    {
        if (asked.Method != "eth_getTransactionByHash")
            return null;
        var bid = high.FirstOrDefault(one => one.Hash.ToString() == asked.FirstText).Bid;
        return Reply.Result(asked.Id, new System.Text.Json.Nodes.JsonObject
        {
            ["blockHash"] = null,
            ["gasPrice"] = $"0x{(bid == 0 ? 1 : bid):x}",
        });
    }

    private static ActingChain Of(NodesRun run) => new(
        Chain, "a chain", run.Nodes, 12, SendingSettings.Usual, relay: null,
        async cancel => await run.Nodes.AskAsync((node, one) => node.HeadAsync(one), cancel));
}
