using Tocsin.Findings;

namespace Tocsin.Incidents;

/// <summary>What became of the value that an attack is measured by: units made of nothing have not left us.</summary>
public static class LossWords
{
    private const string Minted = "minted without backing";

    /// <summary>The word behind an amount of the whole incident, for example <c>lost</c>.</summary>
    /// <param name="taken">The word for what left, <c>lost</c> or <c>taken</c>.</param>
    public static string Of(Incident incident, string taken)
    {
        var counted = incident.Findings
            .Where(finding => finding.Status != FindingStatus.Retracted && finding.ImpactUsd > 0)
            .ToList();
        if (!counted.Any(finding => finding.Threat == Threat.UnbackedMint))
            return taken;
        return counted.All(finding => IsMintAlone(finding, incident)) ? Minted : $"{Minted} or {taken}";
    }

    /// <summary>The word behind the amount of one of its findings.</summary>
    public static string Of(Finding finding, Incident incident) =>
        IsMintAlone(finding, incident) ? Minted : "lost";

    // The same mint may be told as a large transfer too; what else an attack did in that transaction is not that.
    private static bool IsMintAlone(Finding finding, Incident incident) =>
        finding.Threat == Threat.UnbackedMint
        || (finding.Threat == Threat.LargeTransfer && finding.Transactions.Count > 0 && finding.Transactions.All(hash =>
            incident.Findings.Any(other => other.Threat == Threat.UnbackedMint
                && other.Status != FindingStatus.Retracted && other.Transactions.Contains(hash))));
}
