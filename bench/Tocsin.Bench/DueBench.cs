using System.Diagnostics;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Storage;

namespace Tocsin.Bench;

/// <summary>
/// What one round of the dispatcher costs with 10,000 open incidents: what each owes now, and when something is due
/// next; and what the server's start costs with 10,000 closed ones: the log read, its chain checked, and folded.
/// </summary>
internal static class DueBench
{
    private const int Incidents = 10_000;
    private const int StartWithinSeconds = 2;

    public static bool Run(BenchOptions options)
    {
        var plan = ManyIncidents.Plan();
        Console.WriteLine();
        InStore(plan, areClosed: false, (path, entries) => Due(path, entries, options.Rounds));
        return InStore(plan, areClosed: true, (path, entries) => Start(path, entries, options.Rounds));
    }

    private static bool Due(string path, long entries, int rounds)
    {
        using var logbook = Open(path);
        var now = ManyIncidents.Last(Incidents) + TimeSpan.FromMinutes(5);
        var (owed, next) = (new List<double>(), new List<double>());
        var events = 0;
        for (var round = 0; round <= rounds; round++)
        {
            var first = Stopwatch.GetTimestamp();
            events = logbook.Book.Owing(now).Sum(one => Dues.Owed(one, logbook.PlanOf(one), now).Count);
            var second = Stopwatch.GetTimestamp();
            _ = logbook.Book.Owing(now).Min(one => Dues.NextDue(one, logbook.PlanOf(one), now));
            if (round == 0)
                continue;
            owed.Add(Stopwatch.GetElapsedTime(first, second).TotalMicroseconds / Incidents);
            next.Add(Stopwatch.GetElapsedTime(second).TotalMicroseconds / Incidents);
        }
        Console.WriteLine(
            $"{Incidents:N0} open incidents, {entries:N0} entries; microseconds for each, {rounds} rounds:");
        Console.WriteLine($"  what it owes now ({events:N0} in all)  {Middle(owed),8:0.0}");
        Console.WriteLine($"  when something is due next      {Middle(next),8:0.0}");
        return true;
    }

    private static bool Start(string path, long entries, int rounds)
    {
        var (whole, bare) = (new List<double>(), new List<double>());
        for (var round = 0; round <= Math.Min(rounds, 5); round++)
        {
            var first = Stopwatch.GetTimestamp();
            using (var store = EventStore.Open(path))
                _ = store.Read().Sum(entry => entry.Payload.Length);
            var second = Stopwatch.GetTimestamp();
            using (Open(path))
                whole.Add(Stopwatch.GetElapsedTime(second).TotalSeconds);
            bare.Add(Stopwatch.GetElapsedTime(first, second).TotalSeconds);
        }
        Console.WriteLine($"{Incidents:N0} closed incidents, {entries:N0} entries; seconds:");
        Console.WriteLine($"  the log read from the disk      {Middle(bare),8:0.00}");
        Console.WriteLine($"  read, its chain checked, folded {Middle(whole),8:0.00}, the first time {whole[0]:0.00}");
        return Budget.AtMost("start with 10,000 closed incidents, the first time, s", whole[0], StartWithinSeconds);
    }

    private static bool InStore(
        Tocsin.Plans.ReadPlan plan, bool areClosed, Func<string, long, bool> measure)
    {
        var folder = Directory.CreateTempSubdirectory("tocsin-bench-");
        try
        {
            var path = Path.Combine(folder.FullName, "tocsin.db");
            long entries;
            using (var store = EventStore.Open(path))
                entries = ManyIncidents.Write(store, plan, Incidents, areClosed);
            return measure(path, entries);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Logbook Open(string path)
    {
        var nowhere = new Uri("http://127.0.0.1/");
        return new Logbook(
            EventStore.Open(path), new(_ => nowhere, (_, _, _) => nowhere, nowhere), TimeProvider.System);
    }

    private static double Middle(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
