using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;

namespace Tocsin.Tests.Detection;

/// <summary>The same input gives the same findings, however it comes in.</summary>
public class ReplayTests
{
    // Few confirmations and few accounts: so confirmations, reorgs and shared addresses meet often.
    private static readonly Watch Watch = Story.Watch with
    {
        Thresholds = new Thresholds { Confirmations = 3 },
        Detectors = DetectorDefaults.Of(Story.Watch).ToValueList(),
    };

    private static readonly Arbitrary<int[]> Scripts =
        Gen.ArrayOf(Gen.Choose(0, 199)).Where(script => script.Length <= 60).ToArbitrary();

    [Fact]
    public void Live_and_replayed_findings_are_equal() => Prop.ForAll(Scripts, script =>
    {
        var steps = Tell(script);
        return Story.Run(new Engine(Watch), steps).SequenceEqual(Story.Run(new Engine(Watch), steps));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void An_engine_restored_from_json_before_every_step_finds_the_same() => Prop.ForAll(Scripts, script =>
    {
        var steps = Tell(script);
        var live = Story.Run(new Engine(Watch), steps);
        var engine = new Engine(Watch);
        var pieces = new List<Finding>();
        foreach (var step in steps)
        {
            engine = Engine.Restore(Watch, SnapshotJson.RoundTrip(engine.Snapshot()));
            pieces.AddRange(engine.Step(step));
        }
        return live.SequenceEqual(pieces);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_snapshot_restored_gives_the_same_snapshot() => Prop.ForAll(Scripts, script =>
    {
        var engine = new Engine(Watch);
        Story.Run(engine, Tell(script));
        var snapshot = engine.Snapshot();
        return Engine.Restore(Watch, SnapshotJson.RoundTrip(snapshot)).Snapshot() == snapshot;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_replay_of_the_canonical_blocks_gives_the_live_findings_without_what_reorgs_caused() =>
        Prop.ForAll(Scripts, script =>
        {
            var steps = Tell(script);
            var live = new Engine(Watch);
            var byBlock = new Dictionary<Hash32, IReadOnlyList<Finding>>();
            var canonical = new List<Block>();
            foreach (var step in steps)
            {
                var findings = live.Step(step);
                if (step is ChainStep.Forward forward)
                {
                    byBlock[forward.Block.Ref.Hash] = findings;
                    canonical.Add(forward.Block);
                }
                else if (step is ChainStep.Rollback rollback)
                    canonical.RemoveAll(block => block.Ref.Number > rollback.Ancestor.Number);
            }
            var replay = new Engine(Watch);
            return canonical.TrueForAll(block =>
                Unnumbered(replay.Step(Story.Step(block))).SequenceEqual(Unnumbered(byBlock[block.Ref.Hash])));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Revisions_of_a_finding_count_up_without_gaps() => Prop.ForAll(Scripts, script =>
    {
        var findings = Story.Run(new Engine(Watch), Tell(script));
        return findings.GroupBy(finding => finding.Id).All(revisions =>
            revisions.Select(finding => finding.Revision).SequenceEqual(Enumerable.Range(1, revisions.Count())));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_scripts_do_reach_attacks_confirmations_and_retractions()
    {
        var reached = Gen.Sample(Scripts.Generator, 100, 60)
            .SelectMany(script => Story.Run(new Engine(Watch), Tell(script)))
            .Select(finding => (finding.Threat, finding.Status)).ToHashSet();

        Assert.Contains((Threat.FlashLoanAttack, FindingStatus.Confirmed), reached);
        Assert.Contains((Threat.FlashLoanAttack, FindingStatus.Retracted), reached);
        Assert.Contains((Threat.OracleManipulation, FindingStatus.Confirmed), reached);
        Assert.Contains((Threat.LargeTransfer, FindingStatus.Seen), reached);
    }

    private static IEnumerable<Finding> Unnumbered(IEnumerable<Finding> findings) =>
        findings.Select(finding => finding with { Revision = 0 });

    /// <summary>Tells a story by numbers: each is a block with one or two transactions, or a reorg.</summary>
    private static List<ChainStep> Tell(int[] script)
    {
        var story = new Story();
        // Half of the stories begin without knowing a price.
        List<ChainStep> steps = script.Length % 2 == 0 ? [story.Begin()] : [story.Next()];
        foreach (var number in script)
        {
            if (number >= 170)
                steps.Add(story.BackTo(Math.Max(0, story.Blocks.Count - 1 - number % 10)));
            else
                steps.Add(story.Next(Act(number % 13, number), Act(number % 11, number + 1)));
        }
        return steps;
    }

    private static Action<TransactionStory> Act(int kind, int number)
    {
        var who = Story.Account(0x100 + number % 3);
        var through = Story.Account(0x200 + number % 2);
        return kind switch
        {
            0 => Story.Attack(who, through),
            // A pool of hashes: an orphaned attack comes again in another block.
            1 => Story.Attack(who, through, hash: 100_000 + number),
            2 => tx => tx.By(who, Story.Router).BuyGem(who, 20_000m * (1 + number % 20)),
            3 => tx => tx.By(who, Story.Router).SellGem(who, 2_000m * (1 + number % 20)),
            4 => tx => tx.By(who, Story.Market).Transfer(Story.Dusd, Story.Market, who, 9_000m),
            5 => tx => tx.By(who, Story.Market).Transfer(Story.Dusd, Story.Market, who, 1_200_000m),
            6 => tx => tx.By(who, through).Resize(Story.Pair, number % 2 == 0 ? 0.5m : -0.35m),
            7 => tx => tx.By(who, through).Reverted(),
            _ => tx => tx.By(Story.Account(0x300 + number), Story.Router).BuyGem(Story.Router, 500m + number),
        };
    }
}
