using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Detection.Accounts;

public sealed record ApprovalDrainState(ValueList<Trailed<Pull>> Pulls) : DetectorState;

/// <inheritdoc cref="ApprovalDrainSettings.TheCard"/>
internal sealed class ApprovalDrain : Detector
{
    // The largest of a block without traces, of a transaction with them: whoever goes first with dust, so that what
    // comes after it does not count, gains nothing.
    private const int PullsMax = 128;
    private const int AddressesMax = 16;

    private readonly Watch watch;
    private readonly ApprovalDrainSettings settings;
    private readonly HashSet<Address> known;
    private readonly PullReading reading;
    private readonly Trail<Pull> pulls;
    private readonly HashSet<Address> actors = [];
    private readonly List<Pull> fresh = [];

    public ApprovalDrain(Watch watch, ApprovalDrainSettings settings)
    {
        (this.watch, this.settings) = (watch, settings);
        known = [.. settings.Known.Select(name => watch.AddressOf(name)!.Value)];
        reading = new PullReading(known);
        pulls = new Trail<Pull>(settings.Window);
    }

    public override IEnumerable<LogInterest> Interests =>
        watch.Assets.Select(asset => new LogInterest(asset.Address, Topics.Transfer));

    public override void EndTransaction(in Transaction transaction, BlockScene scene)
    {
        if (transaction.To is { } called && (known.Contains(called) || known.Contains(transaction.From)))
            return;
        fresh.AddRange(reading.OfLogs(transaction, scene));
    }

    public override void EndBlock(BlockScene scene)
    {
        AddFresh(scene);
        Judge(scene);
    }

    public override void Traced(TransactionTrace trace, BlockScene scene)
    {
        if (trace.Frames.Count == 0 || known.Contains(trace.Frames[0].From))
            return;
        fresh.AddRange(reading.OfCalls(trace, scene));
        AddFresh(scene);
        Judge(scene);
    }

    public override void Rollback(BlockRef ancestor) => pulls.Rollback(ancestor);

    public override DetectorState Snapshot() => new ApprovalDrainState(pulls.ToList());

    public override void Restore(DetectorState state)
    {
        if (state is ApprovalDrainState before)
            pulls.Restore(before.Pulls);
    }

    private void AddFresh(BlockScene scene)
    {
        if (fresh.Count == 0)
            return;
        foreach (var pull in fresh.Count <= PullsMax ? fresh : Largest(fresh))
        {
            pulls.Add(scene, pull);
            actors.Add(pull.Spender);
            actors.Add(pull.Sender);
        }
        fresh.Clear();
    }

    private static IEnumerable<Pull> Largest(List<Pull> pulls) =>
        pulls.OrderByDescending(pull => pull.Usd).Take(PullsMax);

    private void Judge(BlockScene scene)
    {
        if (actors.Count == 0)
            return;
        var tallies = actors.Order().ToDictionary(actor => actor, _ => (Sure: new PullTally(), All: new PullTally()));
        foreach (var (_, _, pull) in pulls.Since(scene.Time))
        {
            foreach (var actor in pull.Sender == pull.Spender ? [pull.Spender] : new[] { pull.Spender, pull.Sender })
            {
                if (!tallies.TryGetValue(actor, out var tally))
                    continue;
                tally.All.Add(pull);
                if (pull.IsSure)
                    tally.Sure.Add(pull);
            }
        }
        var told = new HashSet<Hash32>();
        // The spender explains more than the sender, who may use several; what one tells the other need not.
        foreach (var (actor, tally) in tallies.OrderBy(entry => IsSpender(entry.Key, entry.Value.All) ? 0 : 1))
        {
            var chosen = IsDrain(actor, tally.Sure, scene) ? tally.Sure : tally.All;
            if (!IsDrain(actor, chosen, scene) || chosen.Pulls.All(pull => told.Contains(pull.Transaction)))
                continue;
            told.UnionWith(chosen.Pulls.Select(pull => pull.Transaction));
            Report(actor, chosen, chosen == tally.Sure, scene);
        }
        actors.Clear();
    }

    private static bool IsSpender(Address actor, PullTally tally) => tally.Pulls.Any(pull => pull.Spender == actor);

    private bool IsDrain(Address actor, PullTally tally, BlockScene scene) =>
        tally.Victims >= settings.VictimsMin && tally.Recipients <= settings.RecipientsMax
        && tally.Usd >= UsdMinOf(actor, scene);

    private decimal UsdMinOf(Address actor, BlockScene scene) => scene.IsProtected(actor)
        ? Math.Min(settings.UsdMin, watch.Thresholds.MinimumLossUsd)
        : settings.UsdMin;

    private void Report(Address actor, PullTally tally, bool isSure, BlockScene scene)
    {
        var isOurs = scene.IsProtected(actor);
        var last = tally.Pulls.Last();
        var subject = isOurs ? scene.NameOf(actor) : scene.NameOf(last.Token);
        var by = isOurs ? $"our contract {scene.NameOf(actor)}" : actor.ToString();
        var reasons = new List<Indicator>
        {
            scene.Indicate(
                IndicatorNames.ManyVictims, last.Transaction, last.Sender, subject, tally.Victims, settings.VictimsMin,
                $"{Words.Count(tally.Victims, "account", "accounts")} lost tokens to "
                    + $"{Words.Count(tally.Recipients, "recipient", "recipients")} through {by} within "
                    + $"{Words.Length(settings.Window)}, by allowances given earlier and without their doing."),
            scene.Indicate(
                IndicatorNames.PulledValue, last.Transaction, last.Sender, subject, tally.Usd, UsdMinOf(actor, scene),
                $"Together about {Words.Usd(tally.Usd)} so far. It goes on until the allowances are taken back."),
        };
        if (isOurs)
            reasons.Add(scene.Indicate(
                IndicatorNames.OurContractPulls, last.Transaction, last.Sender, subject, tally.Victims, 1,
                "Our own users gave these allowances to us: pausing that contract stops it."));
        var confidence = Weights.NoisyOr(
            [.. reasons.Select(one => Weights.Of(Threat.ContractAnomaly, one.Name) * one.Strength)]);
        scene.Report(Threat.ContractAnomaly, new Hit(
            scene.Block, scene.Time, isOurs ? Severity.Critical : Severity.High,
            isSure ? confidence : Math.Min(confidence, Weights.PullsUnproven), subject,
            Transactions(tally), Thieves(tally, scene), [.. reasons])
        {
            Detector = settings.Card.Name,
            Key = $"approval-drain/{actor}",
            Size = tally.Usd,
        });
    }

    private static ValueList<AttackTransaction> Transactions(PullTally tally) => tally.Pulls
        .Select(pull => (pull.Block, pull.Transaction)).Distinct().TakeLast(AddressesMax)
        .Select(one => new AttackTransaction(one.Block, one.Transaction, [])).ToValueList();

    private static ValueList<Address> Thieves(PullTally tally, BlockScene scene) => tally.Pulls
        .SelectMany(pull => new[] { pull.Sender, pull.Spender, pull.Recipient })
        .Where(account => !scene.IsWatched(account)).Distinct().Take(AddressesMax).ToValueList();
}
