using System.Diagnostics;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Storage;

namespace Tocsin.EndToEnd.Deliveries;

/// <summary>
/// The courier is killed (SIGKILL) at a point that a seed chooses between "the alert is owed" and "it is recorded as
/// delivered". Every log is killed fifty times; then it is delivered to its end, and judged. Without
/// <c>TOCSIN_KILLS=1000</c>, which asks for so many, there are 200.
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int KillsOfEach = 50;

    public static TheoryData<int> Seeds =>
        [.. Enumerable.Range(1, int.Parse(Environment.GetEnvironmentVariable("TOCSIN_KILLS") ?? "200") / KillsOfEach)];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Fifty_kills_between_owing_and_having_sent_lose_no_page_and_repeat_it_only_by_its_key(int seed)
    {
        var random = new Random(seed);
        var folder = Directory.CreateTempSubdirectory("tocsin-kills-");
        try
        {
            var log = Path.Combine(folder.FullName, "tocsin.db");
            var said = new HashSet<string>();
            await using var receiver = await Receiver.StartAsync();
            for (var kill = 0; kill < KillsOfEach; kill++)
                said.UnionWith(await KillAsync(log, receiver, Blow.Of(random)));
            using (var last = Start(log, receiver, incidents: 0))
            {
                await last.WaitForExitAsync(Ct);
                Assert.Equal(0, last.ExitCode);
            }
            Judge(log, receiver, said);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <returns>What the courier said that it had recorded.</returns>
    private static async Task<HashSet<string>> KillAsync(string log, Receiver receiver, Blow blow)
    {
        var struck = receiver.Await(blow);
        using var courier = Start(log, receiver, incidents: 1);
        var said = new HashSet<string>();
        var reading = ReadAsync(courier, said, blow.IsAtRecording ? struck : null);
        await Task.WhenAny(struck.Task, courier.WaitForExitAsync(Ct));
        if (courier.HasExited)
            Assert.Fail(
                $"the courier ended by itself with {courier.ExitCode}: "
                + await courier.StandardError.ReadToEndAsync(Ct));
        // Somewhere in the milliseconds after it: not a wait for anything.
        var until = Stopwatch.GetTimestamp() + blow.Ticks;
        while (Stopwatch.GetTimestamp() < until)
            Thread.SpinWait(20);
        courier.Kill();
        await courier.WaitForExitAsync(Ct);
        await reading;
        receiver.Release();
        return said;
    }

    private static async Task ReadAsync(Process courier, HashSet<string> said, TaskCompletionSource? struck)
    {
        while (await courier.StandardOutput.ReadLineAsync(Ct) is { } line)
        {
            said.Add(line);
            struck?.TrySetResult();
        }
    }

    private static Process Start(string log, Receiver receiver, int incidents)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Tocsin.Courier");
        return Process.Start(
            new ProcessStartInfo(program, [log, receiver.Address, incidents.ToString()])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                // It compiles once more what it runs often, which a short life never gets back.
                Environment = { ["DOTNET_TieredPGO"] = "0", ["DOTNET_TieredCompilation"] = "1" },
            })!;
    }

    private void Judge(string log, Receiver receiver, HashSet<string> said)
    {
        using var store = EventStore.Open(log);
        Assert.Empty(store.UnsettledOutbox());
        var events = store.Read().Select(entry => EventJson.Read(entry.Kind, entry.Payload)).ToList();
        var opened = events.OfType<IncidentEvent.Opened>().Select(one => one.Incident.ToString()).ToList();
        Assert.Subset(opened.ToHashSet(), said);
        // A blow may strike while the one before it is still being delivered, and the new one is not open yet.
        Assert.InRange(opened.Count, said.Count, KillsOfEach);
        var delivered = events.OfType<IncidentEvent.AlertDelivered>().Select(one => one.Key).ToList();
        Assert.Equal(delivered.Distinct(), delivered);
        var received = receiver.Keys;
        Assert.Equal(delivered.ToHashSet(), received.ToHashSet());
        Assert.All(opened, incident => Assert.Contains(received, key => key.StartsWith(incident + "/")));
        var repeated = received.Count - delivered.Count;
        output.WriteLine($"{delivered.Count} alerts, {repeated} received once more with the key that they had");
        // At most one is on its way in each lane when it is killed.
        Assert.InRange(repeated, 0, KillsOfEach * receiver.Lanes);
    }
}
