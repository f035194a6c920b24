using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Recording;

/// <summary>
/// Where it stands what was decided and done: the log of the server, or the journal of somebody who acts without one.
/// What is recorded is on the disk before anybody sees it.
/// </summary>
internal interface IIncidentLog
{
    /// <summary>The plan by which an incident is judged.</summary>
    Plan PlanOf(Incident incident);

    /// <summary>Decides on the state of the moment and records what follows, all or nothing.</summary>
    /// <param name="decide">Gives the events; none leaves everything as it was. It must not do anything else.</param>
    IReadOnlyList<LogEvent> Record(Func<IncidentBook, DateTimeOffset, IReadOnlyList<LogEvent>> decide);
}
