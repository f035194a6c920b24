using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Tocsin.Callbacks;
using Tocsin.Channels;
using Tocsin.Communications;
using Tocsin.Delivery;
using Tocsin.Demo.Providers;
using Tocsin.Dispatch;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Storage;
using Tocsin.Tests.Incidents;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Storage;
using Tocsin.Watching;

namespace Tocsin.Tests.Delivery;

/// <param name="ReachedAfter">Until an alert was before the person's eyes by either way.</param>
/// <param name="IsByNextWay">True where it was the next way that reached them.</param>
/// <param name="FailedAfter">Until the first attempt by the way itself ended without being taken over.</param>
/// <param name="NextWayAfter">Until the next way had it; null where it was not needed.</param>
internal sealed record Outcome(
    TimeSpan ReachedAfter, bool IsByNextWay, TimeSpan? FailedAfter, TimeSpan? NextWayAfter);

/// <summary>
/// One incident that calls one person, whose first way is a provider with a fault and whose second is healthy: the real
/// log in a file, the real workers and channels over real HTTP, on a clock that moves only when nothing is left to do.
/// </summary>
internal sealed class FaultTown : IAsyncDisposable
{
    private const string First = "first";
    private const string Second = "second";

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    private readonly ManualTime time = new(Story.Noon);
    private readonly StoreFolder folder = new();
    private readonly HttpClient http = ChannelHttp.Create();
    private readonly List<Lane> lanes = [];
    private readonly List<IHostedService> workers = [];
    private readonly ProviderServer providers;
    private readonly EventStore store;
    private readonly Logbook logbook;
    private bool undeliveredSaid;
    private TaskCompletionSource beat = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FaultTown(ProviderServer providers, ManualTime time)
    {
        (this.providers, this.time) = (providers, time);
        store = folder.Open();
        var page = new Uri("https://tocsin.example.org/");
        logbook = new Logbook(store, new Links(_ => page, (_, _, _) => page, page), time);
        time.TimerSet += Beat;
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>What comes of one fault.</summary>
    public static async Task<Outcome> RunAsync(FaultChannel channel, Func<Fault> fault, Severity severity)
    {
        var time = new ManualTime(Story.Noon);
        Provider[] healthy =
        [
            channel.Kind == "json-webhook"
                ? new SlackWebhookFake { Channel = Second }
                : new JsonWebhookFake { Channel = Second },
        ];
        var providers = await ProviderServer.StartAsync(time, healthy);
        await using var town = new FaultTown(providers, time);
        return await town.PlayAsync(channel, fault(), severity);
    }

    public async ValueTask DisposeAsync()
    {
        time.TimerSet -= Beat;
        foreach (var worker in workers)
            await worker.StopAsync(CancellationToken.None);
        await providers.DisposeAsync();
        logbook.Dispose();
        folder.Dispose();
        http.Dispose();
    }

    private async Task<Outcome> PlayAsync(FaultChannel channel, Fault fault, Severity severity)
    {
        var tools = new ChannelTools(http, time);
        var holds = channel.HoldsOf(providers);
        holds.Began += Beat;
        channel.ScriptOf(providers).Add(fault.Answers(channel.Words(providers)));
        var first = new Lane(channel.Create(First, providers, tools), time, holds);
        Uri healthy = channel.Kind == "json-webhook"
            ? providers.Get<SlackWebhookFake>().Address
            : providers.Get<JsonWebhookFake>().Address;
        var section = new ChannelSection(Second, new Dictionary<string, string> { ["url"] = healthy.AbsoluteUri });
        var kind = channel.Kind == "json-webhook" ? "slack-webhook" : "json-webhook";
        lanes.AddRange([first, new Lane(ChannelKind.All[kind].Create(section, tools), time, new Holds())]);
        IChannel[] silent =
            [.. new[] { "war-room", "spare-room" }.Select(name => new TerminalChannel(name, TextWriter.Null))];
        logbook.Adopt(FaultPlan.Read(severity));
        new FindingDesk(logbook, exercise: false).Record(
            [Story.Finding(severity: severity) with { Time = time.GetUtcNow() }], time.GetUtcNow(), null, null);
        workers.Add(new DeliveryWorker(
            [.. lanes, .. silent], logbook, store, time, NullLogger<DeliveryWorker>.Instance));
        workers.Add(new Dispatcher(logbook, time, NullLogger<Dispatcher>.Instance));
        foreach (var worker in workers)
            await worker.StartAsync(Cancelled);
        await QuietAsync();
        while (!IsOver(first) && time.GetUtcNow() < Story.Noon + Longest)
        {
            var undelivered = UndeliveredAt(fault);
            var next = Next();
            time.Advance((undelivered < next ? undelivered.Value : next) - time.GetUtcNow());
            if (undelivered <= time.GetUtcNow())
                SayUndelivered(first);
            await QuietAsync();
        }
        return Judge(first);
    }

    private DateTimeOffset? UndeliveredAt(Fault fault) =>
        undeliveredSaid ? null : TakenOver?.At + fault.UndeliveredAfter;

    private AcceptedAlert? TakenOver => logbook.Book.Incidents.Values.SelectMany(incident => incident.AcceptedAlerts)
        .FirstOrDefault(alert => alert.Channel == First);

    private void SayUndelivered(Lane first)
    {
        undeliveredSaid = true;
        first.FailedAt = time.GetUtcNow();
        Assert.True(new Receipts(logbook, store).Record(First, TakenOver!.Receipt!, "it was not delivered"));
    }

    // The way itself brought it and knows, or the next way has it.
    private bool IsOver(Lane first) =>
        Arrived(Second) is not null || (first.IsTakenOver && Arrived(First) is not null);

    private Outcome Judge(Lane first)
    {
        var (itself, next) = (Arrived(First), Arrived(Second));
        var reached = new[] { itself, next }.Min()
            ?? throw new InvalidOperationException("nobody was reached within half an hour");
        return new Outcome(
            reached - Story.Noon, itself is null || next < itself, first.FailedAt - Story.Noon, next - Story.Noon);
    }

    private DateTimeOffset? Arrived(string way) => providers.Arrivals
        .Where(arrival => arrival.IsTaken && !arrival.IsLost && arrival.Channel == Second == (way == Second))
        .Select(arrival => (DateTimeOffset?)arrival.At).FirstOrDefault();

    private DateTimeOffset Next()
    {
        var now = time.GetUtcNow();
        return logbook.Book.Owing(now).Select(one => Dues.NextDue(one, logbook.PlanOf(one), now))
            .Concat(store.UnsettledOutbox().Select(item => (DateTimeOffset?)item.NextAttemptAt))
            .Append(time.NextDue)
            .Where(due => due > now)
            .Min() ?? throw new InvalidOperationException("nothing will ever happen");
    }

    // Nothing is owed, and what is due is on its way and held there, so that only the clock lets it go on.
    private async Task QuietAsync()
    {
        while (true)
        {
            var next = Volatile.Read(ref beat).Task;
            if (IsQuiet(time.GetUtcNow()))
                return;
            await next.WaitAsync(TimeSpan.FromMinutes(2), Cancelled);
        }
    }

    private bool IsQuiet(DateTimeOffset now) =>
        logbook.Book.Owing(now).All(one => Dues.Owed(one, logbook.PlanOf(one), now).Count == 0)
        && store.UnsettledOutbox().Where(item => item.NextAttemptAt <= now)
            .All(item => lanes.Exists(lane => lane.Name == item.Item.Channel && lane.IsHeld));

    private void Beat() => Interlocked
        .Exchange(ref beat, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
        .TrySetResult();

    /// <summary>A channel with what became of its attempts. It names no limit: one alert is within each.</summary>
    private sealed class Lane(IChannel channel, ManualTime time, Holds holds) : IChannel
    {
        private object? attempt;
        private int before;

        public string Name => channel.Name;

        public bool IsTakenOver { get; private set; }

        public DateTimeOffset? FailedAt { get; set; }

        public bool IsHeld => Volatile.Read(ref attempt) is { } present && time.IsWaiting(present)
            && holds.IsHeld(before, time.GetUtcNow());

        public async Task<DeliveryResult> DeliverAsync(Message message, CancellationToken ct)
        {
            before = holds.Seen;
            Volatile.Write(ref attempt, new object());
            ManualTime.Own(attempt);
            try
            {
                var result = await channel.DeliverAsync(message, ct);
                IsTakenOver = result is DeliveryResult.Delivered or DeliveryResult.Accepted;
                if (!IsTakenOver)
                    FailedAt ??= time.GetUtcNow();
                return result;
            }
            finally
            {
                ManualTime.Own(null);
                Volatile.Write(ref attempt, null);
            }
        }
    }
}

/// <summary>The plan of one person with two ways.</summary>
internal static class FaultPlan
{
    private const string Opening = "incident: { what: Anything at all., severity: 5, confidence: 0.7 }\n";

    public static ReadPlan Read(Severity severity) => MinimalPlan.Read(
        MinimalPlan.Main
            .Replace("protected:\n", Opening + "protected:\n", StringComparison.Ordinal)
            .Replace("    severity: 1\n", $"    severity: {(int)severity}\n", StringComparison.Ordinal)
            .Replace("    severity: 2\n", "    severity: 5\n", StringComparison.Ordinal)
            .Replace("notify: [core, auditor]", "notify: [ada]", StringComparison.Ordinal)
            .Replace("ways: [ada-pager]", "ways: [first, second]", StringComparison.Ordinal));
}
