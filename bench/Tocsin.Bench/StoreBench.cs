using System.Diagnostics;
using Tocsin.Audit;
using Tocsin.Storage;

namespace Tocsin.Bench;

/// <summary>
/// Batches of one entry made durable, one after the other, in turns in a SQLite file, in PostgreSQL where
/// <c>TOCSIN_BENCH_DATABASE</c> leads to an empty database, and as a bare write to the same disk as the file.
/// </summary>
internal static class StoreBench
{
    private const string Variable = "TOCSIN_BENCH_DATABASE";
    private const int BatchesPerRound = 100;

    private static readonly string Payload = $$"""{"text":"{{new string('x', 500)}}"}""";

    public static bool Run(BenchOptions options)
    {
        var folder = Directory.CreateTempSubdirectory("tocsin-bench-");
        try
        {
            using var file = EventStore.Open(Path.Combine(folder.FullName, "tocsin.db"));
            using var disk = new FileStream(Path.Combine(folder.FullName, "disk"), FileMode.Create);
            var address = Environment.GetEnvironmentVariable(Variable);
            using var database = address is null ? null : EventStore.OpenPostgres(address);
            Measure(file, database, disk, options.Rounds);
            return true;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Measure(EventStore file, EventStore? database, FileStream disk, int rounds)
    {
        var (inFile, inDatabase, bare) = (new List<double>(), new List<double>(), new List<double>());
        // The first round is of code that is still being compiled.
        for (var round = 0; round <= rounds; round++)
        {
            var (first, second, third) = (
                Rate(() => file.Commit(Batch())),
                database is null ? 0 : Rate(() => database.Commit(Batch())),
                Rate(() =>
                {
                    disk.Write(new byte[1_000]);
                    disk.Flush(flushToDisk: true);
                }));
            if (round == 0)
                continue;
            inFile.Add(first);
            inDatabase.Add(second);
            bare.Add(third);
        }
        Console.WriteLine();
        Console.WriteLine($"{rounds} rounds of {BatchesPerRound} batches of one entry, each on the disk; a second:");
        Console.WriteLine($"  bare write to the disk  {Middle(bare),8:0}");
        Console.WriteLine(
            $"  SQLite                  {Middle(inFile),8:0}  {Ratio(inFile, bare):0.00} of the bare write");
        Console.WriteLine(database is null
            ? $"  PostgreSQL              not measured: {Variable} leads to no database"
            : $"  PostgreSQL              {Middle(inDatabase),8:0}  {Ratio(inDatabase, inFile):0.00} of SQLite");
    }

    private static Batch Batch() =>
        new() { Entries = [new NewEntry(TimeProvider.System.GetUtcNow(), "INC-1", "bench.1", Payload)] };

    private static double Rate(Action act)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < BatchesPerRound; i++)
            act();
        return BatchesPerRound / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    // Of each round, so that what the machine did meanwhile falls on both.
    private static double Ratio(List<double> of, List<double> to) =>
        Middle([.. of.Zip(to, (one, other) => one / other)]);

    private static double Middle(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
