using System.Text.Json;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Detection;
using Tocsin.Evm.Blocks;
using Tocsin.Recording;
using Tocsin.Replay;
using Tocsin.Texts;
using Tocsin.Watching;

namespace Tocsin.Commands;

/// <summary>What <c>tocsin replay</c> was asked to do, as typed.</summary>
internal sealed record ReplayOptions(
    string Config,
    string Findings,
    string? Rpc,
    ulong? From,
    ulong? To,
    IReadOnlyList<string> Blocks,
    string? Transactions,
    IReadOnlyList<string> Prices,
    string? Inputs,
    bool Json,
    bool Restart,
    bool Strict);

/// <summary><c>tocsin replay</c>: the same engine over history; nothing is sent to anyone.</summary>
internal static class ReplayCommand
{
    public static async Task<int> RunAsync(ReplayOptions options, CancellationToken cancellationToken)
    {
        var configuration = TocsinConfiguration.Load(options.Config);
        var plan = PlanCommand.ReadChecked(configuration);
        var watch = WatchOfPlan.Build(plan.Plan, configuration);
        var time = TimeProvider.System;
        var teller = new ReplayTeller(time);
        var rejections = new Rejections(options.Strict, teller.Tell);
        var chosen = await ChooseAsync(options, watch, rejections, teller, time, cancellationToken);
        Action advanced = () => { };
        using var run = new ReplayRun(
            chosen.Watch, chosen.Source, rejections, options.Findings, chosen.Arguments, time)
        {
            Advanced = () => advanced(),
        };
        var finished = false;
        try
        {
            await teller.RunAsync("replay", () => Look(run, chosen.Source), async tick =>
            {
                advanced = tick;
                await run.RunAsync(options.Restart, cancellationToken);
            });
            finished = true;
        }
        catch (OperationCanceledException)
        {
            teller.Tell("stopped; the same command goes on from here, --restart begins anew");
        }
        catch (ReplayStoppedException e)
        {
            teller.Tell($"stopped, because of --strict: {e.Message}");
        }
        Summarise(options, run, chosen.Source, rejections, finished, teller);
        if (finished && run.Counts.Inputs == 0)
        {
            teller.Tell("nothing was replayed: there is not one usable line in what was given");
            return ExitCode.NotUsable;
        }
        return finished && rejections.IsWhole ? ExitCode.Done : ExitCode.FoundWrong;
    }

    /// <summary>What is replayed, with which watch, and how a later run recognises it.</summary>
    private sealed record Chosen(ReplaySource Source, Watch Watch, ValueList<string> Arguments);

    private static async Task<Chosen> ChooseAsync(
        ReplayOptions options, Watch watch, Rejections rejections, ReplayTeller teller, TimeProvider time,
        CancellationToken cancellationToken)
    {
        RequireOneSource(options);
        RequireFiles(options);
        var blocks = options.Blocks.Select(Path.GetFullPath).ToList();
        if (options.Inputs is { } inputs)
        {
            var find = options.Rpc is null
                ? Shelved(new BlockShelf(blocks, watch.Chain, rejections))
                : (await FetchAsync(options.Rpc, watch.Chain, teller, time, cancellationToken)).FindAsync;
            return new Chosen(
                new RecordedInputs(inputs, find, rejections), watch, ["--inputs", Path.GetFullPath(inputs)]);
        }
        if (options.Rpc is { } rpc)
        {
            var (from, to) = (options.From!.Value, options.To!.Value);
            var fetched = await FetchAsync(rpc, watch.Chain, teller, time, cancellationToken);
            return new Chosen(
                new NodeBlocks(fetched, from, to), watch, ["--rpc", "--from", $"{from}", "--to", $"{to}"]);
        }
        if (options.Transactions is { } transactions)
        {
            teller.Tell(
                "each transaction is judged on its own: what needs blocks is not seen (several transactions of one "
                + "attack, prices before it, confirmations, reorgs)");
            return new Chosen(
                new TransactionFile(transactions, watch.Chain, rejections), watch,
                ["--transactions", Path.GetFullPath(transactions)]);
        }
        if (blocks.Count > 0)
            return new Chosen(
                new BlockFiles(blocks, watch.Chain, rejections), watch, ["--blocks", .. blocks]);
        var prices = options.Prices.Select(PriceOf).ToList();
        var source = new PriceFiles(prices, rejections);
        return new Chosen(source, source.Listening(watch), ["--prices", .. options.Prices]);
    }

    private static void RequireOneSource(ReplayOptions options)
    {
        var blocksAlone = options.Blocks.Count > 0 && options.Inputs is null;
        var nodeAlone = options.Rpc is not null && options.Inputs is null;
        bool[] given =
        [
            nodeAlone, blocksAlone, options.Transactions is not null, options.Prices.Count > 0,
            options.Inputs is not null,
        ];
        if (given.Count(one => one) != 1)
            throw new InputException(
                "name one thing to replay: --rpc with --from and --to, --blocks, --transactions, --prices, "
                + "or --inputs");
        if (options.Inputs is not null && (options.Rpc is null) == (options.Blocks.Count == 0))
            throw new InputException("--inputs names blocks only: say with --rpc or --blocks where they come from");
        if (nodeAlone && (options.From is null || options.To is null || options.From > options.To))
            throw new InputException("--rpc takes --from and --to, the first and the last block");
        if (!nodeAlone && (options.From is not null || options.To is not null))
            throw new InputException("--from and --to belong to --rpc");
    }

