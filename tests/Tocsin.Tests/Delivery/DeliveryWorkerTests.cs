using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tocsin.Channels;
using Tocsin.Communications;
using Tocsin.Delivery;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Storage;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Storage;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Delivery;

/// <summary>The real log, outbox and worker on a clock of their own, with receivers that do as they are told.</summary>
public sealed class DeliveryWorkerTests : IAsyncDisposable
{
    private static readonly Links Links = new(
        id => new Uri($"https://tocsin.example/incidents/{id}"), (id, person, _) =>
            new Uri($"https://tocsin.example/acknowledge/{id}-{person}"),
        new Uri("https://tocsin.example/channels"));

    private readonly StoreFolder folder = new();
    private readonly ManualTime time = new(Noon);
    private readonly EventStore store;
    private readonly Logbook logbook;
    private readonly Receiver[] receivers =
        [.. MinimalPlan.Channels.Append("ada-phone").Select(name => new Receiver(name))];
    private readonly DeliveryWorker worker;

    public DeliveryWorkerTests()
    {
        store = folder.Open();
        logbook = new Logbook(store, Links, time);
        logbook.Adopt(MinimalPlan.Read(MinimalPlan.Main.Replace(
            "ways: [ada-pager]", "ways: [ada-pager, ada-phone]", StringComparison.Ordinal)));
        worker = new DeliveryWorker(receivers, logbook, store, time, NullLogger<DeliveryWorker>.Instance);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await worker.StopAsync(CancellationToken.None);
        worker.Dispose();
        logbook.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("refused")]
    [InlineData("unreachable")]
    [InlineData("lost")]
    public async Task A_page_that_does_not_arrive_takes_the_next_way_at_that_instant(string how)
    {
        this["ada-pager"].Answers(how switch
        {
            "refused" => new DeliveryResult.Permanent("it answered 410"),
            "unreachable" => new DeliveryResult.RetryAfter(TimeSpan.FromMinutes(10), "it answered 429"),
            _ => new DeliveryResult.Unknown("the connection was lost"),
        });
        await BeginAsync();

        var told = await this["ada-phone"].NextAsync();
        Assert.Equal((AlertReason.Opened, Noon), (told.Reason, time.GetUtcNow()));
        Assert.NotNull(told.Acknowledge);
    }

    [Fact]
    public async Task A_page_that_hangs_takes_the_next_way_after_five_seconds_and_goes_on()
    {
        var answer = this["ada-pager"].Hangs();
        await BeginAsync();
        await this["ada-pager"].NextAsync();
        await time.UntilWaitingAsync(Failover.AttemptHas);
        time.Advance(Failover.AttemptHas);

        await this["ada-phone"].NextAsync();
        Assert.Equal(Noon.AddSeconds(5), time.GetUtcNow());
        answer.SetResult(new DeliveryResult.Delivered("202"));
        await UntilAsync(() => logbook.Book[First]!.Deliveries.Any(one => one.Channel == "ada-pager"));
        Assert.DoesNotContain("ada-pager", logbook.Book[First]!.Troubled);
    }

    [Fact]
    public async Task What_waits_behind_a_page_that_hangs_takes_its_next_way_with_it()
    {
        this["ada-pager"].Hangs();
        await BeginAsync();
        await this["ada-pager"].NextAsync();
        logbook.Record((_, _) => [Proposed(Decision with { ExpiresAt = At(1800) })]);
        await time.UntilWaitingAsync(Failover.AttemptHas);
        time.Advance(Failover.AttemptHas);

        Assert.Equal(
            [AlertReason.Opened, AlertReason.DecisionNeeded],
            new[] { await this["ada-phone"].NextAsync(), await this["ada-phone"].NextAsync() }
                .Select(alert => alert.Reason).Order());
    }

