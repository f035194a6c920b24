using Tocsin.Incidents;
using Tocsin.Reachability;

namespace Tocsin.Communications;

/// <summary>What an alert is about, as it stands in buttons, keys and addresses that come back to us.</summary>
public static class AlertSubject
{
    /// <summary>True for the identifier of an incident or a canary, exactly as we write it.</summary>
    public static bool IsOne(string? text) => IncidentId.TryParse(text, out _) || CanaryId.TryParse(text, out _);
}
