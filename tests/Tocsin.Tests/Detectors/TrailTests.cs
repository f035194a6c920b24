using FsCheck;
using FsCheck.Fluent;
using Tocsin.Detection;
using Tocsin.Detection.Detectors;

namespace Tocsin.Tests.Detectors;

public sealed class TrailTests
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(2);

    [Fact]
    public void What_is_as_old_as_the_window_is_over_and_what_is_now_counts()
    {
        var blocks = new Blocks();
        var trail = new Trail<int>(Window);
        for (var number = 0UL; number <= 20; number++)
        {
            blocks.Enter(number);
            trail.Add(blocks.Scene, (int)number);
        }

        Assert.Equal(Enumerable.Range(11, 10), Seen(trail.Since(Blocks.TimeOf(20))));
        Assert.Equal([19, 20], Seen(trail.Since(Blocks.TimeOf(20), TimeSpan.FromSeconds(24))));
        Assert.Empty(trail.Since(Blocks.TimeOf(20), TimeSpan.Zero));
    }

    [Fact]
    public void It_does_not_grow_with_the_chain()
    {
        var blocks = new Blocks();
        var trail = new Trail<int>(Window);
        for (var number = 0UL; number < 20_000; number++)
        {
            blocks.Enter(number);
            trail.Add(blocks.Scene, (int)number);
        }

        // As far back as a rollback and the window before it, and as much again before it is worth forgetting.
        Assert.InRange(trail.ToList().Count, 266, 2 * 270);
    }

    [Fact]
    public void The_deepest_rollback_finds_the_whole_window()
    {
        var blocks = new Blocks();
        var trail = new Trail<int>(Window);
        for (var number = 0UL; number <= 2_000; number++)
        {
            blocks.Enter(number);
            trail.Add(blocks.Scene, (int)number);
        }
        const ulong Ancestor = 2_000 - Engine.RollbackDepthMax;

        trail.Rollback(Blocks.Ref(Ancestor));

        Assert.Equal(
            Enumerable.Range((int)Ancestor - 9, 10), Seen(trail.Since(Blocks.TimeOf(Ancestor))));
    }

    /// <summary>Each number is an entry in this block, some blocks further, or a reorg; at 0 it is restored.</summary>
    [Fact]
    public void It_answers_as_if_nothing_was_ever_forgotten() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 99), 900).ToArbitrary(), script =>
        {
            var blocks = new Blocks();
            var trail = new Trail<int>(Window);
            var all = new List<(ulong Block, int What)>();
            var highest = 0UL;
            foreach (var (number, turn) in script.Select((number, turn) => (number, turn)))
            {
                if (number == 0)
                {
                    var again = new Trail<int>(Window);
                    again.Restore(trail.ToList());
                    trail = again;
                }
                else if (number < 70)
                {
                    trail.Add(blocks.Scene, turn);
                    all.Add((blocks.Number, turn));
                }
                else if (number < 98)
                {
                    blocks.Enter(blocks.Number + (ulong)(number - 69));
                }
                else
                {
                    // No deeper than the engine goes, however often.
                    var deepest = highest < Engine.RollbackDepthMax ? 0 : highest - Engine.RollbackDepthMax;
                    var back = Math.Max(deepest, blocks.Number - Math.Min(blocks.Number, (ulong)turn % 257));
                    trail.Rollback(Blocks.Ref(back));
                    all.RemoveAll(item => item.Block > back);
                    blocks.Enter(back);
                }
                highest = Math.Max(highest, blocks.Number);
                var now = blocks.Scene.Time;
                var expected = all.Where(item => Blocks.TimeOf(item.Block) > now - Window).Select(item => item.What);
                if (!Seen(trail.Since(now)).SequenceEqual(expected))
                    return false;
            }
            return true;
        }).QuickCheckThrowOnFailure();

    private static IEnumerable<int> Seen(IEnumerable<Trailed<int>> trailed) => trailed.Select(item => item.What);
}