    [Fact]
    public async Task A_page_does_not_wait_for_a_small_alert_that_hangs_in_the_same_channel()
    {
        this["war-room"].Hangs();
        await BeginAsync(Severity.Elevated);
        Assert.Equal(Severity.Elevated, (await this["war-room"].NextAsync()).Severity);

        logbook.Record((_, _) => [new IncidentEvent.SeverityChanged(First, Severity.Critical, "worse")]);
        Assert.Equal(Severity.Critical, (await this["war-room"].NextAsync()).Severity);
    }

    [Fact]
    public async Task What_the_reserved_part_of_a_budget_is_kept_for_goes_while_the_rest_is_held()
    {
        this["war-room"].Limit = new RateLimit(2, TimeSpan.FromMinutes(1), Reserved: 1);
        await BeginAsync(Severity.Elevated);
        await this["war-room"].NextAsync();

        logbook.Record((_, _) => [new IncidentEvent.Resolved(First, "ada", "nothing")]);
        logbook.Record((book, now) => book.Take(
            Finding("other", by: OtherAttacker), now, logbook.InForce!, DetectionLimits.Default));
        Assert.Equal(Severity.Critical, (await this["war-room"].NextAsync()).Severity);
        await UntilAsync(() => logbook.Book[new IncidentId(2)]!.Deliveries.Any(one => one.Channel == "war-room"));
        Assert.Equal(AlertReason.Resolved, Read(Assert.Single(
            store.UnsettledOutbox(), item => item.Item.Channel == "war-room")).Reason);
    }

    [Fact]
    public async Task Nothing_goes_to_a_channel_that_is_distrusted_and_what_waited_for_it_goes_by_the_next_way()
    {
        this["war-room"].Answers(new DeliveryResult.RetryAfter(TimeSpan.FromMinutes(4), "it answered 429"));
        await BeginAsync(Severity.Elevated);
        await this["war-room"].NextAsync();

        logbook.Record((book, now) => Distrusting.Distrust(book, logbook.InForce!, new(
            "war-room", ["war-room"], "ada", "a stranger wrote there", false, false), now).Events);
        Assert.Equal(
            [AlertReason.Opened, AlertReason.ChannelDistrusted],
            new[] { await this["spare-room"].NextAsync(), await this["spare-room"].NextAsync() }
                .Select(alert => alert.Reason).Order());

        logbook.Record((_, _) => [new IncidentEvent.Resolved(First, "ada", "nothing")]);
        Assert.Equal(AlertReason.Resolved, (await this["spare-room"].NextAsync()).Reason);
        Assert.True(this["war-room"].IsQuiet);
    }

    [Fact]
    public async Task A_page_that_comes_in_while_another_hangs_takes_its_next_way_too()
    {
        this["ada-pager"].Hangs();
        await BeginAsync();
        await this["ada-pager"].NextAsync();
        await time.UntilWaitingAsync(Failover.AttemptHas);
        time.Advance(Failover.AttemptHas);
        await this["ada-phone"].NextAsync();

        logbook.Record((_, _) => Opening(new IncidentId(2), Severity.Critical));
        Assert.Equal("INC-2", (await NextWithinSecondsAsync("ada-phone")).Incident);
    }

    [Fact]
    public async Task A_channel_that_breaks_keeps_nothing_behind_it()
    {
        this["ada-pager"].Breaks();
        await BeginAsync();
        Assert.Equal(AlertReason.Opened, (await this["ada-phone"].NextAsync()).Reason);
        await this["ada-pager"].NextAsync();
        Assert.Equal(AlertReason.Opened, (await NextWithinSecondsAsync("ada-pager")).Reason);
        await UntilAsync(() => store.UnsettledOutbox().Count == 0);
    }

    [Fact]
    public async Task What_did_not_reach_the_receiver_uses_up_nothing_of_what_it_takes()
    {
        this["ada-pager"].Limit = new RateLimit(1, TimeSpan.FromDays(365), Reserved: 0);
        this["ada-pager"].Answers(new DeliveryResult.RetryAfter(null, "no connection"));
        await BeginAsync();
        await this["ada-pager"].NextAsync();
        await NextWithinSecondsAsync("ada-pager");
        await UntilAsync(() => logbook.Book[First]!.Deliveries.Any(one => one.Channel == "ada-pager"));
        Assert.InRange(time.GetUtcNow(), Noon, Noon.AddDays(300));
    }

