namespace Tocsin.Watching;

/// <summary>The things that were added last, so many of them: the oldest is forgotten for a new one.</summary>
internal sealed class LatestOnes<T>(int countMax)
{
    private readonly HashSet<T> held = [];
    private readonly Queue<T> order = new();

    public int Count => held.Count;

    public bool Contains(T one) => held.Contains(one);

    public void Add(T one)
    {
        if (!held.Add(one))
            return;
        order.Enqueue(one);
        if (order.Count > countMax)
            held.Remove(order.Dequeue());
    }
}
