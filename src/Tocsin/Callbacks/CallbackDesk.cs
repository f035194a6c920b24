using System.Diagnostics.Metrics;
using Tocsin.Api;
using Tocsin.Channels;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.People;
using Tocsin.Plans;
using Tocsin.Reachability;
using Tocsin.Recording;
using Tocsin.Storage;

namespace Tocsin.Callbacks;

/// <summary>
/// Takes what providers say and records what follows. What is not proven is counted, and nothing of it is written
/// anywhere; what is proven but nobody's word is answered as heard, since a provider would only repeat it.
/// </summary>
internal sealed class CallbackDesk
{
    /// <summary>Of what was not proven.</summary>
    public const string Refusal = "refused";

    private const string Ignored = "ignored";
    private const string Heard = "heard";
    private const string NobodysAccount = "the plan names nobody who has this account alone";

    private static readonly CallbackReply NotProven = new(StatusCodes.Status403Forbidden, "text/plain", "not proven");

    private static readonly CallbackReply Later =
        new(StatusCodes.Status503ServiceUnavailable, "text/plain", "it could not be recorded: say it again");

    private readonly IReadOnlyList<IChannel> channels;
    private readonly Dictionary<string, IHearsBack> hearers = [];
    private readonly Logbook logbook;
    private readonly ChannelDesk ways;
    private readonly Receipts receipts;
    private readonly ShownAnswers shown;
    private readonly TimeProvider time;
    private readonly ILogger<CallbackDesk> logger;
    private readonly RecentCallbacks recent = new();
    private readonly HeldWords held = new();
    private readonly Dictionary<(string Channel, string What), long> counts = [];
    private readonly Lock gate = new();

    public CallbackDesk(
        IReadOnlyList<IChannel> channels, Logbook logbook, EventStore store, ChannelDesk ways, ShownAnswers shown,
        TimeProvider time, ILogger<CallbackDesk> logger)
    {
        (this.channels, this.logbook, this.ways, this.shown, this.time, this.logger) =
            (channels, logbook, ways, shown, time, logger);
        receipts = new Receipts(logbook, store);
        foreach (var channel in channels)
            if (channel is IHearsBack { Listens: true } hearer)
                hearers.Add(channel.Name, hearer);
    }

    /// <summary>True for a channel whose provider may speak to us.</summary>
    public bool Knows(string channel) => hearers.ContainsKey(channel);

    public void Measure(Meter meter)
    {
        meter.CreateObservableCounter(
            "tocsin.callbacks.refused", () => Counted(Refusal),
            description: "What came to a channel's address and was not proven");
        meter.CreateObservableCounter(
            "tocsin.callbacks.ignored", () => Counted(Ignored),
            description: "Proven callbacks of which nothing was recorded");
        meter.CreateObservableCounter(
            "tocsin.callbacks.heard", () => Counted(Heard), description: "Proven callbacks");
    }

