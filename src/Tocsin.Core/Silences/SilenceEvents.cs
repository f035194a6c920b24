using Tocsin.Communications;
using Tocsin.Findings;
using Tocsin.Incidents;

namespace Tocsin.Silences;

/// <summary>Somebody asks that nobody is told of something for a while. What covers severity 1 waits for the word of a
/// second person; else it holds from here on.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Issue">Of incidents of this issue alone; null for any.</param>
/// <param name="Severity">Of this severity, and of what is less bad.</param>
/// <param name="Channel">On this channel alone; null for any.</param>
/// <param name="Until">It always ends.</param>
/// <param name="By">The person's id.</param>
public sealed record SilenceProposed(
    int Number,
    string? Issue,
    Severity Severity,
    string? Channel,
    DateTimeOffset Until,
    string By,
    string Reason)
    : LogEvent;

/// <summary>A second person says so too: it holds from here on.</summary>
/// <param name="By">The person's id.</param>
public sealed record SilenceConfirmed(int Number, string By) : LogEvent;

/// <summary>It holds no more, before its time.</summary>
/// <param name="By">The person's id.</param>
public sealed record SilenceEnded(int Number, string By, string Reason) : LogEvent;

/// <summary>What a silence does to an incident.</summary>
public abstract record SilenceEvent(IncidentId Incident) : IncidentEvent(Incident)
{
    /// <summary>A channel is not told of something.</summary>
    /// <param name="Person">Whose own way it is; null for a channel of many.</param>
    /// <param name="By">The id of who asked for the silence.</param>
    public sealed record Withheld(
        IncidentId Incident,
        string Channel,
        string? Person,
        AlertReason Reason,
        int Silence,
        string By,
        string Because,
        DateTimeOffset Until)
        : SilenceEvent(Incident);

    /// <summary>The silence is over: whoever was not told hears of the incident as it stands now.</summary>
    public sealed record Lifted(IncidentId Incident, int Silence) : SilenceEvent(Incident);
}
