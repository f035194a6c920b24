using System.Numerics;
using Tocsin.Chains;
using Tocsin.Findings;

namespace Tocsin.Deployments;

/// <summary>Whether limits can bite, and whether what waits gets out.</summary>
internal static class AssetJudgement
{
    private const int LongestReleaseDays = 90;

    private static readonly UInt256 Unlimited = (UInt256)((BigInteger.One << 128) - 1);

    public static IEnumerable<Weakness> Of(DeploymentState state)
    {
        var attesters = state.Members.Count(member => member.Role == Role.Attester);
        return state.Assets.SelectMany(asset =>
            (IEnumerable<Weakness>)[.. Rule(asset), .. Attestation(asset, attesters), .. Line(asset)]);
    }

    private static IEnumerable<Weakness> Rule(AssetState asset)
    {
        if (asset.Held is null)
            yield return Of(Severity.Elevated, "asset-mute", asset, "The asset does not say how much of it is held.",
                "Check that it is an ERC-20; of one that does not answer, the limit is its floor.");
        if (asset.Rule is not { } rule)
        {
            yield return Of(Severity.High, "no-rule", asset,
                asset.IsMinted ? "It has no limit: nothing is minted." : "It has no limit: everything queues.",
                "Governance sets the first rule at once (OutflowLimits.setRule).");
            yield break;
        }
        (string, UInt256)[] fields =
            [("cap", rule.Cap), ("single", rule.Single), ("perAccount", rule.PerAccount)];
        foreach (var (field, value) in fields)
        {
            if (value == Unlimited)
                yield return Of(field == "perAccount" ? Severity.Minor : Severity.High, "unlimited", asset,
                    $"'{field}' is unlimited.", "Tighten it (OutflowLimits.tighten).");
        }
        if (asset.IsMinted || asset.Held is not { IsZero: false } held)
            yield break;
        if (rule.Cap != Unlimited && rule.InForce >= held)
            yield return Of(Severity.High, "limit-never-bites", asset,
                $"Within one window {rule.InForce} may leave, and {held} is held: the limit never bites.",
                "Tighten the share, the cap or the floor.");
        if (rule.Single != Unlimited && rule.Single >= held)
            yield return Of(Severity.High, "single-never-bites", asset,
                $"One transaction may take {rule.Single}, and {held} is held.", "Tighten 'single'.");
        if (!rule.ShareBps.IsZero && rule.Base.IsZero)
            yield return Of(Severity.Minor, "base-zero", asset,
                "What counts as surely held is nothing yet: the limit is its floor.",
                "Wait: value counts once it has stood for a full window. Set the floor to what one window needs.");
    }

    private static IEnumerable<Weakness> Attestation(AssetState asset, int attesters)
    {
        if (asset.Rule is not { } rule)
            yield break;
        if (rule.AttestAbove != Unlimited && attesters == 0)
            yield return Of(Severity.Elevated, "attester-missing", asset,
                $"Above {rule.AttestAbove} of a window only attested movements pass, and nobody attests.",
                "Have governance offer the role Attester, or schedule a rule without 'attestAbove'.");
    }

    private static IEnumerable<Weakness> Line(AssetState asset)
    {
        if (asset.IsMinted)
            yield break;
        if (asset.Line is not { } line)
        {
            yield return Of(Severity.Critical, "no-line", asset,
                "The queue has no line for it: what is over the limit reverts instead of waiting.",
                "Governance opens it at once (WithdrawalQueue.setRule).");
            yield break;
        }
        if (line.CancelCap.IsZero)
            yield return Of(Severity.Minor, "nothing-cancelled", asset,
                "Two recoverers can cancel nothing: what an attacker queued is paid.",
                "Governance schedules a 'cancelCap'.");
        var days = (BigInteger)(asset.Held ?? UInt256.Zero) * (BigInteger)line.WindowSeconds;
        if (days > (BigInteger)line.ReleaseCap * LongestReleaseDays * 86_400)
            yield return Of(Severity.Elevated, "queue-slow", asset,
                $"If all of {asset.Held} queued, it would take more than {LongestReleaseDays} days to get out.",
                "Governance schedules a larger 'releaseCap'.");
    }

    private static Weakness Of(Severity severity, string kind, AssetState asset, string what, string remedy) =>
        new(severity, kind, asset.Name, what, remedy);
}
