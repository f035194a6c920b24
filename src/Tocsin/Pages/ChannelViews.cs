using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Reachability;

namespace Tocsin.Pages;

/// <summary>The ways to people, and what is known of them.</summary>
public sealed record ChannelListView(IReadOnlyList<ChannelRow> Rows, WatchLine Watch, DateTimeOffset Now);

/// <summary>A page that sounds.</summary>
/// <param name="Sounding">What it sounds for; none where it is silent.</param>
public sealed record SirenView(IReadOnlyList<Incident> Sounding, WatchLine Watch, DateTimeOffset Now)
{
    public static SirenView Of(IncidentBook book, WatchLine watch, DateTimeOffset now) => new(
        [.. book.Open.Where(incident => incident.Severity == Severity.Critical
            && incident.Acknowledgements.Count <= incident.FormerAnswers)],
        watch, now);
}
