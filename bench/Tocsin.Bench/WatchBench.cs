using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Money;
using Tocsin.Evm;

namespace Tocsin.Bench;

/// <summary>Budget: 100,000 watched addresses make a log at most a quarter slower than one does, and 10,000 detectors
/// at most a quarter slower than ten.</summary>
internal static class WatchBench
{
    private const double SlowerMax = 1.25;
    private const int AddressesMany = 100_000;
    private const int DetectorsFew = 10;
    private const int DetectorsMany = 10_000;
    private const int BlockCount = 20;

    public static bool Run(BenchOptions options)
    {
        // Logs by ever other contracts: no lookup finds its answer where the one before left it.
        var generated = new GeneratedBlocks(seed: 2);
        var lines = Enumerable.Range(0, BlockCount)
            .Select(_ => generated.Next(transactions: 200, rareTokens: 1_000_000)).ToList();
        var readers = lines.ConvertAll(_ => new BlockReader());
        var blocks = lines.Select((line, item) => BlockLine.Read(readers[item], line.Bytes)).ToList();
        var (one, many) = (new EndlessChain(WatchOf(1)), new EndlessChain(WatchOf(AddressesMany)));
        var ten = new EndlessChain(Detecting(DetectorsFew));
        var tenThousand = new EndlessChain(Detecting(DetectorsMany));
        var reader = new BlockReader();
        var race = new Race(lines.Count, options.Rounds);
        var evaluateOne = race.Add(item => one.Take(blocks[item]));
        var evaluateMany = race.Add(item => many.Take(blocks[item]));
        var wholeOne = race.Add(item => one.Take(BlockLine.Read(reader, lines[item].Bytes)));
        var wholeMany = race.Add(item => many.Take(BlockLine.Read(reader, lines[item].Bytes)));
        var wholeTen = race.Add(item => ten.Take(BlockLine.Read(reader, lines[item].Bytes)));
        var wholeTenThousand = race.Add(item => tenThousand.Take(BlockLine.Read(reader, lines[item].Bytes)));
        race.Run();

        var logs = lines.Sum(line => line.Logs);
        Console.WriteLine();
        Console.WriteLine($"1 and {AddressesMany} watched assets: {lines.Count} blocks, {logs} logs");
        Row("evaluate alone", evaluateOne, evaluateMany);
        Row("parse and evaluate", wholeOne, wholeMany);
        Console.WriteLine($"{DetectorsFew} and {DetectorsMany} detectors, each of an asset of its own:");
        Row("parse and evaluate", wholeTen, wholeTenThousand);
        return Budget.AtMost(
                "parse and evaluate, time with many assets against one", 1 / race.Speed(wholeMany, wholeOne), SlowerMax)
            & Budget.AtMost(
                "parse and evaluate, time with many detectors against few",
                1 / race.Speed(wholeTenThousand, wholeTen), SlowerMax);

        void Row(string name, int few, int all) => Console.WriteLine(
            $"  {name,-19} {1_000 * race.Microseconds(few) / logs,6:0.0} ns a log with few, "
            + $"{1_000 * race.Microseconds(all) / logs,6:0.0} ns with many, {1 / race.Speed(all, few):0.00} times");
    }

    // Each listens to the logs of one asset; only the popular one writes any here.
    private static Watch Detecting(int count)
    {
        var watch = WatchOf(count);
        return watch with
        {
            Detectors = watch.Assets.Select(asset => (DetectorSettings)new IssuerControlSettings(asset.Name))
                .ToValueList(),
        };
    }

    private static Watch WatchOf(int count) => new(
        new ChainId(1),
        [
            new Asset("popular", GeneratedBlocks.PopularToken, 18, 1m),
            .. Enumerable.Range(1, count - 1).Select(i => new Asset($"asset {i}", AddressOf(i), 18, 1m)),
        ],
        [],
        [new ProtectedContract("vault", Address.Parse("0x00000000000000000000000000000000000c0de0"), "vault")],
        new Thresholds());

    private static Address AddressOf(int number) =>
        new(Keccak256.Hash($"watched {number}").ToArray().AsSpan(0, Address.ByteCount));
}
