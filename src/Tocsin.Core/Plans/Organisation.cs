using Tocsin.Findings;

namespace Tocsin.Plans;

/// <summary>Somebody outside the team who helps or must be told: auditors, exchanges, issuers, police.</summary>
/// <param name="Kind">One of <see cref="Kinds"/>.</param>
/// <param name="Reach">How to reach them at night, for people to read.</param>
/// <param name="Order">Who is called first; smaller is earlier, <see cref="Last"/> where the plan says nothing.</param>
/// <param name="Severity">From which severity on; null for any.</param>
public sealed record Organisation(
    string Id,
    string Kind,
    string Name,
    string Reach,
    int Order,
    Severity? Severity,
    EscalationMoment Upon,
    SourceLine At)
{
    public const int Last = 999;

    public static ValueList<string> Kinds { get; } =
    [
        "auditor", "emergency-responders", "exchange", "issuer", "bridge", "integrator", "oracle", "vendor",
        "law-enforcement", "insurer", "counsel", "regulator", "public-relations",
    ];
}
