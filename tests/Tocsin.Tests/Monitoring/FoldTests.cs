using FsCheck;
using FsCheck.Fluent;
using Tocsin.Detection;
using Tocsin.Evm;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Monitoring;

/// <summary>The same inputs give the same findings, however they come in.</summary>
public sealed class FoldTests
{
    private static readonly Arbitrary<int[]> Scripts =
        Gen.ArrayOf(Gen.Choose(0, 999)).Where(script => script.Length <= 80).ToArbitrary();

    private static readonly Watch Watch = Vigil.Watch with { Thresholds = new Thresholds { Confirmations = 3 } };

    [Fact]
    public void An_engine_restored_from_json_before_every_input_finds_the_same() => Prop.ForAll(Scripts, script =>
    {
        var live = Run(script, _ => { });
        var pieces = Run(script, vigil => vigil.Restart());
        return live.SequenceEqual(pieces);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_snapshot_restored_gives_the_same_snapshot_and_the_same_instant_due() => Prop.ForAll(Scripts, script =>
    {
        var same = true;
        Run(script, vigil =>
        {
            var (before, due) = (vigil.Engine.Snapshot(), vigil.Engine.DueAt);
            vigil.Restart();
            same &= vigil.Engine.Snapshot() == before && vigil.Engine.DueAt == due;
        });
        return same;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Asking_more_often_than_is_due_changes_nothing() => Prop.ForAll(Scripts, script =>
    {
        var seldom = Run(script, _ => { });
        var often = Run(script, vigil =>
        {
            if (vigil.Engine.Snapshot().Monitoring!.Heard is not { } heard)
                return;
            for (var second = 1; second < 5; second++)
            {
                var at = heard.Now.AddSeconds(second / 10.0);
                if (vigil.Engine.DueAt is { } due && due <= at)
                    return;
                vigil.Take(new Arrival.Passed(at));
            }
        });
        return seldom.SequenceEqual(often);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_due_is_always_later_than_what_came() => Prop.ForAll(Scripts, script =>
    {
        var later = true;
        Run(script, vigil => later &= vigil.Engine.Snapshot().Monitoring!.Heard is not { } heard
            || vigil.Engine.DueAt is null || vigil.Engine.DueAt > heard.Now);
        return later;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Revisions_count_up_without_gaps_and_nothing_follows_an_end() => Prop.ForAll(Scripts, script =>
    {
        var findings = Run(script, _ => { });
        return findings.GroupBy(finding => finding.Id).All(revisions =>
            revisions.Select(finding => finding.Revision).SequenceEqual(Enumerable.Range(1, revisions.Count()))
            && revisions.SkipLast(1).All(finding => finding.Status != FindingStatus.Over));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_scripts_do_reach_every_threat_and_every_status()
    {
        var reached = Gen.Sample(Scripts.Generator, 80, 200)
            .SelectMany(script => Run(script, _ => { }))
            .Select(finding => (finding.Threat, finding.Status))
            .ToHashSet();

        Assert.Contains((Threat.MonitoringImpaired, FindingStatus.Over), reached);
        Assert.Contains((Threat.MissedHeartbeat, FindingStatus.Seen), reached);
        Assert.Contains((Threat.FrontEndChange, FindingStatus.Over), reached);
        Assert.Contains((Threat.ContractChange, FindingStatus.Confirmed), reached);
        Assert.Contains((Threat.ContractChange, FindingStatus.Retracted), reached);
    }

    /// <summary>Tells a night by numbers, and waits for what is due between them.</summary>
    private static List<Finding> Run(int[] script, Action<Vigil> between)
    {
        var vigil = new Vigil(Watch);
        var at = 0.0;
        foreach (var number in script)
        {
            between(vigil);
            at += number % 4 == 0 ? 100 : 1 + number % 7;
            vigil.WaitUntil(at);
            Act(vigil, number, at);
        }
        return vigil.Findings;
    }

    private static void Act(Vigil vigil, int number, double at)
    {
        var count = vigil.Story.Blocks.Count;
        switch (number % 17)
        {
            case 0 or 1 or 2:
                vigil.Head(at);
                break;
            case 3 when count > 0:
                vigil.Answers(number % 5, number % 2);
                break;
            case 4 when count > 0:
                vigil.Take(vigil.Story.BackTo(Math.Max(0, count - 1 - number % 5)));
                break;
            case 5:
                vigil.Writes(Vigil.Foreign, Keccak256.Hash("Upgraded(address)"));
                break;
            case 6:
                vigil.Writes(Vigil.Known);
                break;
            case 7 or 8:
                vigil.Told(at, $"rpc-{number % 3}", (NodeSymptom)(number % 6), number % 2 == 0);
                break;
            case 9:
                vigil.Take(new Arrival.Tick(Vigil.At(at), "one", "GEM", 1, number % 3 == 0 ? Vigil.At(at - 50) : null));
                break;
            case 10:
                vigil.Take(new Arrival.FeedFailed(Vigil.At(at), "two", "no"));
                break;
            case 11:
                vigil.Take(new Arrival.Beat(Vigil.At(at), "keeper"));
                break;
            case 12 or 13:
                vigil.Seen(at, number % 2 == 0 ? "content" : "certificate", $"{number % 3}");
                break;
            case 14:
                vigil.Seen(at, "reachable", number % 2 == 0 ? "no" : "yes");
                break;
            case 15 when number % 2 == 0:
                vigil.Take(new Arrival.Began(Vigil.At(at)));
                break;
            default:
                vigil.Take(vigil.Story.Next(Story.Attack()));
                break;
        }
    }
}
