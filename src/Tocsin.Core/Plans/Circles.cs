namespace Tocsin.Plans;

/// <summary>Links that lead back to where they began.</summary>
internal static class Circles
{
    /// <summary>Each circle once, as the names on it, the first of them again at the end.</summary>
    public static IEnumerable<IReadOnlyList<string>> In(
        IEnumerable<string> names, Func<string, IEnumerable<string>> next)
    {
        var told = new HashSet<string>();
        foreach (var name in names)
        {
            if (!told.Contains(name) && From(name, next) is { } circle)
            {
                told.UnionWith(circle);
                yield return circle;
            }
        }
    }

    // The shortest way back.
    private static List<string>? From(string start, Func<string, IEnumerable<string>> next)
    {
        var before = new Dictionary<string, string>();
        var open = new Queue<string>([start]);
        while (open.TryDequeue(out var name))
        {
            foreach (var following in next(name))
            {
                if (before.TryAdd(following, name))
                    open.Enqueue(following);
            }
        }
        if (!before.TryGetValue(start, out var last))
            return null;
        var circle = new List<string> { start };
        for (; last != start; last = before[last])
            circle.Insert(0, last);
        circle.Insert(0, start);
        return circle;
    }
}
