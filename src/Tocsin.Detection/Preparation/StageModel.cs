using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Preparation;

/// <summary>
/// How sure it is that an account prepares an attack: by how many of the stages it went through that attackers go
/// through (funding, preparation, first touch), not by how conspicuous one of them is.
/// </summary>
internal static class StageModel
{
    private const decimal OneStage = 0.3m;
    private const decimal OneStageWithLoans = 0.4m;
    private const decimal TwoStages = 0.7m;
    private const decimal AllStages = 0.8m;
    private const decimal Aggravated = 0.05m;

    public static (Severity Severity, decimal Confidence) Of(PreparedAccount account) => account switch
    {
        { Stages: 3, Names: not null } =>
            (Severity.High, AllStages + (account.TakesLoans ? Aggravated : 0) + (account.IsFresh ? Aggravated : 0)),
        { Stages: >= 2 } => (Severity.Elevated, TwoStages),
        { TakesLoans: true } => (Severity.Elevated, OneStageWithLoans),
        _ => (Severity.Minor, OneStage),
    };

    public static Hit Judge(Address account, PreparedAccount seen, Hash32 transaction, BlockScene scene)
    {
        var (severity, confidence) = Of(seen);
        var subject = seen.Names ?? seen.Touched ?? "the protocol";
        return new Hit(
            scene.Block, scene.Time, severity, confidence, subject,
            [new AttackTransaction(scene.Block, transaction, [])], [account, .. seen.Contracts],
            Signs(account, seen, scene.Block)
                .Select(sign => scene.Indicate(sign.Name, transaction, account, subject, 1, 1, sign.Reason))
                .ToValueList())
        {
            Detector = SuspiciousPreparationSettings.TheCard.Name,
        };
    }

    private static IEnumerable<(string Name, string Reason)> Signs(
        Address account, PreparedAccount seen, BlockRef block)
    {
        if (seen.Funds is { } funds)
            yield return (IndicatorNames.HiddenFunds,
                $"{account} was paid by {funds.From} at {funds.At:u}: nobody can tell whose money it is.");
        if (seen.Names is { } names)
            yield return (IndicatorNames.NamesOurs, $"A contract that it made has the address of {names} in its code.");
        if (seen.TakesLoans)
            yield return (IndicatorNames.LoanCallback, "A contract that it made can take flash loans.");
        if (seen.IsFresh)
            yield return (IndicatorNames.FreshAccount, "The account has hardly sent any transaction before.");
        if (seen.Touched is { } touched)
            yield return (IndicatorNames.FirstTouch, seen.ActedWhenMade
                ? $"It acted on {touched} while it was being made: the attack may be in that very transaction, in or "
                    + $"before block {block.Number}."
                : $"It touched {touched} for the first time: an attack may follow within minutes.");
    }
}
