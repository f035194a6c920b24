using Tocsin.Detection.Accounts;
using Tocsin.Detection.Contracts;
using Tocsin.Detection.Governance;
using Tocsin.Detection.Laundering;
using Tocsin.Detection.Mempool;
using Tocsin.Detection.Money;
using Tocsin.Detection.Operations;
using Tocsin.Detection.Preparation;

namespace Tocsin.Detection.Detectors;

/// <summary>The detectors that a watch has without anybody describing them: those that need to know nothing
/// more.</summary>
public static class DetectorDefaults
{
    public static IEnumerable<DetectorSettings> Of(Watch watch)
    {
        yield return new Loans.FlashLoanProfitSettings([]);
        yield return new Oracles.OracleSpotSettings([]);
        if (watch.Contracts.Count > 0 || watch.Controls.Count > 0
            || watch.Assets.Any(asset => asset.Issuer is not null))
            yield return new PrivilegeChangeSettings();
        yield return PendingAttackSettings.Default;
        yield return ApprovalDrainSettings.Default;
        yield return SilentChangeSettings.Default;
        // Before what asks who was seen preparing.
        yield return SuspiciousPreparationSettings.Default;
        yield return SuspiciousTransferSettings.Default;
        yield return LaunderingSettings.Default;
        foreach (var settings in MoneyDefaults.Of(watch))
            yield return settings;
        yield return new ActivitySpikeSettings();
        yield return new UserReportsSettings();
        foreach (var pool in watch.Pools)
            yield return new UnusualTradingSettings(pool.Name);
        // After all others: what they told of a transaction says more.
        yield return AttackCodeSettings.Default;
    }
}
