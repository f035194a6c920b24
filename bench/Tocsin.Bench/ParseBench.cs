using System.Text.Json;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm.Blocks;

namespace Tocsin.Bench;

/// <summary>Budget: parse and evaluate at 0.4 of the speed of a bare Utf8JsonReader pass over the same bytes or more,
/// and no allocation per log after warm-up.</summary>
internal static class ParseBench
{
    private const double SpeedMin = 0.4;
    private const int GeneratedCount = 40;
    private const int TransactionsEach = 200;

    // The tokens and the pair that most mainnet blocks move; what is protected is in none of them.
    private static readonly Watch Mainnet = new(
        new ChainId(1),
        [
            new Asset("WETH", Address.Parse("0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"), 18, null),
            new Asset("USDC", Address.Parse("0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"), 6, 1m),
            new Asset("USDT", Address.Parse("0xdac17f958d2ee523a2206206994597c13d831ec7"), 6, 1m),
            new Asset("popular", GeneratedBlocks.PopularToken, 18, 1m),
        ],
        [new Pool("USDC/WETH", Address.Parse("0xb4e16d0168e52d35cacd2c6185b44281ec28c9dc"), "WETH", "USDC", false)],
        [new ProtectedContract("vault", Address.Parse("0x00000000000000000000000000000000000c0de0"), "vault")],
        new Thresholds());

    public static bool Run(BenchOptions options)
    {
        var generated = new GeneratedBlocks(seed: 1);
        var kept = Measure("generated, 200 transactions a block",
            [.. Enumerable.Range(0, GeneratedCount).Select(_ => generated.Next(TransactionsEach))], options.Rounds);
        if (BlockLine.Recorded(options.Data) is { Count: > 0 } recorded)
        {
            kept &= Measure("recorded, items of the bloom met before", recorded, options.Rounds * 10);
            kept &= Measure("recorded, no item of the bloom met before", recorded, options.Rounds, Forget);
        }
        return kept & AllocationIsConstant(generated);
    }

    private static bool Measure(string what, List<BlockLine> lines, int rounds, Action? between = null)
    {
        var reader = new BlockReader();
        var engine = new EndlessChain(Mainnet);
        var withoutBloom = lines.ConvertAll(line => line.WithoutBloom());
        var race = new Race(lines.Count, rounds);
        var bare = race.Add(item => Pass(lines[item].Bytes));
        var parse = race.Add(item => BlockLine.Read(reader, withoutBloom[item].Bytes));
        var bloom = race.Add(item => BlockLine.Read(reader, lines[item].Bytes));
        var evaluate = race.Add(item => engine.Take(BlockLine.Read(reader, lines[item].Bytes)));
        race.Run(between);

        var bytes = lines.Sum(line => (long)line.Bytes.Length);
        var (transactions, logs) = (lines.Sum(line => line.Transactions), lines.Sum(line => line.Logs));
        Console.WriteLine();
        Console.WriteLine($"{what}: {lines.Count} blocks, {transactions} transactions, {logs} logs, {bytes} bytes");
        Row("bare Utf8JsonReader pass", bare);
        Row("parse, bloom not checked", parse);
        Row("parse and check the bloom", bloom);
        Row("parse, check and evaluate", evaluate);
        var speed = race.Speed(evaluate, bare);
        return Budget.AtLeast("parse and evaluate, share of the bare pass", speed, SpeedMin);

        void Row(string name, int runner)
        {
            var microseconds = race.Microseconds(runner);
            Console.WriteLine($"  {name,-26} {race.Speed(runner, bare),6:0.000} of the bare pass, "
                + $"{bytes / microseconds / 1_000,5:0.00} GB/s, {1_000 * microseconds / logs,6:0} ns a log, "
                + $"{transactions / microseconds * 1_000_000,9:0} transactions/s");
        }
    }

    // Two blocks of different size: what the larger takes more is what its logs take.
    private static bool AllocationIsConstant(GeneratedBlocks generated)
    {
        var (small, large) = (generated.Next(TransactionsEach), generated.Next(4 * TransactionsEach));
        var reader = new BlockReader();
        var engine = new EndlessChain(Mainnet);
        for (var warmUp = 0; warmUp < 600; warmUp++)
            engine.Take(BlockLine.Read(reader, (warmUp % 2 == 0 ? small : large).Bytes));
        var (least, most) = (AllocatedBy(small), AllocatedBy(large));
        Console.WriteLine();
        Console.WriteLine(
            $"allocated for a block of {small.Logs} logs {least} bytes, of {large.Logs} logs {most} bytes");
        return Budget.AtMost(
            "bytes allocated for each log more", (double)(most - least) / (large.Logs - small.Logs), 0);

        long AllocatedBy(BlockLine line)
        {
            var least = long.MaxValue;
            for (var time = 0; time < 20; time++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                engine.Take(BlockLine.Read(reader, line.Bytes));
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }
            return least;
        }
    }

    private static int Pass(byte[] bytes)
    {
        var json = new Utf8JsonReader(bytes);
        var tokens = 0;
        while (json.Read())
            tokens++;
        return tokens;
    }

    private static ulong forgotten;

    // Fills what is remembered of bloom items with others.
    private static void Forget()
    {
        Span<byte> bytes = stackalloc byte[Hash32.ByteCount];
        var logs = new Log[150_000 / LogTopics.CountMax];
        for (var i = 0; i < logs.Length; i++)
        {
            var topics = new Hash32[LogTopics.CountMax];
            for (var topic = 0; topic < topics.Length; topic++)
            {
                BitConverter.TryWriteBytes(bytes, ++forgotten);
                topics[topic] = new Hash32(bytes);
            }
            logs[i] = new Log(i, default, LogTopics.Create(topics), default);
        }
        LogsBloom.Of(logs);
    }
}