    [Fact]
    public async Task What_may_have_arrived_is_not_repeated_for_ever_once_somebody_has_answered()
    {
        for (var attempt = 0; attempt < Failover.UnknownMost; attempt++)
            this["war-room"].Answers(new DeliveryResult.Unknown("no answer"));
        logbook.Record((_, _) =>
            [Recorded(Finding(), First), Opened() with { Plan = logbook.Book.Plan!.Value },
                new IncidentEvent.Acknowledged(First, "Ada Commander", "a test")]);
        await worker.StartAsync(Cancelled);
        while (logbook.Book[First]!.Deliveries.All(one => one.Channel != "war-room"))
        {
            await time.UntilWaitingAsync(TimeSpan.FromSeconds(1));
            time.Advance(TimeSpan.FromSeconds(1));
        }
        var told = logbook.Book[First]!.Deliveries.Single(one => one.Channel == "war-room");
        Assert.Contains("it may have arrived", told.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_opens_and_is_over_within_the_grouping_time_is_told_with_both_in_one_message()
    {
        this["war-room"].TakesSeveral = true;
        await BeginAsync(Severity.Elevated);
        Assert.Null((await this["war-room"].NextAsync()).Also);
        await UntilAsync(() => logbook.Book[First]!.Deliveries.Any(one => one.Channel == "war-room"));

        var second = new IncidentId(2);
        logbook.Record((_, _) =>
        [
            .. Opening(second, Severity.Minor), new IncidentEvent.Resolved(second, "ada", "nothing"),
        ]);
        time.Advance(Grouping.Time);
        var told = await this["war-room"].NextAsync();
        Assert.Equal(("INC-2", 1), (told.Incident, told.Also!.Count));
        Assert.Contains("RESOLVED", told.Also[0], StringComparison.Ordinal);
        await UntilAsync(() => logbook.Book[second]!.Deliveries.Count(one => one.Channel == "war-room") == 2);
        Assert.Empty(store.UnsettledOutbox());
    }

    [Fact]
    public async Task A_group_that_fails_is_tried_again_whole_and_under_its_key()
    {
        this["war-room"].TakesSeveral = true;
        this["war-room"].Answers(new DeliveryResult.RetryAfter(TimeSpan.FromSeconds(10), "it answered 429"));
        logbook.Record((_, _) =>
            [.. Opening(First, Severity.Elevated), .. Opening(new IncidentId(2), Severity.Minor)]);
        await worker.StartAsync(Cancelled);
        var told = await this["war-room"].NextAsync();
        await UntilAsync(() => store.UnsettledOutbox().All(item => item.Attempts == 1));
        logbook.Record((_, _) => Opening(new IncidentId(3), Severity.Elevated));
        var late = await this["war-room"].NextAsync();

        Assert.Equal(("INC-3", (ValueList<string>?)null), (late.Incident, late.Also));
        await UntilAsync(() => store.UnsettledOutbox().Count == 2);
        time.Advance(Grouping.Time);
        var again = await this["war-room"].NextAsync();
        Assert.Equal((told.Key, told.Also), (again.Key, again.Also));
        await UntilAsync(() => store.UnsettledOutbox().Count == 0);
    }

    [Fact]
    public async Task A_page_does_not_wait_for_the_grouping_time_of_small_alerts()
    {
        this["war-room"].TakesSeveral = true;
        await BeginAsync(Severity.Elevated);
        await this["war-room"].NextAsync();
        await UntilAsync(() => logbook.Book[First]!.Deliveries.Any(one => one.Channel == "war-room"));
        logbook.Record((_, _) => Opening(new IncidentId(2), Severity.High));
        Assert.Equal((Severity.High, Noon), ((await this["war-room"].NextAsync()).Severity, time.GetUtcNow()));
    }

    [Fact]
    public async Task What_was_sent_and_cannot_be_written_down_is_not_sent_again_and_holds_up_nothing()
    {
        StoreFolder.Tamper(folder.Database, """
            CREATE TRIGGER disk_is_full BEFORE UPDATE ON outbox WHEN NEW.channel = 'ada-pager'
                BEGIN SELECT RAISE(ABORT, 'the disk is full'); END
            """);
        await BeginAsync();
        var first = await this["ada-pager"].NextAsync();
        logbook.Record((_, _) => [Proposed(Decision with { ExpiresAt = At(1800) })]);
        Assert.Equal(AlertReason.DecisionNeeded, (await NextWithinSecondsAsync("ada-pager")).Reason);
        for (var second = 0; second < 5; second++)
        {
            await time.UntilWaitingAsync(TimeSpan.FromSeconds(1));
            time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.DoesNotContain(logbook.Book[First]!.Deliveries, one => one.Channel == "ada-pager");

        StoreFolder.Tamper(folder.Database, "DROP TRIGGER disk_is_full");
        time.Advance(TimeSpan.FromSeconds(1));
        await UntilAsync(() => logbook.Book[First]!.Deliveries.Count(one => one.Channel == "ada-pager") == 2);
        Assert.Contains(logbook.Book[First]!.Deliveries, one => one.Key == first.Key && one.Failure is null);
        Assert.True(this["ada-pager"].IsQuiet);
    }

    [Fact]
    public async Task A_page_goes_before_the_other_words_of_severity_1_that_wait_in_numbers()
    {
        this["war-room"].Limit = new RateLimit(9, TimeSpan.FromHours(1), Reserved: 3);
        logbook.Record((_, _) => Opening(First, Severity.Critical));
        Wait(Enumerable.Range(0, 120).Select(number => Waiting("war-room", $"a{number}", AlertReason.DeadlineMissed)));
        Wait([Waiting("war-room", "b", AlertReason.Worsened)]);
        await worker.StartAsync(Cancelled);

        Assert.Equal(AlertReason.Opened, (await this["war-room"].NextAsync()).Reason);
        Assert.Equal(AlertReason.Worsened, (await this["war-room"].NextAsync()).Reason);
    }

    [Fact]
    public async Task What_waits_for_a_channel_that_is_gone_keeps_no_page_waiting()
    {
        logbook.Record((_, _) => Opening(First, Severity.Critical));
        Wait([Waiting("gone-room", "a", AlertReason.DeadlineMissed)]);
        using var log = new HeldLog("gone-room");
        using var held = new DeliveryWorker(receivers, logbook, store, time, log);

        await held.StartAsync(Cancelled);

        await this["war-room"].NextAsync();
        log.Release();
        await held.StopAsync(Cancelled);
    }

    [Fact]
    public async Task What_may_have_arrived_is_repeated_for_whoever_of_a_group_has_not_answered()
    {
        this["war-room"].TakesSeveral = true;
        for (var time = 0; time < 3; time++)
            this["war-room"].Answers(new DeliveryResult.Unknown("the connection was lost"));
        logbook.Record((_, _) =>
            [.. Opening(First, Severity.Elevated), .. Opening(new IncidentId(2), Severity.Elevated),
                new IncidentEvent.Acknowledged(First, "Ada Commander", "personal link")]);
        await worker.StartAsync(Cancelled);

        for (var time = 0; time < 4; time++)
            Assert.Single((await NextWithinSecondsAsync("war-room")).Also!);
    }

    [Fact]
    public async Task What_follows_stands_below_the_first_also_where_a_receiver_only_took_that_over()
    {
        this["war-room"].Answers(new DeliveryResult.Accepted("it was taken over", "<1@tocsin.example>"));
        await BeginAsync();
        await this["war-room"].NextAsync();
        Assert.Null(this["war-room"].Thread);
        await UntilAsync(() => logbook.Book[First]!.AcceptedAlerts.Count > 0);

        logbook.Record((_, _) => [new IncidentEvent.Resolved(First, "ada", "nothing")]);
        Assert.Equal(AlertReason.Resolved, (await this["war-room"].NextAsync()).Reason);
        Assert.Equal("<1@tocsin.example>", this["war-room"].Thread);
    }

    private void Wait(IEnumerable<OutboxItem> items) => store.Commit(new Batch { Outbox = [.. items] });

    private static OutboxItem Waiting(string channel, string key, AlertReason reason) => new(
        $"INC-1/{key}/{channel}", channel, Severity.Critical, Noon,
        System.Text.Json.JsonSerializer.Serialize(
            Channels.Alerts.Night with { Key = key, Incident = "INC-1", Reason = reason }, EventJson.Options));

    private Receiver this[string name] => receivers.Single(receiver => receiver.Name == name);

    private async Task BeginAsync(Severity severity = Severity.Critical)
    {
        logbook.Record((_, _) =>
            [Recorded(Finding(), First), Opened(severity) with { Plan = logbook.Book.Plan!.Value }]);
        await worker.StartAsync(Cancelled);
    }

    private async Task<Alert> NextWithinSecondsAsync(string channel)
    {
        var next = this[channel].NextAsync().AsTask();
        while (!next.IsCompleted)
        {
            await time.UntilWaitingAsync(TimeSpan.FromSeconds(1));
            time.Advance(TimeSpan.FromSeconds(1));
        }
        return await next;
    }

    private LogEvent[] Opening(IncidentId id, Severity severity) =>
    [
        Recorded(Finding($"attack-{id}"), id),
        Opened(severity) with
        {
            Incident = id, Finding = new FindingId($"attack-{id}"), Plan = logbook.Book.Plan!.Value,
        },
    ];

    private async Task UntilAsync(Func<bool> isSo)
    {
        // The head before the look: what comes between the two must not be missed.
        for (var head = logbook.Head; !isSo(); head = logbook.Head)
            await logbook.ChangedSince(head.Sequence, Cancelled);
    }

    private static Alert Read(OutboxState item) =>
        System.Text.Json.JsonSerializer.Deserialize<Alert>(item.Item.Alert, EventJson.Options)!;

    /// <summary>Whoever writes a line with these words waits: as long as the work of which it tells goes on.</summary>
    private sealed class HeldLog(string words) : ILogger<DeliveryWorker>, IDisposable
    {
        private readonly ManualResetEventSlim released = new();

        public void Release() => released.Set();

        public void Dispose() => released.Dispose();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).Contains(words, StringComparison.Ordinal))
                released.Wait(Cancelled);
        }
    }

