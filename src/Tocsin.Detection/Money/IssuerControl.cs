using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;

namespace Tocsin.Detection.Money;

/// <inheritdoc cref="IssuerControlSettings.TheCard"/>
internal sealed class IssuerControl(IssuerControlSettings settings, Watch watch) : Detector
{
    private readonly Asset asset = WatchedMoney.AssetOf(watch, settings.Asset)!;

    public override IEnumerable<LogInterest> Interests =>
        IssuerPowers.Topics.Select(topic => new LogInterest(asset.Address, topic));

    public override void Log(in Log log, in Transaction transaction, BlockScene scene)
    {
        if (IssuerPowers.Of(log) is not { } power)
            return;
        var about = power.IsAboutAccount ? IssuerPowers.AccountOf(power, log) : null;
        var (severity, whom) = Judge(power.Act, about);
        if (severity == Severity.Minor && power.Act != IssuerAct.Resumed && !settings.Others)
            return;
        var confidence = whom is Whom.Others ? Weights.IssuerActedElsewhere : Weights.IssuerActed;
        var account = about is { } named ? $" ({scene.NameOf(named)})" : "";
        scene.Report(Threat.IssuerControl, new Hit(
            scene.Block, scene.Time, severity, confidence, asset.Name,
            [new AttackTransaction(scene.Block, transaction.Hash, [])], [],
            [scene.Indicate(IndicatorNames.IssuerPower, transaction, asset.Name, 1, 1,
                $"The issuer of {asset.Name} {power.Name}{account}. {Meaning(power.Act, whom)}")])
        {
            Detector = settings.Card.Name,
            // Freezing others is daily business of a large issuer, and must not hide what concerns us.
            Key = $"issuer-control/{asset.Name}/{power.Act}/{(whom == Whom.Others ? "others" : about?.ToString())}",
            Size = 1,
        });
    }

    private enum Whom
    {
        Everybody,
        Ours,
        Pool,
        Others,
    }

    private (Severity Severity, Whom Whom) Judge(IssuerAct act, Address? about) => act switch
    {
        IssuerAct.Stopped or IssuerAct.Replaced => (Severity.Critical, Whom.Everybody),
        IssuerAct.Resumed => (Severity.Minor, Whom.Everybody),
        IssuerAct.ControlChanged => (Severity.High, Whom.Everybody),
        IssuerAct.MintersChanged or IssuerAct.FeesChanged => (Severity.Elevated, Whom.Everybody),
        IssuerAct.Froze or IssuerAct.Destroyed => WhomOf(about) switch
        {
            Whom.Ours => (Severity.Critical, Whom.Ours),
            Whom.Pool => (Severity.High, Whom.Pool),
            _ => (Severity.Minor, Whom.Others),
        },
        IssuerAct.Unfroze => WhomOf(about) is Whom.Ours
            ? (Severity.Elevated, Whom.Ours)
            : (Severity.Minor, Whom.Others),
    };

    private Whom WhomOf(Address? account)
    {
        foreach (var contract in watch.Contracts.AsSpan())
            if (contract.Address == account)
                return Whom.Ours;
        foreach (var pool in watch.Pools.AsSpan())
            if (pool.Address == account)
                return Whom.Pool;
        return Whom.Others;
    }

    private static string Meaning(IssuerAct act, Whom whom) => (act, whom) switch
    {
        (IssuerAct.Stopped, _) =>
            "Until it is lifted nobody can pay with it or be paid, and what relies on that fails.",
        (IssuerAct.Replaced, _) => "What holds the old one may hold nothing of worth.",
        (IssuerAct.Froze, Whom.Ours) => "What it holds cannot be paid out, and deposits of others are stuck with it.",
        (IssuerAct.Destroyed, Whom.Ours) => "What it held is gone.",
        (IssuerAct.Froze or IssuerAct.Destroyed, Whom.Pool) => "Nobody can trade there, and its price means nothing.",
        (IssuerAct.ControlChanged, _) =>
            "Unless it was announced, somebody may be taking the power to make units or to stop them.",
        (IssuerAct.MintersChanged, _) => "Whoever is a minter makes units that everybody must take at par.",
        (IssuerAct.FeesChanged, _) => "A contract that counts on receiving what was sent will be short.",
        (IssuerAct.Resumed, _) => "Payments work again.",
        (IssuerAct.Unfroze, Whom.Ours) => "What it holds can be paid out again.",
        _ => "None of ours is concerned.",
    };
}
