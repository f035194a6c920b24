using System.IO.Compression;
using Tocsin.Replay;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Replay;

/// <summary>Measures the heap, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(SteadyMemoryTests), DisableParallelization = true)]
[Collection(nameof(SteadyMemoryTests))]
public class SteadyMemoryTests
{
    private const int Blocks = 1_000;
    private const int TransactionsOfEach = 20;
    private const long SlackBytes = 4 << 20;

    [Fact]
    public async Task Twenty_thousand_transactions_need_no_more_memory_at_the_end_than_early_on()
    {
        using var folder = new ReplayFolder();
        var path = folder.PathOf("blocks.jsonl.gz");
        Write(path);
        var rejections = new Rejections(strict: true, _ => { });
        var source = new BlockFiles([path], Story.Watch.Chain, rejections);
        var heap = new List<long>();
        var units = 0;
        using var run = new ReplayRun(
            Story.Watch, source, rejections, folder.PathOf("out.jsonl"), ["test"], new ManualTime())
        {
            Advanced = () =>
            {
                if (++units % (Blocks / 4) == 0)
                    heap.Add(GC.GetTotalMemory(forceFullCollection: true));
            },
        };

        await run.RunAsync(restart: false, TestContext.Current.CancellationToken);

        Assert.Equal(Blocks * TransactionsOfEach, run.Counts.Transactions);
        Assert.InRange(run.Counts.Findings, 1, int.MaxValue);
        // The history of rollbacks is full after the first quarter; from then on nothing grows.
        Assert.InRange(heap[3], 0, heap[0] + SlackBytes);
    }

    private static void Write(string path)
    {
        using var text = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest));
        var story = new Story();
        story.Begin();
        for (var number = 0; number < Blocks; number++)
        {
            var height = number;
            var block = story.NextBlock(
                [.. Enumerable.Range(0, TransactionsOfEach).Select(index => Ordinary(height, index))]);
            text.WriteLine(BlockText.Line(block));
        }
    }

    private static Action<TransactionStory> Ordinary(int block, int index)
    {
        var who = Story.Account(0x1000 + (((block * TransactionsOfEach) + index) % 5_000));
        if (index == 0 && block % 100 == 50)
            return tx => tx.By(who, Story.Market).Transfer(Story.Dusd, Story.Market, who, 1_500_000m);
        return tx => tx.By(who, Story.Router).Transfer(Story.Usdc, who, Story.Account(7), 1m + index);
    }
}
