namespace Tocsin.Incidents;

/// <summary>
/// A pause ends by itself, whoever is asleep: those who must decide to extend it or to reopen are told while there is
/// time. A pure function of the incident and an instant.
/// </summary>
public static class PauseExpiry
{
    /// <summary>So much of the time is left when people are told, in percent.</summary>
    public static readonly ValueList<int> WarnAt = [50, 25, 10];

    /// <summary>The least of <see cref="WarnAt"/> that is reached and was not told of; null where nothing is to be
    /// said. After a long silence one warning is enough.</summary>
    public static PauseWarning? Due(Incident incident, DateTimeOffset now)
    {
        if (incident.ResolvedAt is not null || First(incident) is not { } pause || now >= pause.Until)
            return null;
        var left = (pause.Until - now) * 100;
        var reached = WarnAt.Where(percent => left <= (pause.Until - pause.Since) * percent).ToList();
        if (reached.Count == 0)
            return null;
        var warning = new PauseWarning(reached.Min(), pause.Until);
        return incident.PauseWarning is { } told && told.Until == warning.Until
            && told.PercentLeft <= warning.PercentLeft ? null : warning;
    }

    // Of several scopes the first to open counts: from then on value can leave.
    private static (DateTimeOffset Since, DateTimeOffset Until)? First(Incident incident)
    {
        (DateTimeOffset Since, DateTimeOffset Until)? first = null;
        foreach (var call in incident.Decision?.Calls ?? [])
        {
            if (call is { PausedUntil: { } until, Included: { } included } && !(first?.Until <= until))
                first = (included.At, until);
        }
        return first;
    }
}

/// <summary>What was told of a pause that nears its end.</summary>
/// <param name="PercentLeft">One of <see cref="PauseExpiry.WarnAt"/>: no more than that of its time is left.</param>
public sealed record PauseWarning(int PercentLeft, DateTimeOffset Until);
