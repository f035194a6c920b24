using System.Text.Json;
using Tocsin.Audit;
using Tocsin.Autonomy;
using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Incidents;
using Tocsin.People;
using Tocsin.Plans;
using Tocsin.Reachability;
using Tocsin.Reports;
using Tocsin.Silences;
using Tocsin.Storage;

namespace Tocsin.Recording;

/// <summary>
/// The one place where something becomes true: decides on the state of the moment, writes the events and the
/// announcements they cause in one transaction, and only then lets anybody see them. Safe for many threads.
/// </summary>
internal sealed class Logbook : IIncidentLog, IDisposable
{
    private readonly Lock gate = new();
    private readonly EventStore store;
    private readonly Links links;
    private readonly TimeProvider time;
    private readonly Dictionary<Hash32, Plan> plans = [];
    private readonly Dictionary<Hash32, Plan> bound = [];
    private readonly Dictionary<int, List<Happened>> timelines = [];
    private TaskCompletionSource changed = NewSignal();
    private volatile IncidentBook book = IncidentBook.Empty;

    /// <summary>Folds the whole log, and refuses one whose chain is broken.</summary>
    /// <exception cref="StorageException">An entry was changed, removed or put in.</exception>
    public Logbook(EventStore store, Links links, TimeProvider time)
    {
        this.store = store;
        this.links = links;
        this.time = time;
        var entries = store.Read().ToList();
        if (LogChain.FirstBrokenLink(entries) is { } broken)
            throw new StorageException(
                $"the event log is not what was written: {broken}; "
                + "restore it from a backup and keep this file as evidence");
        foreach (var entry in entries)
            Apply(entry, EventJson.Read(entry.Kind, entry.Payload));
    }

    /// <summary>The state of the moment: an immutable snapshot.</summary>
    public IncidentBook Book => book;

    /// <summary>
    /// The end of the log that <see cref="Book"/> has seen: never ahead of it, so that whoever reads the head, then the
    /// book, and then awaits <see cref="ChangedSince"/> misses nothing.
    /// </summary>
    public LogHead Head
    {
        get
        {
            lock (gate)
                return store.Head;
        }
    }

    /// <inheritdoc cref="EventStore.Overtaken"/>
    public string? Overtaken => store.Overtaken;

    /// <summary>Puts a plan into force for incidents that open from now on.</summary>
    public void Adopt(ReadPlan read)
    {
        lock (gate)
        {
            if (book.Plan == read.Plan.ContentHash)
                return;
        }
        Record((_, _) => [new PlanAdopted(read.Plan.ContentHash, read.Files)]);
    }

    /// <summary>
    /// The plan by which an incident is judged: the one in force when it opened, without those who are revoked now.
    /// </summary>
    public Plan PlanOf(Incident incident) => Bound(incident.Plan);

    /// <summary>The plan in force, without those who are revoked now; null before the first one.</summary>
    public Plan? InForce => book.Plan is { } plan ? Bound(plan) : null;

    /// <summary>A plan as it was written, without regard to revocations.</summary>
    public Plan AsWritten(Hash32 plan)
    {
        lock (gate)
            return plans[plan];
    }

    /// <summary>What the receiver of an alert said to the last attempt; null where none was made.</summary>
    /// <param name="key">As in the outbox.</param>
    public string? LastWordOn(string key) => store.FindOutbox(key)?.LastResult;

    public IReadOnlyList<Happened> TimelineOf(IncidentId incident)
    {
        lock (gate)
            return timelines.TryGetValue(incident.Number, out var events) ? [.. events] : [];
    }

    /// <summary>Plans in the log that this version cannot read.</summary>
    public IReadOnlyList<Plan> Unreadable
    {
        get
        {
            lock (gate)
                return [.. plans.Values.Where(plan => plan.Fault is not null)];
        }
    }

    /// <summary>True where a version of the plan was in force before, or is.</summary>
    public bool Knows(Hash32 plan)
    {
        lock (gate)
            return plans.ContainsKey(plan);
    }

