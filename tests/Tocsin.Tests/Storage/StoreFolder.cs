using Microsoft.Data.Sqlite;
using Tocsin.Audit;
using Tocsin.Communications;
using Tocsin.Findings;
using Tocsin.Storage;

namespace Tocsin.Tests.Storage;

/// <summary>A folder of its own for one test, gone afterwards, and what tests put into a store.</summary>
internal sealed class StoreFolder : IDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-store-");

    public string Database => PathOf("tocsin.db");

    public string PathOf(string name) => Path.Combine(folder.FullName, name);

    public EventStore Open() => EventStore.Open(Database);

    /// <summary>Executes on a connection of its own, as someone with a database tool would.</summary>
    public static void Tamper(string database, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static NewEntry Entry(int number) =>
        new(Noon.AddSeconds(number), $"INC-{number % 3}", "incident-opened.1", $$"""{"number":{{number}}}""");

    public static Batch Entries(params int[] numbers) => new() { Entries = [.. numbers.Select(Entry)] };

    public static OutboxItem Item(string key, Severity severity = Severity.Critical, int age = 0) =>
        new(key, "war-room", severity, Noon.AddSeconds(-age), $$"""{"key":"{{key}}"}""");

    public void Dispose() => folder.Delete(recursive: true);
}
