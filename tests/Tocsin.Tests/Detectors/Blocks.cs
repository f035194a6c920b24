using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Governance;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Detectors;

/// <summary>A chain of nothing but blocks, for what is remembered of them. They are 12 s apart.</summary>
internal sealed class Blocks
{
    public static readonly DateTimeOffset Genesis = new(2026, 3, 1, 3, 0, 0, TimeSpan.Zero);

    public Blocks()
    {
        var index = new WatchIndex(Story.Watch);
        var proven = new ProvenAttacks(index);
        Scene = new BlockScene(
            index, new ReserveBook(Story.Watch.Pools.Count),
            new OpenFindings(
                index, new Finality(Story.Watch.Thresholds), new PlannedOperations(Story.Watch), proven,
                new Contagion(Story.Watch, proven, () => [])),
            _ => new ReserveBook(Story.Watch.Pools.Count));
        Enter(0);
    }

    public BlockScene Scene { get; }

    public ulong Number => Scene.Block.Number;

    public static DateTimeOffset TimeOf(ulong number) => Genesis.AddSeconds(12 * (double)number);

    public static BlockRef Ref(ulong number) => new(number, Story.Hash(2, (int)number));

    public void Enter(ulong number) => Scene.Enter(Ref(number), TimeOf(number));

    public void Next() => Enter(Number + 1);
}
