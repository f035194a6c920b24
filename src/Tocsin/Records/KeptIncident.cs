using System.Text.Json;
using Tocsin.Audit;
using Tocsin.Chains;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Reports;
using Tocsin.Texts;

namespace Tocsin.Records;

/// <summary>An incident as the log keeps it, read from the log alone: no server is needed.</summary>
/// <param name="Entries">Its events, oldest first.</param>
/// <param name="Plan">The plan that was in force when it opened, as it was written.</param>
internal sealed record KeptIncident(
    IncidentId Id, IReadOnlyList<LogEntry> Entries, Plan Plan, ValueList<PlanFile> PlanFiles)
{
    private const string PlanStream = "plan";

    private readonly IReadOnlyList<Happened> events = Read(Entries);

    /// <param name="log">The whole log; its chain is unbroken.</param>
    /// <exception cref="InputException">The log does not hold it, or holds what this version cannot read.</exception>
    public static KeptIncident Find(IReadOnlyList<LogEntry> log, IncidentId id)
    {
        try
        {
            var hash = Opened(Of(log, id))?.Plan ?? throw new InputException(
                $"the log holds no {id}; 'tocsin incident list --all' lists what it holds");
            var adopted = log.Where(entry => entry.Stream == PlanStream)
                .Select(entry => EventJson.Read(entry.Kind, entry.Payload))
                .OfType<PlanAdopted>()
                .FirstOrDefault(plan => plan.Plan == hash)
                ?? throw new InputException($"the log does not hold the plan {hash} of {id}");
            return Of(log, id, adopted.Files);
        }
        catch (Exception e) when (e is InvalidOperationException or JsonException)
        {
            throw new InputException($"{id} cannot be read from the log: {e.Message}", e);
        }
    }

    /// <param name="log">All its entries are among these.</param>
    /// <exception cref="InvalidOperationException">They open no such incident, or one of another name.</exception>
    /// <exception cref="JsonException">An entry cannot be read.</exception>
    public static KeptIncident Of(IReadOnlyList<LogEntry> log, IncidentId id, ValueList<PlanFile> planFiles)
    {
        var entries = Of(log, id);
        var opened = Opened(entries) ?? throw new InvalidOperationException($"nothing opens {id}");
        return opened.Incident == id
            ? new KeptIncident(id, entries, Logbook.Read(new PlanAdopted(opened.Plan, planFiles)), planFiles)
            : throw new InvalidOperationException($"{id} opens as {opened.Incident}");
    }

    /// <summary>The entries of an incident among others.</summary>
    public static IReadOnlyList<LogEntry> Of(IEnumerable<LogEntry> log, IncidentId id) =>
        [.. log.Where(entry => entry.Stream == id.ToString())];

    /// <summary>The plan by which it is judged, as its opening says.</summary>
    public Hash32 PlanHash => Opened(Entries)!.Plan;

    public string RecordJson() => RecordText.Write(RecordText.Node(
        IncidentRecord.Of(events, Plan), Entries.Select(entry => (entry.Kind, entry.Payload))));

    /// <summary>The post-mortem draft.</summary>
    public string Report() => PostMortem.Write(IncidentStates.Last(events)!, Plan, events);

    private static IncidentEvent.Opened? Opened(IEnumerable<LogEntry> entries) =>
        Read(entries).Select(happened => happened.Event).OfType<IncidentEvent.Opened>().FirstOrDefault();

    private static IReadOnlyList<Happened> Read(IEnumerable<LogEntry> entries) =>
        [.. entries.Select(entry => new Happened(
            entry.Sequence, entry.Instant, EventJson.Read(entry.Kind, entry.Payload)))];
}
