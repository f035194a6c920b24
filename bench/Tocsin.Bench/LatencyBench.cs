using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tocsin.Api;
using Tocsin.Chains;
using Tocsin.Commands;
using Tocsin.Configuration;
using Tocsin.Hosting;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Watching;

namespace Tocsin.Bench;

/// <summary>
/// Budget: from a block being known to the node to the alert being accepted by a webhook on the same machine, p50 at
/// most 10 ms and p99 at most 50 ms, with 200 transactions a block. The whole server runs: head socket, node reader,
/// follower, engine, input log, SQLite, outbox, channels.
/// </summary>
internal static class LatencyBench
{
    private const double MedianMax = 10;
    private const double WorstMax = 50;
    private const int Transactions = 200;
    private const int Installations = 11;
    private const int AttacksEach = 20;

    // As many as the engine remembers: a checkpoint is as long as in an installation that has run for a while.
    private const int QuietBlocks = 256;

    private static readonly ChainId Chain = new(31337);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

    private readonly record struct Course(
        double Sent, double Recorded, double Accepted, double Bare, double Disk);

    public static bool Run(BenchOptions options) => RunAsync().GetAwaiter().GetResult();

    // A new installation after some attacks: no real one has two hundred of them open in one hour.
    private static async Task<bool> RunAsync()
    {
        var courses = new List<Course>();
        for (var installation = 0; installation < Installations; installation++)
        {
            var measured = await InstallAsync();
            // In the first one the code is still being compiled.
            if (installation > 0)
                courses.AddRange(measured);
        }
        return Tell(courses);
    }

    private static async Task<List<Course>> InstallAsync()
    {
        var generated = new GeneratedBlocks(seed: 3);
        await using var node = await ReplayNode.StartAsync(Chain, Next(generated));
        await using var receiver = await AlertReceiver.StartAsync();
        using var site = BenchSite.Create(Chain, node, receiver.Url);
        var configuration = TocsinConfiguration.Load(site.Folder);
        await using var app = await TocsinHost.StartAsync(
            configuration, PlanCommand.ReadChecked(configuration), TimeProvider.System, LogLevel.Error,
            CancellationToken.None);
        while (node.Listeners == 0)
            await Task.Delay(Between);
        for (var quiet = 0; quiet < QuietBlocks; quiet++)
            await QuietAsync(app, node, Next(generated));
        using var bare = new BareClient(node.Rpc);
        await using var disk = new FileStream(Path.Combine(site.Folder, "disk"), FileMode.Create);
        var courses = new List<Course>();
        for (var attack = 1; attack <= AttacksEach; attack++)
        {
            var course = await AttackAsync(app, node, receiver, Next(generated, attack), new IncidentId(attack));
            await Task.Delay(Between);
            courses.Add(course with { Bare = await bare.FetchAsync(node), Disk = TwoWrites(disk) });
        }
        await app.StopAsync();
        return courses;
    }

    private static async Task QuietAsync(WebApplication app, ReplayNode node, PublishedBlock block)
    {
        await node.PublishAsync(block);
        while (app.Services.GetRequiredService<ChainWatcher>().State?.Head.Number != block.Number)
            await Task.Delay(Between / 100);
    }

    private static PublishedBlock Next(GeneratedBlocks generated, int attack = 0) => PublishedBlock.Of(
        attack == 0
            ? generated.Next(Transactions, time: TimeProvider.System.GetUtcNow())
            : generated.Next(Transactions, time: TimeProvider.System.GetUtcNow(), last: Attack.By(attack)));

