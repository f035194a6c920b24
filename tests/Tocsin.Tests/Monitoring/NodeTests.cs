using Tocsin.Detection;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Tests.Monitoring;

/// <summary>Faults of nodes, and that people are not flooded with them.</summary>
public sealed class NodeTests
{
    private static readonly Watch TwoNodes = Vigil.ChainOnly with
    {
        Senses = Senses.ChainOnly with { StallAfter = TimeSpan.FromDays(30), Nodes = ["rpc-1", "rpc-2"] },
    };

    private readonly Vigil vigil = new(TwoNodes);

    [Theory]
    [InlineData("rpc-1", NodeSymptom.Failing, Severity.Elevated)]
    [InlineData("rpc-1", NodeSymptom.Lagging, Severity.Minor)]
    [InlineData("rpc-1", NodeSymptom.Throttling, Severity.Minor)]
    [InlineData("rpc-1", NodeSymptom.Disagreeing, Severity.High)]
    [InlineData("rpc-1", NodeSymptom.BrokeFinality, Severity.High)]
    [InlineData("rpc-1", NodeSymptom.Unconfirmed, Severity.High)]
    [InlineData("*", NodeSymptom.Failing, Severity.High)]
    [InlineData("*", NodeSymptom.Lagging, Severity.High)]
    [InlineData("*", NodeSymptom.Throttling, Severity.Elevated)]
    [InlineData("*", NodeSymptom.Unconfirmed, Severity.High)]
    public void A_fault_is_as_bad_as_what_it_hides(string node, NodeSymptom symptom, Severity severity)
    {
        var told = Assert.Single(vigil.Told(0, node, symptom));
        Assert.Empty(vigil.Told(1, node, symptom));

        Assert.Equal((Threat.MonitoringImpaired, severity, FindingStatus.Seen), (told.Threat, told.Severity,
            told.Status));
        Assert.Equal(node == "*" ? "chain 31337" : "node rpc-1", told.Subject);
        Assert.Contains("(HTTP 503)", told.Reason);
    }

    [Fact]
    public void The_last_node_that_fails_leaves_us_blind()
    {
        vigil.Told(0, "rpc-1", NodeSymptom.Failing);

        Assert.Equal(Severity.High, Assert.Single(vigil.Told(1, "rpc-2", NodeSymptom.Failing)).Severity);
    }

    [Fact]
    public void A_node_that_recovers_is_told_as_over()
    {
        var told = Assert.Single(vigil.Told(0, "rpc-1", NodeSymptom.Failing));

        var over = Assert.Single(vigil.Told(75, "rpc-1", NodeSymptom.Failing, present: false, "answers again"));

        Assert.Equal((told.Id, 2, FindingStatus.Over), (over.Id, over.Revision, over.Status));
        Assert.Equal("Over after 1 min 15 s. The node has it no more (answers again).", over.Reason);
        Assert.Null(Quiet());
    }

    [Fact]
    public void What_comes_back_must_stay_away_twice_as_long_each_time()
    {
        var overs = new List<double>();
        var at = 0.0;
        for (var round = 0; round < 5; round++)
        {
            Assert.Single(vigil.Told(at, "rpc-1", NodeSymptom.Failing));
            vigil.Told(at, "rpc-1", NodeSymptom.Failing, present: false);
            var isOver = vigil.Findings[^1].Status == FindingStatus.Over;
            var over = isOver ? at : (Quiet()!.Value - Vigil.At(0)).TotalSeconds;
            overs.Add(over - at);
            vigil.WaitUntil(over);
            Assert.Equal(FindingStatus.Over, vigil.Findings[^1].Status);
            at = over + 10;
        }

        Assert.Equal([0, 60, 120, 240, 480], overs);
        Assert.Equal(5, vigil.Findings.Select(finding => finding.Id).Distinct().Count());
    }

    [Fact]
    public void What_stays_away_for_an_hour_is_new_when_it_comes_again()
    {
        for (var at = 0; at < 5; at++)
            vigil.Told(at, "rpc-1", NodeSymptom.Failing, present: at % 2 == 0);
        vigil.Told(10, "rpc-1", NodeSymptom.Failing, present: false);
        vigil.WaitUntil(10_000);
        vigil.Passed(10_000);
        vigil.Told(10_001, "rpc-1", NodeSymptom.Failing);

        Assert.Equal(FindingStatus.Over,
            Assert.Single(vigil.Told(10_002, "rpc-1", NodeSymptom.Failing, present: false)).Status);
    }

    [Fact]
    public void Ten_thousand_alternating_symptoms_are_a_handful_of_findings_and_little_memory()
    {
        for (var i = 0; i < 10_000; i++)
            vigil.Told(i, "rpc-1", NodeSymptom.Failing, present: i % 2 == 0);

        Assert.InRange(vigil.Findings.Count, 3, 10);
        var snapshot = vigil.Engine.Snapshot().Monitoring!;
        Assert.Single(snapshot.Conditions);
    }

    [Fact]
    public void Nodes_without_number_fill_no_memory()
    {
        for (var i = 0; i < 10_000; i++)
            vigil.Told(i, $"node-{i}", (NodeSymptom)(i % 3));

        Assert.InRange(vigil.Engine.Snapshot().Monitoring!.Conditions.Count, 1, 256);
    }

    [Fact]
    public void Each_broken_finality_is_told_and_it_is_over_when_none_comes_for_an_hour()
    {
        Assert.Single(vigil.Told(0, "rpc-1", NodeSymptom.BrokeFinality, words: "block 100"));
        var second = Assert.Single(vigil.Told(600, "rpc-1", NodeSymptom.BrokeFinality, words: "block 200"));

        Assert.Empty(vigil.WaitUntil(4_199));
        var over = Assert.Single(vigil.WaitUntil(4_200));

        Assert.Equal((2, FindingStatus.Seen), (second.Revision, second.Status));
        Assert.Contains("block 200", second.Reason);
        Assert.Equal((3, FindingStatus.Over, second.Id), (over.Revision, over.Status, over.Id));
    }

    [Fact]
    public void After_a_restart_a_fault_must_be_told_again_or_is_over()
    {
        vigil.Told(0, "rpc-1", NodeSymptom.Failing);
        vigil.Told(0, "rpc-2", NodeSymptom.Lagging);
        vigil.Restart();
        Assert.Empty(vigil.Take(new Arrival.Began(Vigil.At(1_000))));
        Assert.Empty(vigil.Told(1_010, "rpc-2", NodeSymptom.Lagging));

        var over = Assert.Single(vigil.WaitUntil(2_000));

        Assert.Equal(("node rpc-1", FindingStatus.Over, Vigil.At(1_300)), (over.Subject, over.Status, over.Time));
    }

    [Fact]
    public void Words_of_a_node_stay_on_one_line_and_short()
    {
        var told = Assert.Single(vigil.Told(0, "rpc-1", NodeSymptom.Failing, words: "a\nb" + new string('x', 10_000)));

        Assert.DoesNotContain('\n', told.Reason);
        Assert.InRange(told.Reason.Length, 1, 700);
    }

    private DateTimeOffset? Quiet() => vigil.Engine.DueAt is { } due && due < Vigil.At(1_000_000) ? due : null;
}