    /// <summary>Has everything at once unless it is told otherwise.</summary>
    private sealed class Receiver(string name) : IChannel
    {
        private readonly System.Threading.Channels.Channel<Alert> seen =
            System.Threading.Channels.Channel.CreateUnbounded<Alert>();

        private readonly ConcurrentQueue<Task<DeliveryResult>> answers = [];

        public string Name => name;

        public RateLimit? Limit { get; set; }

        public bool TakesSeveral { get; set; }

        /// <summary>Below which the last message was to stand.</summary>
        public string? Thread { get; private set; }

        public bool IsQuiet => !seen.Reader.TryPeek(out _);

        public void Answers(DeliveryResult result) => answers.Enqueue(Task.FromResult(result));

        public TaskCompletionSource<DeliveryResult> Hangs()
        {
            var answer = new TaskCompletionSource<DeliveryResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            answers.Enqueue(answer.Task);
            return answer;
        }

        public void Breaks() =>
            answers.Enqueue(Task.FromException<DeliveryResult>(new InvalidOperationException("a bug")));

        public ValueTask<Alert> NextAsync() => seen.Reader.ReadAsync(Cancelled);

        public Task<DeliveryResult> DeliverAsync(Message message, CancellationToken ct)
        {
            Thread = message.Thread;
            seen.Writer.TryWrite(message.Alert);
            return answers.TryDequeue(out var answer)
                ? answer.WaitAsync(ct)
                : Task.FromResult<DeliveryResult>(new DeliveryResult.Delivered("202"));
        }
    }
}