    // Before the file of findings is touched.
    private static void RequireFiles(ReplayOptions options)
    {
        var files = options.Blocks.Concat(options.Prices.Select(text => PriceOf(text).Path));
        if (options.Transactions is { } transactions)
            files = files.Append(transactions);
        if (files.FirstOrDefault(path => !File.Exists(path)) is { } absent)
            throw new InputException($"{absent} does not exist");
        if (options.Inputs is { } inputs && !Directory.Exists(inputs))
            throw new InputException($"{inputs} is no folder of recorded inputs");
    }

    private static Func<BlockRef, CancellationToken, Task<Block?>> Shelved(BlockShelf shelf) =>
        (block, _) => Task.FromResult(shelf.Find(block));

    private static async Task<FetchedBlocks> FetchAsync(
        string rpc, ChainId chain, ReplayTeller teller, TimeProvider time, CancellationToken cancellationToken)
    {
        var blocks = new FetchedBlocks(NodeAt(rpc, time), time, teller.Tell);
        await blocks.VerifyChainAsync(chain, cancellationToken);
        return blocks;
    }

    /// <exception cref="InputException">The address is none, or its reference cannot be read.</exception>
    internal static Node NodeAt(string rpc, TimeProvider time)
    {
        var address = Secret.IsReference(rpc) ? new Secret(rpc).Reveal(Environment.CurrentDirectory) : rpc;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new InputException(
                "--rpc takes an address that begins with http:// or https://, env:NAME or file:PATH");
        // History is asked for in bulk; a full block with receipts takes a busy node a while.
        return new Node(
            new HttpClient { Timeout = Timeout.InfiniteTimeSpan }, uri, time,
            new NodeOptions { RequestTimeout = TimeSpan.FromSeconds(60) });
    }

    /// <exception cref="InputException">The node gives no usable answer.</exception>
    internal static async Task<ChainId> ChainAsync(Node node, CancellationToken cancellationToken)
    {
        try
        {
            return await node.ChainIdAsync(cancellationToken);
        }
        catch (NodeException e)
        {
            throw new InputException(e.Message);
        }
    }

    private static PriceFile PriceOf(string text)
    {
        var equals = text.IndexOf('=');
        var colon = equals < 0 ? -1 : text.IndexOf(':', 0, equals);
        if (colon < 1 || colon + 1 == equals || equals + 1 == text.Length)
            throw new InputException($"--prices takes ASSET:SOURCE=FILE, not '{text}'");
        return new PriceFile(text[..colon], text[(colon + 1)..equals], text[(equals + 1)..]);
    }

    private static WorkDone Look(ReplayRun run, ReplaySource source) => new(
        source.Fraction, run.Counts.Blocks, run.Counts.Transactions, run.Counts.Inputs,
        run.At is { } at ? $"at {at.UtcDateTime:yyyy-MM-dd HH:mm}" : "");

    private static void Summarise(
        ReplayOptions options, ReplayRun run, ReplaySource source, Rejections rejections, bool finished,
        ReplayTeller teller)
    {
        var counts = run.Counts;
        if (source is TransactionFile { WithoutLogs: > 0 and var without })
            teller.Tell($"{without} transactions came without logs: what moves tokens was not seen in them");
        if (source.IsChainAlone)
            teller.Tell(
                "nothing came from beside the chain: what needs prices of feeds, reports or pending transactions was "
                + "not judged (depeg, user-reports, pending-attack, feeds in oracle-failure and oracle-spot), and "
                + "standing-risk once, at the end");
        foreach (var rejected in rejections.Rejected)
            teller.Tell($"rejected, {rejected.Kind}: {rejected.Count}, first {rejected.First}");
        foreach (var gap in rejections.Missing)
            teller.Tell($"{gap}");
        foreach (var missing in run.NotJudged)
            teller.Tell($"{missing}");
        teller.Tell(
            $"{counts.Inputs} inputs, {counts.Blocks} blocks, {counts.Transactions} transactions: "
            + $"{counts.Findings} revisions of findings in {options.Findings}");
        if (options.Json)
            Console.WriteLine(JsonSerializer.Serialize(
                new
                {
                    finished,
                    resumed = run.Resumed,
                    counts.Inputs,
                    counts.Blocks,
                    counts.Transactions,
                    counts.Findings,
                    rejections.Rejected,
                    rejections.Missing,
                    run.NotJudged,
                    findingsFile = options.Findings,
                },
                EventJson.Printed));
    }
}