    private static async Task<Course> AttackAsync(
        WebApplication app, ReplayNode node, AlertReceiver receiver, PublishedBlock block, IncidentId incident)
    {
        var logbook = app.Services.GetRequiredService<Logbook>();
        var recording = Task.Run(() => RecordedAsync(logbook, incident));
        var accepting = receiver.AcceptedAsync(incident.ToString());
        // The one who waits must wait before the block is there.
        await Task.Delay(Between / 10);
        var start = Stopwatch.GetTimestamp();
        await node.PublishAsync(block);
        var (recorded, accepted) = (await recording, await accepting);
        if (IncidentCommands.Resolve(logbook, incident, "chief", "measured") is { } refusal)
            throw new InvalidOperationException(refusal);
        return new Course(Since(start, node.LastSentAt), Since(start, recorded), Since(start, accepted), 0, 0);
    }

    private static async Task<long> RecordedAsync(Logbook logbook, IncidentId incident)
    {
        while (logbook.Book[incident] is null)
            await logbook.ChangedSince(logbook.Head.Sequence, CancellationToken.None);
        return Stopwatch.GetTimestamp();
    }

    // A finding is recorded by two writes that must reach the disk: the input log's and the database's.
    private static double TwoWrites(FileStream disk)
    {
        var start = Stopwatch.GetTimestamp();
        for (var write = 0; write < 2; write++)
        {
            disk.Write(new byte[4096]);
            disk.Flush(flushToDisk: true);
        }
        return Since(start, Stopwatch.GetTimestamp());
    }

    private static double Since(long start, long end) => Stopwatch.GetElapsedTime(start, end).TotalMilliseconds;

    private static bool Tell(List<Course> courses)
    {
        Console.WriteLine();
        Console.WriteLine($"{courses.Count} blocks of {Transactions} transactions, an attack in each; milliseconds:");
        Row("block at the node -> its last byte sent", course => course.Sent);
        Row("  the same by a bare client, nothing read", course => course.Bare);
        Row("last byte sent -> findings recorded", course => course.Recorded - course.Sent);
        Row("  two writes to the same disk, alone", course => course.Disk);
        Row("block at the node -> findings recorded", course => course.Recorded);
        Row("findings recorded -> alert accepted", course => course.Accepted - course.Recorded);
        Row("block at the node -> alert accepted", course => course.Accepted);
        var floor = courses.ConvertAll(course => course.Recorded / (course.Bare + course.Disk));
        Console.WriteLine(
            $"  recorded after {Share(floor, 0.5):0.0} times what a bare client and the two writes take (median)");
        var accepted = courses.ConvertAll(course => course.Accepted);
        return Budget.AtMost("block at the node -> alert accepted, p50, ms", Share(accepted, 0.5), MedianMax)
            & Budget.AtMost("block at the node -> alert accepted, p99, ms", Share(accepted, 0.99), WorstMax);

        void Row(string what, Func<Course, double> of)
        {
            var all = courses.ConvertAll(course => of(course));
            Console.WriteLine($"  {what,-42} p50 {Share(all, 0.5),6:0.00}  p99 {Share(all, 0.99),6:0.00}");
        }
    }

    private static double Share(List<double> values, double share) =>
        values.Order().ElementAt((int)Math.Ceiling(share * values.Count) - 1);
}

/// <summary>Asks for a block as our reader does, and looks at no byte of the answers.</summary>
internal sealed class BareClient(Uri node) : IDisposable
{
    private readonly HttpClient http = new();
    private readonly byte[] buffer = new byte[64 << 10];
    private readonly byte[] other = new byte[64 << 10];

    /// <summary>The milliseconds until both answers have arrived.</summary>
    public async Task<double> FetchAsync(ReplayNode of)
    {
        var number = $"0x{of.Newest:x}";
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(
            AskAsync("eth_getBlockByNumber", $"\"{number}\",true", buffer),
            AskAsync("eth_getBlockReceipts", $"\"{number}\"", other));
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    public void Dispose() => http.Dispose();

    private async Task AskAsync(string method, string parameters, byte[] into)
    {
        var question = $$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":[{{parameters}}]}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, node)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(question)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        while (await body.ReadAsync(into) > 0)
        {
        }
    }
}
