using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Tocsin.Channels;
using Tocsin.Communications;
using Tocsin.Delivery;
using Tocsin.Findings;
using Tocsin.Recording;
using Tocsin.Storage;

namespace Tocsin.Bench;

/// <summary>
/// 100,000 alerts of severity 4 wait for one channel, and pages of severity 1 come in between: how long each page waits
/// until its channel has it. And how many alerts of the outbox are sent and settled a second, by a channel that answers
/// at once, in a SQLite file and in PostgreSQL where <c>TOCSIN_BENCH_DATABASE</c> leads to an empty database.
/// </summary>
internal static class StormBench
{
    private const string Variable = "TOCSIN_BENCH_DATABASE";
    private const int Alerts = 100_000;
    private const int Incidents = 1_000;
    private const int Pages = 40;
    private const int PageWithinMs = 1_000;

    private static readonly TimeSpan BetweenPages = TimeSpan.FromMilliseconds(250);

    public static bool Run(BenchOptions options)
    {
        Console.WriteLine();
        Console.WriteLine(
            $"{Alerts:N0} alerts of severity 4 wait for one channel; {Pages} pages of severity 1 come in:");
        var folder = Directory.CreateTempSubdirectory("tocsin-bench-");
        try
        {
            var kept = Measure("SQLite", EventStore.Open(Path.Combine(folder.FullName, "tocsin.db")));
            if (Environment.GetEnvironmentVariable(Variable) is { } address)
                kept &= Measure("PostgreSQL", EventStore.OpenPostgres(address));
            else
                Console.WriteLine($"  PostgreSQL is not measured: {Variable} leads to no database");
            return kept;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static bool Measure(string name, EventStore store)
    {
        ManyIncidents.Write(store, ManyIncidents.Plan(), Incidents, areClosed: false);
        foreach (var some in Enumerable.Range(0, Alerts).Chunk(1_000))
            store.Commit(new Batch { Outbox = [.. some.Select(number => Item(number, Severity.Minor))] });
        var nowhere = new Uri("http://127.0.0.1/");
        using var logbook = new Logbook(store, new(_ => nowhere, (_, _, _) => nowhere, nowhere), TimeProvider.System);
        var channel = new Instant();
        using var worker = new DeliveryWorker(
            [channel], logbook, store, TimeProvider.System, NullLogger<DeliveryWorker>.Instance);
        var first = Stopwatch.GetTimestamp();
        worker.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        var waits = new List<double>();
        for (var page = 0; page < Pages; page++)
        {
            Task.Delay(BetweenPages).GetAwaiter().GetResult();
            waits.Add(channel.WaitMs(store, Item(Alerts + page, Severity.Critical)));
        }
        var rate = channel.Count / Stopwatch.GetElapsedTime(first).TotalSeconds;
        worker.StopAsync(CancellationToken.None).GetAwaiter().GetResult();
        var left = store.UnsettledOutbox().Count(item => item.Item.Severity == Severity.Minor);
        Console.WriteLine($"  {name,-10} {rate,8:0} alerts sent and settled a second ({left:N0} still wait)");
        Console.WriteLine(
            $"  {"",-10} a page waits p50 {At(waits, 50):0.0} ms, p99 {At(waits, 99):0.0} ms, at most "
            + $"{waits.Max():0.0} ms");
        return Budget.AtMost($"a page in a storm, {name}, p99, ms", At(waits, 99), PageWithinMs);
    }

    private static OutboxItem Item(int number, Severity severity)
    {
        var key = $"INC-{(number % Incidents) + 1}/{number}/war-room";
        var alert = new Alert(
            key, $"INC-{(number % Incidents) + 1}", AlertReason.Opened, severity, ManyIncidents.Start, "A storm",
            "Many small things", "no loss known yet", [], "Look.", "nobody", new Uri("http://127.0.0.1/"), null,
            "1:0x00", Exercise: false);
        return new OutboxItem(
            key, "war-room", severity, TimeProvider.System.GetUtcNow(),
            JsonSerializer.Serialize(alert, EventJson.Options));
    }

    private static double At(List<double> values, int percent) =>
        values.Order().ElementAt(Math.Min(values.Count - 1, values.Count * percent / 100));

    /// <summary>Has everything at once, and says when.</summary>
    private sealed class Instant : IChannel
    {
        private readonly ConcurrentDictionary<string, TaskCompletionSource<long>> awaited = [];
        private int count;

        public string Name => "war-room";

        public int Count => count;

        public Task<DeliveryResult> DeliverAsync(Message message, CancellationToken ct)
        {
            Interlocked.Increment(ref count);
            if (awaited.TryGetValue(message.Alert.Key, out var page))
                page.TrySetResult(Stopwatch.GetTimestamp());
            return Task.FromResult<DeliveryResult>(new DeliveryResult.Delivered("at once"));
        }

        /// <summary>From the moment that the page is durable in the outbox.</summary>
        public double WaitMs(EventStore store, OutboxItem page)
        {
            var here = awaited[page.Key] = new(TaskCreationOptions.RunContinuationsAsynchronously);
            store.Commit(new Batch { Outbox = [page] });
            var committed = Stopwatch.GetTimestamp();
            var arrived = here.Task.WaitAsync(TimeSpan.FromMinutes(1)).GetAwaiter().GetResult();
            return Math.Max(0, Stopwatch.GetElapsedTime(committed, arrived).TotalMilliseconds);
        }
    }
}
