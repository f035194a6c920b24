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

    /// <summary>What is owed at an instant, as the event that does it.</summary>
    public static IReadOnlyList<IncidentEvent> Owed(Incident incident, DateTimeOffset now) =>
        Due(incident, now) is { } warning ? [new IncidentEvent.PauseNearsEnd(incident.Id, warning)] : [];

    /// <summary>When people are told next, if nothing happens before; null for never.</summary>
    public static DateTimeOffset? NextDue(Incident incident, DateTimeOffset now) =>
        incident.ResolvedAt is null && First(incident) is { } pause
            ? WarnAt.Select(percent => (DateTimeOffset?)Reaches(pause, percent)).Where(due => due > now).Min()
            : null;

    /// <summary>When the first of what is paused opens by itself; null where nothing is.</summary>
    public static DateTimeOffset? EndsAt(Incident incident) => First(incident)?.Until;

    // Rounded to the later tick, at which no more than that is left.
    private static DateTimeOffset Reaches((DateTimeOffset Since, DateTimeOffset Until) pause, int percent) =>
        pause.Until - TimeSpan.FromTicks((pause.Until - pause.Since).Ticks * percent / 100);

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