    IReadOnlyList<LogEvent> IIncidentLog.Record(Func<IncidentBook, DateTimeOffset, IReadOnlyList<LogEvent>> decide) =>
        Record(decide);

    /// <summary>Decides on the state of the moment and records what follows, all or nothing.</summary>
    /// <param name="decide">Gives the events; none leaves everything as it was. It must not do anything else.</param>
    /// <param name="checkpoint">Saved in the same transaction, also where there are no events.</param>
    public IReadOnlyList<LogEvent> Record(
        Func<IncidentBook, DateTimeOffset, IReadOnlyList<LogEvent>> decide, Checkpoint? checkpoint = null) =>
        Record(decide, checkpoint, []);

    /// <summary>Records what became of attempts to deliver, with the events that say so and what follows from them.
    /// </summary>
    public void Settle(
        IReadOnlyList<OutboxOutcome> outcomes, Func<IncidentBook, IReadOnlyList<LogEvent>> decide) =>
        Record((book, _) => decide(book), null, outcomes);

    /// <summary>Completes when the log grows beyond <paramref name="sequence"/>.</summary>
    public Task ChangedSince(long sequence, CancellationToken cancellationToken)
    {
        lock (gate)
            return store.Head.Sequence > sequence ? Task.CompletedTask : changed.Task.WaitAsync(cancellationToken);
    }

    public void Dispose() => store.Dispose();

