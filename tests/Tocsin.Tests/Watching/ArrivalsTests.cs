using Microsoft.Extensions.Logging.Abstractions;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm.Inputs;
using Tocsin.Tests.Chain;
using Tocsin.Watching;

namespace Tocsin.Tests.Watching;

public sealed class ArrivalsTests
{
    private readonly ManualTime time = new();
    private readonly Arrivals arrivals;

    public ArrivalsTests() => arrivals = new Arrivals(time, NullLogger<Arrivals>.Instance);

    [Fact]
    public async Task A_flood_of_heads_takes_nobodys_place()
    {
        for (var number = 1UL; number <= 50_000; number++)
            arrivals.Hear(Head("liar", number));
        arrivals.Hear(new NodeNotice(time.GetUtcNow(), "main", NodeSymptom.Failing, true, "main is gone"));
        arrivals.Put(new Arrival.Beat(time.GetUtcNow(), "keeper"));

        var others = await TakeAsync(arrivals.PumpAsync, 2);

        Assert.IsType<Arrival.NodeTold>(others[0]);
        Assert.IsType<Arrival.Beat>(others[1]);
    }

    [Fact]
    public async Task Of_each_node_the_newest_head_is_given_and_the_next_a_moment_later()
    {
        arrivals.Hear(Head("main", 7));
        for (var number = 1UL; number <= 1_000; number++)
            arrivals.Hear(Head("liar", number));
        var given = new List<ulong>();
        using var stop = new CancellationTokenSource();
        var pump = arrivals.PumpHeadsAsync(
            (arrival, _) =>
            {
                given.Add(((Arrival.HeadSeen)arrival).Head.Number);
                return ValueTask.CompletedTask;
            },
            stop.Token);
        await time.UntilWaitingAsync(Arrivals.HeadsEvery);
        Assert.Equal([7UL, 1_000], given.Order().ToArray());

        // What comes meanwhile waits, and is one again.
        arrivals.Hear(Head("liar", 1_001));
        arrivals.Hear(Head("liar", 1_002));
        time.Advance(Arrivals.HeadsEvery);
        await time.UntilWaitingAsync(Arrivals.HeadsEvery);

        Assert.Equal([7UL, 1_000, 1_002], given.Order().ToArray());
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pump);
    }

    private static HeadNotice Head(string node, ulong number) =>
        new(new BlockRef(number, FakeBlock.Digest($"{number}")), node);

    private static async Task<List<Arrival>> TakeAsync(
        Func<Func<Arrival, CancellationToken, ValueTask>, CancellationToken, Task> pump, int count)
    {
        var taken = new List<Arrival>();
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pump(
            async (arrival, _) =>
            {
                taken.Add(arrival);
                if (taken.Count == count)
                    await stop.CancelAsync();
            },
            stop.Token));
        return taken;
    }
}
