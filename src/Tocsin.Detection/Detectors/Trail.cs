using Tocsin.Chains;

namespace Tocsin.Detection.Detectors;

/// <param name="Time">The block's time.</param>
public sealed record Trailed<T>(ulong Block, DateTimeOffset Time, T What);

/// <summary>
/// What happened lately, block by block. It reaches back over its window and, beyond that, as far as a rollback may go;
/// what is asked of it never depends on how much older is still there.
/// </summary>
internal sealed class Trail<T>(TimeSpan window)
{
    private readonly List<Trailed<T>> items = [];

    public void Add(BlockScene scene, T what)
    {
        items.Add(new Trailed<T>(scene.Block.Number, scene.Time, what));
        Forget(scene);
    }

    /// <summary>What happened within the time before and up to an instant, oldest first.</summary>
    /// <param name="within">At most the window.</param>
    public IEnumerable<Trailed<T>> Since(DateTimeOffset now, TimeSpan within)
    {
        // Newest first, so that what is older than asked is not looked at.
        var first = items.Count;
        while (first > 0 && items[first - 1].Time > now - within)
            first--;
        for (var i = first; i < items.Count; i++)
            yield return items[i];
    }

    public IEnumerable<Trailed<T>> Since(DateTimeOffset now) => Since(now, window);

    public void Rollback(BlockRef ancestor)
    {
        while (items.Count > 0 && items[^1].Block > ancestor.Number)
            items.RemoveAt(items.Count - 1);
    }

    public ValueList<Trailed<T>> ToList() => items.ToValueList();

    public void Restore(ValueList<Trailed<T>> trail)
    {
        items.Clear();
        items.AddRange(trail);
    }

    // Seldom, so that forgetting costs less than remembering did.
    private void Forget(BlockScene scene)
    {
        if (items.Count < 64 || items[items.Count / 2].Block + Engine.RollbackDepthMax >= scene.Block.Number
            || items[items.Count / 2].Time > scene.Time - window)
            return;
        var reached = ReachedBack(scene) - window;
        if (items[items.Count / 2].Time > reached)
            return;
        items.RemoveRange(0, items.FindIndex(item => item.Time > reached));
    }

    // The time of the newest block here that no rollback can take back: none leads to an earlier instant.
    private DateTimeOffset ReachedBack(BlockScene scene)
    {
        // Halving, because whoever fills blocks must not make each of them cost all the others.
        var (first, end) = (0, items.Count);
        while (first < end)
        {
            var middle = (first + end) / 2;
            (first, end) = items[middle].Block + Engine.RollbackDepthMax > scene.Block.Number
                ? (first, middle)
                : (middle + 1, end);
        }
        return items[first - 1].Time;
    }
}
