using System.Security.Cryptography;
using System.Text;
using Tocsin.Findings;

namespace Tocsin.Incidents;

/// <summary>What an outside system says of something.</summary>
public enum OutsideNews
{
    /// <summary>It is so.</summary>
    Firing,

    /// <summary>Somebody has seen it there.</summary>
    Acknowledged,

    /// <summary>It is so no more.</summary>
    Ended,
}

/// <summary>One alert of an outside system, as its source is configured to be understood.</summary>
/// <param name="Source">The source's name in the configuration.</param>
/// <param name="Group">What it belongs to there: alerts of one group and issue share an incident.</param>
/// <param name="Key">What it is known by there, for as long as it lasts and when it comes back.</param>
/// <param name="Issue">Of the plan.</param>
/// <param name="Words">What was said, on one line.</param>
/// <param name="Since">When it began to fire, where the sender says so: that tells one firing from the next.</param>
/// <param name="IsRepeated">True where the sender says it again and again while it lasts; false where each time is an
/// event.</param>
public sealed record OutsideAlert(
    string Source,
    string Group,
    string Key,
    OutsideNews News,
    Severity Severity,
    string Issue,
    string Words,
    DateTimeOffset? Since,
    bool IsRepeated)
{
    private const int DigestBytes = 12;

    /// <summary>The same whenever it comes, so that a restart or a second delivery makes no second finding.</summary>
    public FindingId Finding => new($"{GroupPrefix}{Digest(Key)}");

    /// <summary>What the findings of its group begin with.</summary>
    internal string GroupPrefix => $"{PrefixOf(Source)}{Digest(Group)}/";

    /// <summary>What the findings of a source begin with.</summary>
    internal static string PrefixOf(string source) => $"outside/{source}/";

    // A key of strangers may be anything; names of findings stand in files and addresses.
    private static string Digest(string text) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, DigestBytes));
}
