using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Tocsin.Chains;
using Tocsin.Commands;
using Tocsin.Configuration;
using Tocsin.Demo;
using Tocsin.Hosting;

namespace Tocsin.Bench;

/// <summary>
/// Budget: all-in-one, ten chains, at most 300 MB. One <c>serve</c> watches one chain, so two things are measured: ten
/// processes of the real executable, which is how ten chains are watched, and ten servers in one process, which is what
/// the budget is about.
/// </summary>
internal static class ChainsBench
{
    /// <summary>The word with which this program starts itself to be the ten servers.</summary>
    public const string Inside = "servers";

    private const double MegabytesMax = 300;
    private const int Chains = 10;
    private const int Transactions = 200;
    private const int BlocksEach = 150;
    private const int WarmUp = 30;
    private const string Ready = "the war room is on";

    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    public static bool Run(BenchOptions options) => RunAsync().GetAwaiter().GetResult();

    /// <summary>A server for each folder, until standard input ends.</summary>
    public static async Task ServeAsync(string[] folders)
    {
        var apps = new List<WebApplication>();
        foreach (var folder in folders)
        {
            var configuration = TocsinConfiguration.Load(folder);
            apps.Add(await TocsinHost.StartAsync(
                configuration, PlanCommand.ReadChecked(configuration), TimeProvider.System, LogLevel.Warning,
                CancellationToken.None));
        }
        Console.WriteLine($"{Ready}; server collector: {GCSettings.IsServerGC}");
        await Console.In.ReadToEndAsync();
        foreach (var app in apps)
            await app.DisposeAsync();
    }

    private static async Task<bool> RunAsync()
    {
        Console.WriteLine();
        Console.WriteLine($"{Chains} chains, a block of {Transactions} transactions on each every "
            + $"{Between.TotalSeconds:0.#} s, {BlocksEach} blocks each after {WarmUp} to warm up:");
        await MeasureAsync($"{Chains} processes of serve", [.. Enumerable.Range(0, Chains).Select(chain =>
            (Func<BenchSite[], Watcher>)(sites => Watcher.Serve(sites[chain])))]);
        var together = await MeasureAsync("one process, ten servers in it", [Watcher.ServeAll]);
        return Budget.AtMost("resident, ten chains in one process, MB", together, MegabytesMax);
    }

    /// <returns>The resident megabytes of all processes at the end.</returns>
    private static async Task<double> MeasureAsync(string what, Func<BenchSite[], Watcher>[] starts)
    {
        var generated = new GeneratedBlocks(seed: 4);
        var first = Next(generated);
        await using var receiver = await AlertReceiver.StartAsync();
        var nodes = new List<ReplayNode>();
        for (var chain = 0; chain < Chains; chain++)
            nodes.Add(await ReplayNode.StartAsync(new ChainId((ulong)(1_000 + chain)), first));
        var sites = nodes.Select((node, chain) =>
            BenchSite.Create(new ChainId((ulong)(1_000 + chain)), node, receiver.Url)).ToArray();
        var watchers = new List<Watcher>();
        try
        {
            foreach (var start in starts)
                watchers.Add(start(sites));
            foreach (var watcher in watchers)
                await watcher.ReadyAsync();
            while (nodes.Exists(node => node.Listeners == 0))
                await Task.Delay(Between);
            return await WatchAsync(what, generated, nodes, watchers);
        }
        finally
        {
            watchers.ForEach(watcher => watcher.Dispose());
            foreach (var node in nodes)
                await node.DisposeAsync();
            foreach (var site in sites)
                site.Dispose();
        }
    }

