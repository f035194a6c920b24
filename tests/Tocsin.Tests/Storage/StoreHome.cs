using Tocsin.Audit;
using Tocsin.Communications;
using Tocsin.Findings;
using Tocsin.Storage;

namespace Tocsin.Tests.Storage;

/// <summary>A place of its own for the store of one test, gone afterwards.</summary>
internal abstract class StoreHome : IDisposable
{
    public abstract EventStore Open();

    public abstract StoreSnapshot OpenSnapshot();

    /// <summary>Executes on a connection of its own, as someone with a database tool would.</summary>
    public abstract void Tamper(string sql);

    /// <summary>Takes away what keeps the log from being changed.</summary>
    public abstract void DropTriggers();

    public abstract void Dispose();
}

/// <summary>What tests put into a store.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static NewEntry Entry(int number) =>
        new(Noon.AddSeconds(number), $"INC-{number % 3}", "incident-opened.1", $$"""{"number":{{number}}}""");

    public static Batch Entries(params int[] numbers) => new() { Entries = [.. numbers.Select(Entry)] };

    public static OutboxItem Item(string key, Severity severity = Severity.Critical, int age = 0) =>
        new(key, "war-room", severity, Noon.AddSeconds(-age), $$"""{"key":"{{key}}"}""");

    public static Batch Outcome(string key, bool settled, DateTimeOffset next, string result = "done") =>
        new() { Settled = [new OutboxOutcome(key, settled, next, result)] };
}