    /// <summary>What to answer. Whatever it says is recorded by then, or held until it can be.</summary>
    /// <param name="channel">One that is known.</param>
    public CallbackReply Take(string channel, Callback callback)
    {
        var hearer = hearers[channel];
        if (hearer.Hear(callback) is not { } reading)
        {
            Count(channel, Refusal, "it is not proven to come from its provider");
            return NotProven;
        }
        if (logbook.Book.Distrusts.IsDistrusted(channel))
        {
            // Whoever took it over may press its buttons.
            Count(channel, Ignored, "the channel is not trusted");
            return reading.Saying?.Invoke("Nothing was recorded: this channel is not trusted.") ?? reading.Reply;
        }
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (recent.Find(channel, reading.ReplayKey, now) is { } same)
                return same;
            try
            {
                var reply = Record(channel, hearer, reading, now);
                recent.Keep(channel, reading.ReplayKey, reply, now);
                return reply;
            }
            catch (StorageException e)
            {
                logger.LogError(e, "a callback of '{Channel}' could not be recorded", channel);
                return Later;
            }
        }
    }

    /// <summary>Records what came before the answer to the sending that it is about.</summary>
    public void RecordHeld()
    {
        lock (gate)
            held.Release(
                time.GetUtcNow(), (channel, receipt, why) => receipts.Record(channel, receipt, why),
                channel => Count(channel, Ignored, "it is about nothing that was sent"));
    }

    private CallbackReply Record(string channel, IHearsBack hearer, CallbackReading reading, DateTimeOffset now)
    {
        Count(channel, Heard, null);
        string? refusal = null;
        foreach (var word in reading.Words)
        {
            switch (word)
            {
                case CallbackWord.Arrived arrived:
                    Settle(channel, arrived.Receipt, null, now);
                    break;
                case CallbackWord.NotArrived failed:
                    Settle(channel, failed.Receipt, failed.Why, now);
                    break;
                case CallbackWord.Answered answered:
                    refusal = IsPlaceDistrusted(hearer, answered)
                        ? "the channel is not trusted"
                        : Answer(channel, hearer, answered);
                    break;
            }
        }
        return refusal is not null && reading.Saying is { } saying ? saying(refusal) : reading.Reply;
    }

    private void Settle(string channel, string receipt, string? why, DateTimeOffset now)
    {
        if (receipts.Record(channel, receipt, why))
            return;
        if (held.Hold(channel, receipt, why, now) is { } lost)
            Count(lost, Ignored, "too many are held");
    }

    // Two channels may be of one app, which tells of both at the address of either. While one is not trusted, a press
    // counts where it is known to be made at another: whoever took a chat over can give it another name or number.
    private bool IsPlaceDistrusted(IHearsBack hearer, CallbackWord.Answered said)
    {
        if (said.Place is not { } place)
            return false;
        var alike = channels.Where(one => one.GetType() == hearer.GetType())
            .ToLookup(one => logbook.Book.Distrusts.IsDistrusted(one.Name));
        return alike[true].Any() && !alike[false].Any(one => one is IHearsBack trusted && trusted.IsAt(place));
    }

    /// <summary>Null where it counts, else why not, as the person may read it.</summary>
    private string? Answer(string channel, IHearsBack hearer, CallbackWord.Answered said)
    {
        if (CanaryId.TryParse(said.Incident, out var canary))
            return logbook.InForce is { } now && PersonOf(now, channel, hearer, said) is { } one
                ? ways.Answer(canary, one.Id, hearer.Means)
                : NobodysAccount;
        var incident = IncidentId.TryParse(said.Incident, out var id) ? logbook.Book.Present(id) : null;
        var refusal = incident is null ? "this incident is not known here" : Answer(channel, hearer, said, incident);
        if (refusal is null)
        {
            shown.Show(channel, said, incident!.Id);
            return null;
        }
        Count(channel, Ignored, refusal);
        var words = $"Nothing was recorded: {refusal}.";
        shown.Tell(channel, said, words);
        return words;
    }

    private string? Answer(string channel, IHearsBack hearer, CallbackWord.Answered said, Incident incident)
    {
        if (!incident.IsOpen)
            return "this incident is over";
        var plan = logbook.PlanOf(incident);
        if (said.AskedAt < incident.Command.ReopenedAt)
            return "it was opened again since: answer under its newest message";
        if (PersonOf(plan, channel, hearer, said) is not { } person)
            return NobodysAccount;
        // Who can sign says so by other means, and it is not taken back by a button that knows nothing of it.
        var answer = !said.SaysWhich && incident.Pages.AnswerOf(person.Name)?.Answer == PageAnswer.AbleToSign
            ? PageAnswer.AbleToSign
            : said.Answer;
        return IncidentCommands.Answer(logbook, incident.Id, person.Id, answer, hearer.Means) is null
            ? null
            : "this incident is over, or you may not answer it";
    }

    private static Person? PersonOf(Plan plan, string channel, IHearsBack hearer, CallbackWord.Answered said) =>
        Accounts.HolderOf(plan, said.Account) ?? (hearer.IsOfOnePerson ? OwnWay.PersonOf(plan, channel) : null);

    /// <summary>How many since the start.</summary>
    public long CountOf(string channel, string what)
    {
        lock (counts)
            return counts.GetValueOrDefault((channel, what));
    }

    private Measurement<long>[] Counted(string what) =>
    [
        .. hearers.Keys.Select(channel => new Measurement<long>(
            CountOf(channel, what), new KeyValuePair<string, object?>("channel", channel))),
    ];

    // Whoever sends many must not fill the log of the process; nothing of what was sent stands in it.
    private void Count(string channel, string what, string? why)
    {
        long count;
        lock (counts)
            count = counts[(channel, what)] = counts.GetValueOrDefault((channel, what)) + 1;
        if (why is not null && (count == 1 || count % 100 == 0))
            logger.LogWarning(
                "{Count} callbacks of '{Channel}' were {What}, the last because {Why}", count, channel, what, why);
    }
}
