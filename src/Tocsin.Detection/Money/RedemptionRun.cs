using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;

namespace Tocsin.Detection.Money;

/// <param name="Account">Who sent the transaction.</param>
public sealed record Redemption(Hash32 Transaction, Address Account, decimal Usd);

/// <summary>What a block redeemed and issued.</summary>
/// <param name="Largest">The largest redemptions of the block; the others are in the sum alone.</param>
public sealed record BlockRedemptions(decimal RedeemedUsd, decimal IssuedUsd, ValueList<Redemption> Largest);

public sealed record RedemptionRunState(
    ValueList<Trailed<BlockRedemptions>> Blocks, NotebookState<string, LearntHours> Learnt) : DetectorState;

/// <inheritdoc cref="RedemptionRunSettings.TheCard"/>
internal sealed class RedemptionRun : Detector
{
    private const int RedemptionsOfBlockMax = 16;

    private readonly RedemptionRunSettings settings;
    private readonly Asset asset;
    private readonly decimal? par;
    private readonly int redeemersMin;
    private readonly bool limitAlone;
    private readonly SupplyReading reading;

    // The hour that is learnt and the one that is under way.
    private readonly Trail<BlockRedemptions> blocks = new(2 * UsualHours.Hour);
    private readonly UsualHours usual = new();
    private readonly List<Redemption> ofBlock = [];
    private decimal redeemedUsd;
    private decimal issuedUsd;

    public RedemptionRun(RedemptionRunSettings settings, Watch watch)
    {
        this.settings = settings;
        asset = WatchedMoney.AssetOf(watch, settings.Asset)!;
        par = WatchedMoney.ParOf(watch, asset);
        redeemersMin = settings.RedeemersMin ?? (asset.Issuer is null ? 1 : 3);
        limitAlone = settings.LimitAlone ?? asset.Issuer is not null;
        reading = new SupplyReading(asset.Address);
    }

    public override IEnumerable<LogInterest> Interests =>
        TokenEvents.OfSupply.Select(topic => new LogInterest(asset.Address, topic));

    public override void Log(in Log log, in Transaction transaction, BlockScene scene) => reading.Read(log);

    public override void EndTransaction(in Transaction transaction, BlockScene scene)
    {
        // What is lent and given back within one transaction is neither issue nor redemption.
        var net = Amounts.Units(reading.Redeemed, asset.Decimals) - Amounts.Units(reading.Issued, asset.Decimals);
        reading.Clear();
        if (net == 0 || (par ?? scene.UsdPrice(asset.Address)) is not { } price)
            return;
        var usd = Amounts.Usd(Math.Abs(net), price);
        if (net < 0)
        {
            issuedUsd = Sum(issuedUsd, usd);
            return;
        }
        if (usd == 0)
            return;
        redeemedUsd = Sum(redeemedUsd, usd);
        ofBlock.Add(new Redemption(transaction.Hash, transaction.From, usd));
    }

    public override void EndBlock(BlockScene scene)
    {
        if (redeemedUsd == 0 && issuedUsd == 0)
            return;
        usual.Pass(scene, NetOf);
        var largest = ofBlock.OrderByDescending(one => one.Usd).Take(RedemptionsOfBlockMax).ToValueList();
        blocks.Add(scene, new BlockRedemptions(redeemedUsd, issuedUsd, largest));
        var redeemedNow = redeemedUsd > 0;
        (redeemedUsd, issuedUsd) = (0, 0);
        ofBlock.Clear();
        if (redeemedNow)
            Judge(largest, scene);
    }

    public override void Rollback(BlockRef ancestor)
    {
        blocks.Rollback(ancestor);
        usual.Rollback(ancestor);
    }

    public override DetectorState Snapshot() => new RedemptionRunState(blocks.ToList(), usual.Snapshot());

    public override void Restore(DetectorState state)
    {
        if (state is not RedemptionRunState known)
            return;
        blocks.Restore(known.Blocks);
        usual.Restore(known.Learnt);
    }

    private static decimal Sum(decimal left, decimal right) => Math.Min(Amounts.UsdMax, left + right);

    private decimal NetOf(DateTimeOffset hour)
    {
        var net = 0m;
        foreach (var (_, time, what) in blocks.Since(hour + UsualHours.Hour))
            if (Hours.Of(time) == hour)
                net += what.RedeemedUsd - what.IssuedUsd;
        return net;
    }

    // Those of the newest block, the largest first.
    private void Judge(ValueList<Redemption> newest, BlockScene scene)
    {
        var (net, redeemers) = (0m, new Dictionary<Address, decimal>());
        foreach (var (_, _, what) in blocks.Since(scene.Time, UsualHours.Hour))
        {
            net += what.RedeemedUsd - what.IssuedUsd;
            foreach (var one in what.Largest.AsSpan())
                redeemers[one.Account] = Sum(redeemers.GetValueOrDefault(one.Account), one.Usd);
        }
        if (net < settings.HourlyUsd)
            return;
        var (unusual, run) = (usual.Limit(scene.Time, settings.Unusual), usual.Limit(scene.Time, settings.Run));
        if (unusual is null ? !limitAlone : net < unusual)
            return;
        var severity = run is null || net >= run ? Severity.Critical : Severity.High;
        var confidence = unusual is null ? Weights.RedemptionsOverLimit : Weights.RedemptionsUnusual;
        if (redeemers.Count < redeemersMin)
            (severity, confidence) = (Severity.Elevated, Weights.RedemptionsOfFew);
        scene.Report(Threat.RedemptionRun, new Hit(
            scene.Block, scene.Time, severity, confidence, asset.Name,
            newest.Select(one => new AttackTransaction(scene.Block, one.Transaction, [])).ToValueList(), [],
            [Indicate(net, unusual, usual.Expected(scene.Time), redeemers, largestOfBlock: newest[0], scene)])
        {
            Detector = settings.Card.Name,
            Key = $"redemption-run/{asset.Name}",
            Size = net,
        });
    }

    private Indicator Indicate(
        decimal net, decimal? unusual, decimal? expected, Dictionary<Address, decimal> redeemers,
        Redemption largestOfBlock, BlockScene scene)
    {
        var against = expected is { } mean
            ? $"about {Words.Usd(mean)} is usual at this hour"
            : $"the limit is {Words.Usd(settings.HourlyUsd)}, and what is usual is not known yet";
        var largest = redeemers.Values.Max() / Math.Max(1, redeemers.Values.Sum());
        var who = redeemers.Count < redeemersMin
            ? $"Only {Words.Count(redeemers.Count, "account", "accounts")} redeemed, so this is rather a large holder "
                + "leaving than a run."
            : $"{Words.Count(redeemers.Count, "account", "accounts")} redeemed, the largest "
                + $"{Words.Share(Math.Round(largest, 3))} of it. If it goes on, the reserve must pay it all.";
        return scene.Indicate(
            IndicatorNames.Redemptions, largestOfBlock.Transaction, largestOfBlock.Account, asset.Name, net,
            Math.Max(settings.HourlyUsd, unusual ?? 0),
            $"Within an hour {Words.Usd(net)} more of {asset.Name} was redeemed than issued; {against}. {who}");
    }
}
