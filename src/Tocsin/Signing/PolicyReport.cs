using System.Globalization;
using Tocsin.Chains;
using Tocsin.Plans;

namespace Tocsin.Signing;

/// <summary>What a policy allows, for a person who must answer for it.</summary>
/// <param name="Key">Where the key is kept.</param>
/// <param name="MostFeesPerDayWei">What fees can cost within a day, if everything that may be signed is.</param>
/// <param name="Worst">The worst that comes of what is stolen, a sentence for each case.</param>
internal sealed record PolicyReport(
    bool Exercise,
    string Key,
    ValueList<AllowedCallReport> Allowed,
    ValueList<BeatReport> Heartbeats,
    int SignaturesPerDay,
    UInt256 MostFeesPerDayWei,
    ValueList<WorstCase> Worst,
    ValueList<PolicyWeakness> Weaknesses)
{
    public int Errors => Weaknesses.Count(weakness => weakness.Level == ComplaintLevel.Error);
}

/// <summary>An entry of <c>allowed</c> in words.</summary>
/// <param name="Arguments">What each argument may be.</param>
/// <param name="Approvals">Different wallets that are needed; null where no choice of them is enough.</param>
/// <param name="Indispensable">Wallets without which nobody can approve it.</param>
/// <param name="Through">The Safe that makes the call; null where the signer's own account does.</param>
internal sealed record AllowedCallReport(
    ChainId Chain,
    string Target,
    string Function,
    ValueList<string> Arguments,
    int? Approvals,
    ValueList<string> Places,
    ValueList<string> Indispensable,
    string? Through = null);

/// <summary>An entry of <c>heartbeats</c> in words; nobody approves it.</summary>
internal sealed record BeatReport(ChainId Chain, string Brake, string Relayer, int PerDay, UInt256 MostFeesPerDayWei);

/// <param name="With">What is stolen.</param>
internal sealed record WorstCase(string With, string Outcome);

internal sealed record PolicyWeakness(ComplaintLevel Level, string What);

/// <summary>Quantities as people read them.</summary>
internal static class Quantities
{
    private const int EtherDecimals = 18;

    public static string Ether(UInt256 wei) =>
        wei.ToUnits(EtherDecimals).ToString("0.######", CultureInfo.InvariantCulture) + " ETH";

    /// <summary>The largest unit in which it is a whole number.</summary>
    public static string Seconds(UInt256 seconds)
    {
        foreach (var (length, unit) in ((ulong, string)[])[(86_400, "day"), (3_600, "hour"), (60, "minute")])
        {
            if (!seconds.IsZero && (seconds % length).IsZero)
                return Counted(seconds / length, unit);
        }
        return Counted(seconds, "second");
    }

    public static string Counted(UInt256 count, string what) => $"{count} {what}{(count == UInt256.One ? "" : "s")}";
}