    private static async Task<double> WatchAsync(
        string what, GeneratedBlocks generated, List<ReplayNode> nodes, List<Watcher> watchers)
    {
        var (began, processor, bare) = (Stopwatch.GetTimestamp(), TimeSpan.Zero, new List<double>());
        var resident = new List<double>();
        for (var block = 0; block < WarmUp + BlocksEach; block++)
        {
            if (block == WarmUp)
                (began, processor) = (Stopwatch.GetTimestamp(), Total(watchers));
            var due = Task.Delay(Between);
            var line = generated.Next(Transactions, time: TimeProvider.System.GetUtcNow());
            var published = PublishedBlock.Of(line);
            foreach (var node in nodes)
                await node.PublishAsync(published);
            await due;
            // Only when the watchers have been served: a pass beside them would be slowed by them.
            bare.Add(BarePass(line.Bytes));
            if ((block + 1) % 30 == 0)
                resident.Add(watchers.Sum(watcher => watcher.Megabytes));
        }
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var each = (Total(watchers) - processor).TotalMilliseconds / (BlocksEach * Chains);
        var pass = bare.Order().ElementAt(bare.Count / 2);
        Console.WriteLine($"  {what}:");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"    resident MB every 30 blocks: {string.Join(", ", resident.Select(mb => $"{mb:0}"))}; "
            + $"their own share at the end (PSS): {watchers.Sum(watcher => watcher.ShareMegabytes):0} MB; "
            + $"private to them: {watchers.Sum(watcher => watcher.PrivateMegabytes):0} MB"));
        Console.WriteLine($"    processor: {each:0.00} ms a block, {each / pass:0.0} times a bare pass over it "
            + $"({pass:0.00} ms); {100 * (Total(watchers) - processor).TotalSeconds / seconds:0} % of one core");
        return resident[^1];
    }

    private static TimeSpan Total(List<Watcher> watchers) =>
        TimeSpan.FromTicks(watchers.Sum(watcher => watcher.ProcessorTime.Ticks));

    private static PublishedBlock Next(GeneratedBlocks generated) =>
        PublishedBlock.Of(generated.Next(Transactions, time: TimeProvider.System.GetUtcNow()));

    private static double BarePass(byte[] bytes)
    {
        var start = Stopwatch.GetTimestamp();
        var json = new Utf8JsonReader(bytes);
        while (json.Read())
        {
        }
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>A process under measurement.</summary>
    private sealed class Watcher : IDisposable
    {
        private readonly Process process;
        private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ConcurrentQueue<string> said = [];

        private Watcher(string program, IEnumerable<string> arguments, bool asProduct)
        {
            var info = new ProcessStartInfo(program)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            foreach (var argument in arguments)
                info.ArgumentList.Add(argument);
            // The collector as the product has it, and not as a benchmark wants it.
            if (asProduct)
                (info.Environment["DOTNET_gcServer"], info.Environment["DOTNET_gcConcurrent"]) = ("1", "1");
            process = new Process { StartInfo = info };
            process.OutputDataReceived += (_, line) => Hear(line.Data);
            process.ErrorDataReceived += (_, line) => Hear(line.Data);
            process.Start();
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        public double Megabytes => Refreshed().WorkingSet64 / 1e6;

        public TimeSpan ProcessorTime => Refreshed().TotalProcessorTime;

        public double ShareMegabytes => Rollup("Pss:");

        public double PrivateMegabytes => Rollup("Private_Dirty:");

        public static Watcher Serve(BenchSite site)
        {
            var (program, first) = DemoSigner.OurProgram();
            return new Watcher(program, [.. first, "serve", "--config", site.Folder], asProduct: false);
        }

        public static Watcher ServeAll(BenchSite[] sites) => new(
            Environment.ProcessPath!,
            [.. Environment.GetCommandLineArgs()[0].EndsWith(".dll", StringComparison.Ordinal)
                && Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
                    ? [Environment.GetCommandLineArgs()[0]]
                    : Array.Empty<string>(),
                Inside, .. sites.Select(site => site.Folder)],
            asProduct: true);

        public async Task ReadyAsync()
        {
            try
            {
                await ready.Task.WaitAsync(TimeSpan.FromMinutes(1));
            }
            catch (TimeoutException e)
            {
                throw new InvalidOperationException(string.Join(Environment.NewLine, said), e);
            }
        }

        public void Dispose()
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        private void Hear(string? line)
        {
            if (line?.Contains(Ready, StringComparison.Ordinal) == true)
                ready.TrySetResult();
            else if (line is not null && !ready.Task.IsCompleted)
                said.Enqueue(line);
        }

        private Process Refreshed()
        {
            process.Refresh();
            return process;
        }

        // Linux only (proc(5)): what processes share counts in equal parts.
        private double Rollup(string field)
        {
            var path = $"/proc/{process.Id}/smaps_rollup";
            return File.Exists(path)
                ? File.ReadLines(path).Where(line => line.StartsWith(field, StringComparison.Ordinal))
                    .Sum(line => double.Parse(
                        line[field.Length..^2].Trim(), NumberStyles.Integer, CultureInfo.InvariantCulture)) / 1e3
                : double.NaN;
        }
    }
}
