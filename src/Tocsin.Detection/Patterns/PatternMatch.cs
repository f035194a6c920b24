using Tocsin.Detection.Reading;
using Tocsin.Findings;

namespace Tocsin.Detection.Patterns;

/// <summary>Decides which patterns a transaction completes.</summary>
internal sealed class PatternMatch(Thresholds thresholds)
{
    private readonly Pattern flashLoanAttack = Pattern.FlashLoanAttack(thresholds);
    private readonly Pattern oracleManipulation = Pattern.OracleManipulation(thresholds);

    /// <summary>A flash-loan attack is critical by definition: it includes a loss of a protected contract.</summary>
    public Hit? FlashLoanAttack(Scene scene, TransactionFacts own)
    {
        var evidence = Evidence.Gather(flashLoanAttack, scene, own);
        if (evidence?.Confidence(flashLoanAttack) is not { } confidence)
            return null;
        if (evidence.IsCompleteIn(flashLoanAttack, own.Hash))
            confidence = Math.Max(confidence, Weights.SingleTransactionFlashLoan);
        var subject = SubjectOf(evidence, IndicatorNames.ArbitragePattern);
        return confidence < flashLoanAttack.Confidence
            ? null
            : ToHit(scene, evidence, Severity.Critical, confidence, subject);
    }

    /// <summary>Critical if the origin took value from protected contracts between the first indicator and the last;
    /// otherwise someone's expensive trading, worth a look.</summary>
    /// <param name="reference">The reserves before the first of the evidence.</param>
    public Hit? OracleManipulation(Scene scene, TransactionFacts own, Func<Evidence, ReserveBook> reference)
    {
        var evidence = Evidence.Gather(oracleManipulation, scene, own);
        if (evidence?.Confidence(oracleManipulation) is not { } confidence
            || confidence < oracleManipulation.Confidence)
            return null;
        var loss = Loss.Of(evidence.Flows(), scene.Index, reference(evidence));
        var severity = loss.Usd >= thresholds.MinimumLossUsd ? Severity.Critical : Severity.Elevated;
        return ToHit(scene, evidence, severity, confidence, SubjectOf(evidence, IndicatorNames.CoordinatedTrades));
    }

    /// <summary>One large transfer, of which nothing else is known.</summary>
    public static Hit? LargeTransfer(Scene scene, TransactionFacts own)
    {
        foreach (var indicator in own.Indicators.AsSpan())
        {
            if (indicator.Name == IndicatorNames.LargeTransfer)
                return new Hit(scene.Block, scene.Time, Severity.High, Weights.LargeTransfer, indicator.Subject,
                    [new AttackTransaction(scene.Block, own.Hash, own.Flows)],
                    own.Contract is { } contract ? [own.From, contract] : [own.From], [indicator]);
        }
        return null;
    }

    private static Hit ToHit(Scene scene, Evidence evidence, Severity severity, decimal confidence, string subject) =>
        new(scene.Block, scene.Time, severity, confidence, subject,
            [.. evidence.Transactions], [.. evidence.Addresses], [.. evidence.Indicators]);

    private static string SubjectOf(Evidence evidence, string indicatorName)
    {
        var subject = "";
        foreach (var indicator in evidence.Indicators)
            if (indicator.Name == indicatorName)
                subject = indicator.Subject;
        return subject;
    }
}
