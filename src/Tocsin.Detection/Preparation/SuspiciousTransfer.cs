using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;

namespace Tocsin.Detection.Preparation;

public sealed record SuspiciousTransferState(NotebookState<Address, DateTimeOffset> Known) : DetectorState;

/// <inheritdoc cref="SuspiciousTransferSettings.TheCard"/>
internal sealed class SuspiciousTransfer(Watch watch, SuspiciousTransferSettings settings) : Detector
{
    private const int KnownMax = 16_384;

    // Of the value of a suspicious transfer: what costs nothing makes nobody a customer.
    private const decimal DealingShare = 0.01m;

    // Attackers do not wait where others may come first.
    private static readonly TimeSpan KnownAfter = TimeSpan.FromHours(1);

    private readonly decimal usdMin = settings.UsdMin ?? watch.Thresholds.LargeTransferUsd;
    private readonly Notebook<Address, DateTimeOffset> known = new(KnownMax);
    private readonly List<(Address From, Address To, Address Token, decimal Usd)> paid = [];
    private readonly HashSet<Address> partners = [];

    public override IEnumerable<LogInterest> Interests =>
        watch.Assets.Select(asset => new LogInterest(asset.Address, Topics.Transfer));

    public override void Log(in Log log, in Transaction transaction, BlockScene scene)
    {
        if (log.Topics.Count != 3 || !LogWords.TryRead(log.Data.Span, 0, out var amount) || amount.IsZero)
            return;
        var (from, to) = (LogWords.AddressOf(log.Topics[1]), LogWords.AddressOf(log.Topics[2]));
        var (isOut, isIn) = (scene.IsProtected(from), scene.IsProtected(to));
        if (isOut == isIn || scene.IsWatched(isOut ? to : from))
            return;
        if (scene.Usd(log.Address, amount) is not { } usd)
            return;
        if (usd >= usdMin * DealingShare)
            partners.Add(isOut ? to : from);
        if (isOut && !to.IsZero && usd >= usdMin)
            paid.Add((from, to, log.Address, usd));
    }

    public override void EndTransaction(in Transaction transaction, BlockScene scene)
    {
        if (partners.Count == 0)
            return;
        foreach (var (from, to, token, usd) in paid)
            if (!known.TryGet(to, out var since) || scene.Time - since < KnownAfter)
                Report(transaction, from, to, token, usd, scene);
        foreach (var partner in partners.Order())
            if (!known.TryGet(partner, out _))
                known.Set(partner, scene.Time, scene);
        paid.Clear();
        partners.Clear();
    }

    public override void Rollback(BlockRef ancestor) => known.Rollback(ancestor);

    public override DetectorState Snapshot() => new SuspiciousTransferState(known.Snapshot());

    public override void Restore(DetectorState state)
    {
        if (state is SuspiciousTransferState before)
            known.Restore(before.Known);
    }

    private void Report(
        in Transaction transaction, Address from, Address to, Address token, decimal usd, BlockScene scene)
    {
        var (sender, called) = (transaction.From, transaction.To);
        var suspicion = 0m;
        foreach (var culprit in scene.Culprits)
        {
            if (culprit.Account != to && culprit.Account != sender && culprit.Account != called)
                continue;
            // A large transfer that is part of a critical attack is told there.
            if (culprit.Severity == Severity.Critical && culprit.Confidence >= watch.Thresholds.AlertConfidence)
                return;
            if (culprit.Threat == Threat.SuspiciousPreparation)
                suspicion = Math.Max(suspicion, ConfidenceAfter(culprit.Severity));
        }
        var name = scene.NameOf(from);
        var after = suspicion > 0 ? " The accounts were seen preparing an attack before." : "";
        scene.Report(Threat.LargeTransfer, new Hit(
            scene.Block, scene.Time, Severity.High, Math.Max(Weights.LargeTransfer, suspicion), name,
            [new AttackTransaction(scene.Block, transaction.Hash, [])],
            to == sender ? [sender] : [sender, to],
            [scene.Indicate(
                IndicatorNames.StrangerPaid, transaction, name, usd, usdMin,
                $"{Words.Usd(usd)} of {scene.NameOf(token)} left {name} for {to}, which never dealt with any of our "
                    + $"contracts before.{after}")])
        {
            Detector = settings.Card.Name,
        });
    }

    // By how many stages were seen: see the stage model.
    private static decimal ConfidenceAfter(Severity preparation) => preparation switch
    {
        Severity.Critical or Severity.High => 0.9m,
        Severity.Elevated => 0.75m,
        _ => 0.7m,
    };
}
