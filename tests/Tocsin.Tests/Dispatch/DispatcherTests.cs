using Microsoft.Extensions.Logging.Abstractions;
using Tocsin.Communications;
using Tocsin.Deadlines;
using Tocsin.Dispatch;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.Recording;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Storage;
using Tocsin.Watching;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Dispatch;

public sealed class DispatcherTests : IDisposable
{
    private static readonly Links Links = new(
        id => new Uri($"https://tocsin.example/incidents/{id}"), (id, person, _) =>
            new Uri($"https://tocsin.example/acknowledge/{id}-{person}"),
        new Uri("https://tocsin.example/channels"));

    private readonly StoreFolder folder = new();
    private readonly ManualTime time = new(Noon);
    private Logbook logbook;

    public DispatcherTests()
    {
        logbook = Open();
        logbook.Adopt(MinimalPlan.Read());
        logbook.Record((book, now) => book.Take(Finding(), now, MinimalPlan.Plan, DetectionLimits.Default));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private IEnumerable<LogEvent> Events => logbook.TimelineOf(First).Select(happened => happened.Event);

    public void Dispose()
    {
        logbook.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Who_is_called_is_written_down_as_soon_as_it_opens()
    {
        await using var running = await RunAsync();

        await UntilAsync<PageEvent.LevelBegan>(1);

        var began = Assert.Single(Events.OfType<PageEvent.LevelBegan>());
        Assert.Equal(["Ada Commander", "Ben Engineer", "Dee Auditor"], began.People);
    }

    [Fact]
    public async Task A_reminder_comes_at_its_instant_and_the_miss_at_its_own()
    {
        await using var running = await RunAsync();
        await UntilAsync<PageEvent.LevelBegan>(1);

        await PassAsync(TimeSpan.FromSeconds(225));
        await UntilAsync<DeadlineEvent.Neared>(1);
        await PassAsync(TimeSpan.FromSeconds(75));
        await UntilAsync<DeadlineEvent.Missed>(1);

        Assert.Equal(
            [Noon.AddSeconds(225), Noon.AddSeconds(300)],
            logbook.TimelineOf(First).Where(happened => happened.Event is DeadlineEvent).Select(one => one.At));
    }

    [Fact]
    public async Task What_fell_due_while_the_server_was_down_is_told_once_when_it_is_back()
    {
        time.Advance(TimeSpan.FromHours(1));
        logbook.Dispose();
        logbook = Open();
        await using (await RunAsync())
            await UntilAsync<DeadlineEvent.Missed>(2);
        logbook.Dispose();
        logbook = Open();

        await using (await RunAsync())
            await time.UntilWaitingAsync(TimeSpan.FromSeconds(1));

        Assert.Equal(
            ["acknowledge", "next word on it"], Events.OfType<DeadlineEvent.Missed>().Select(told => told.What));
        Assert.Empty(Events.OfType<DeadlineEvent.Neared>());
        Assert.Single(Events.OfType<PageEvent.LevelBegan>());
    }

    [Fact]
    public void What_is_owed_for_more_than_ten_seconds_is_told_by_somebody_else()
    {
        var auditor = new Auditor(
            logbook, new FindingDesk(logbook, exercise: false), time, NullLogger<Auditor>.Instance);

        auditor.Look(Noon.AddSeconds(9));
        Assert.DoesNotContain(logbook.Book.Findings.Values, IsTold);
        auditor.Look(Noon.AddSeconds(10));
        Assert.DoesNotContain(logbook.Book.Findings.Values, IsTold);
        auditor.Look(Noon.AddSeconds(15));
        auditor.Look(Noon.AddSeconds(20));
        var told = Assert.Single(logbook.Book.Findings.Values, IsTold).Finding;
        Assert.Equal((FindingStatus.Seen, 1), (told.Status, told.Revision));
        Assert.Contains("INC-1: LevelBegan was due at least 10 s ago", told.Reason, StringComparison.Ordinal);

        logbook.Record((book, now) => Dues.Owed(book[First]!, MinimalPlan.Plan, now));
        auditor.Look(Noon.AddSeconds(25));
        Assert.Equal(FindingStatus.Over, Assert.Single(logbook.Book.Findings.Values, IsTold).Finding.Status);
    }

    private static bool IsTold(FindingRecorded recorded) => recorded.Finding.Detector == "auditor";

    private Logbook Open() => new(folder.Open(), Links, time);

    private async Task<IAsyncDisposable> RunAsync()
    {
        var dispatcher = new Dispatcher(logbook, time, NullLogger<Dispatcher>.Instance);
        await dispatcher.StartAsync(Cancelled);
        return new Running(dispatcher);
    }

    private async Task PassAsync(TimeSpan span)
    {
        await time.UntilWaitingAsync(TimeSpan.FromSeconds(1));
        time.Advance(span);
    }

    private async Task UntilAsync<T>(int count)
        where T : LogEvent
    {
        while (true)
        {
            var head = logbook.Head.Sequence;
            if (Events.OfType<T>().Count() >= count)
                return;
            await logbook.ChangedSince(head, Cancelled);
        }
    }

    private sealed class Running(Dispatcher dispatcher) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await dispatcher.StopAsync(CancellationToken.None);
    }
}