    private IReadOnlyList<LogEvent> Record(
        Func<IncidentBook, DateTimeOffset, IReadOnlyList<LogEvent>> decide,
        Checkpoint? checkpoint,
        IReadOnlyList<OutboxOutcome> settled)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            var decided = decide(book, now);
            if (decided.Count == 0 && checkpoint is null && settled.Count == 0)
                return decided;
            var (outbox, withheld) = Announce(decided, now);
            IReadOnlyList<LogEvent> events = [.. decided, .. withheld];
            var entries = events
                .Select(happened =>
                    new NewEntry(now, Stream(happened), EventJson.Kind(happened), EventJson.Write(happened)))
                .ToList();
            var committed = store.Commit(
                new Batch { Entries = entries, Outbox = outbox, Checkpoint = checkpoint, Settled = settled });
            for (var i = 0; i < committed.Count; i++)
                Apply(committed[i], events[i]);
            if (events.Count > 0 || settled.Count > 0)
            {
                changed.SetResult();
                changed = NewSignal();
            }
            return decided;
        }
    }

    private Plan Bound(Hash32 plan)
    {
        lock (gate)
        {
            if (!bound.TryGetValue(plan, out var known))
                bound[plan] = known = book.Bind(plans[plan]);
            return known;
        }
    }

    // A journal may have brought the plan of another version. One closed incident that nobody can judge any more must
    // not keep the watch from starting.
    internal static Plan Read(PlanAdopted adopted)
    {
        try
        {
            return PlanReader.Read(adopted.Files).Plan;
        }
        catch (JsonException e)
        {
            return CompiledPlan.KnownByHash(adopted.Plan, e.Message);
        }
    }

    private void Apply(LogEntry entry, LogEvent happened)
    {
        if (happened is PlanAdopted adopted)
            plans[adopted.Plan] = Read(adopted);
        book = book.Apply(happened, entry.Instant);
        if (happened is PersonRevoked or PersonRestored or ChannelDistrusted or ChannelTrusted)
            bound.Clear();
        if (IncidentOf(happened) is not { } incident)
            return;
        if (!timelines.TryGetValue(incident.Number, out var events))
            timelines[incident.Number] = events = [];
        events.Add(new Happened(entry.Sequence, entry.Instant, happened));
    }

    // What a silence keeps back is written down behind what it would have told.
    private (List<OutboxItem> Items, List<LogEvent> Withheld) Announce(
        IReadOnlyList<LogEvent> events, DateTimeOffset now)
    {
        var (items, withheld) = (new List<OutboxItem>(), new List<LogEvent>());
        var head = store.Head;
        var state = book;
        for (var i = 0; i < events.Count; i++)
        {
            var before = IncidentOf(events[i]) is { } id ? state[id] : null;
            state = state.Apply(events[i], now);
            if (events[i] is CanaryEvent.Sent canary)
                items.Add(Item(canary, state, head, now));
            if (IncidentOf(events[i]) is not { } incidentId || state[incidentId] is not { } after)
                continue;
            var plan = state.Bind(plans[after.Plan]);
            foreach (var announcement in Announcements.Of(events[i], before ?? after, after, plan))
            {
                if (state.Silences.Of(after, announcement, now) is { Asked: var silence }
                    && !IsOwed(events[i], silence, after))
                {
                    withheld.Add(new SilenceEvent.Withheld(
                        incidentId, announcement.Channel, announcement.Person, announcement.Reason, silence.Number,
                        silence.By, silence.Reason, silence.Until));
                    continue;
                }
                var key = $"{incidentId}/{head.Sequence + i + 1}/{announcement.Channel}";
                var alert = WithFirstWords(
                    events[i], Announcements.Write(announcement, key, after, plan, links, head.ToString(), now));
                items.Add(
                    new OutboxItem(
                        key, announcement.Channel, after.Severity, now,
                        JsonSerializer.Serialize(alert, EventJson.Options)));
            }
        }
        return (items, withheld);

        // Nobody keeps people uninformed for longer than a silence may last, by one after the other.
        bool IsOwed(LogEvent happened, SilenceProposed silence, Incident incident) =>
            happened is SilenceEvent.Lifted lifted
            && (state.Silences[lifted.Silence]?.Asked.By == silence.By
                || now - incident.OpenedAt >= Silencing.Longest);
    }

    // By the next way goes what did not arrive, not what has happened since; its figures are those of now.
    private Alert WithFirstWords(LogEvent happened, Alert alert)
    {
        var key = (happened as IncidentEvent.AlertDelayed)?.Key ?? (happened as IncidentEvent.AlertFailed)?.Key;
        if (key is null || store.FindOutbox(key) is not { } first)
            return alert;
        var said = JsonSerializer.Deserialize<Alert>(first.Item.Alert, EventJson.Options)!;
        return said.Reason == alert.Reason
            ? alert with { Title = said.Title, DoNow = said.DoNow, Statement = said.Statement ?? alert.Statement }
            : alert;
    }

    private OutboxItem Item(CanaryEvent.Sent canary, IncidentBook state, LogHead head, DateTimeOffset now)
    {
        var key = CanaryWords.KeyOf(canary.Canary, canary.Channel);
        var person = canary.Person is { } id && state.Plan is { } plan ? plans[plan].Person(id) : null;
        var answer = canary.Person is { } own ? links.Acknowledge(canary.Canary.ToString(), own, now) : null;
        var alert = CanaryWords.Write(canary, key, person, links.Channels, answer, head.ToString(), now);
        return new(key, canary.Channel, canary.Severity, now, JsonSerializer.Serialize(alert, EventJson.Options));
    }

    private static IncidentId? IncidentOf(LogEvent happened) => happened switch
    {
        IncidentEvent incident => incident.Incident,
        FindingRecorded recorded => recorded.Incident,
        _ => null,
    };

    private static string Stream(LogEvent happened) =>
        IncidentOf(happened)?.ToString() ?? happened switch
        {
            PlanAdopted or PlanProposed or PlanSettled => "plan",
            OperationAnnounced or OperationWithdrawn => "operations",
            SilenceProposed or SilenceConfirmed or SilenceEnded => "silences",
            ChannelDistrusted or ChannelTrusted => "channels",
            HeadCountersigned => "audit",
            PersonRevoked or PersonRestored => "team",
            ActionAuthorised or AuthorisationWithdrawn => "mandate",
            CanaryEvent => "channels",
            _ => "watch",
        };

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
