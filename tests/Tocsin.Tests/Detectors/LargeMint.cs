using Tocsin.Detection;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;

namespace Tocsin.Tests.Detectors;

// The example of docs/own-detector.md, which holds this file's text from here on.
internal sealed record LargeMintSettings(string Asset, decimal LimitUsd = 250_000) : DetectorSettings
{
    public static DetectorCard TheCard { get; } = new(
        "large-mint", Threat.UnbackedMint,
        "One transaction makes more units of an asset than is usual for it.",
        "Transfers of the asset from the zero address.",
        ["asset: required", "limit_usd: 250000. From here on it is told, at severity 3."],
        ["A large sum in many small mints."]);

    public override DetectorCard Card => TheCard;

    public override string Subject => Asset;

    public override IEnumerable<string> Problems(Watch watch)
    {
        if (watch.AddressOf(Asset) is null)
            yield return $"large-mint: '{Asset}' is no asset of the plan";
    }

    internal override Detector Create(Watch watch) => new LargeMint(this, watch);
}

internal sealed class LargeMint(LargeMintSettings settings, Watch watch) : Detector
{
    private decimal minted;

    // Only what is asked for here is shown: by address, by first topic, or by both.
    public override IEnumerable<LogInterest> Interests =>
        [new LogInterest(watch.AddressOf(settings.Asset)!.Value, Topics.Transfer)];

    public override void Log(in Log log, in Transaction transaction, BlockScene scene)
    {
        // Whatever a log holds, a stranger wrote it: read it with care, add it up without overflow.
        if (log.Topics.Count == 3 && LogWords.AddressOf(log.Topics[1]).IsZero
            && LogWords.TryRead(log.Data.Span, 0, out var amount) && scene.Usd(log.Address, amount) is { } usd)
            minted = Math.Min(minted + usd, settings.LimitUsd * 1_000_000);
    }

    public override void EndTransaction(in Transaction transaction, BlockScene scene)
    {
        if (minted >= settings.LimitUsd)
            scene.Report(Threat.UnbackedMint, new Hit(
                scene.Block, scene.Time, Severity.Elevated, Weights.NoisyOr([0.8m * Strength()]), settings.Asset,
                [new AttackTransaction(scene.Block, transaction.Hash, [])], [transaction.From],
                [scene.Indicate("large_mint", transaction, settings.Asset, minted, settings.LimitUsd,
                    $"{minted:N0} USD of {settings.Asset} were made in one transaction.")])
            {
                Detector = settings.Card.Name,
            });
        minted = 0;
    }

    private decimal Strength() => Weights.Strength(minted, settings.LimitUsd);
}
