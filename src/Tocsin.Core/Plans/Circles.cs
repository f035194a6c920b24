namespace Tocsin.Plans;

/// <summary>Links that lead back to where they began.</summary>
public static class Circles
{
    /// <summary>
    /// One circle of each group of names that lead to each other, as the names on it, the first of them again at the
    /// end: the shortest way back to the first name of the group.
    /// </summary>
    /// <param name="names">Where to look from, and in which order they are told.</param>
    /// <param name="next">What a name leads to; asked at most twice of each.</param>
    public static IEnumerable<IReadOnlyList<string>> In(
        IEnumerable<string> names, Func<string, IEnumerable<string>> next)
    {
        var order = names.Distinct().Select((name, place) => (name, place)).ToDictionary();
        return Groups(order.Keys, next)
            .Select(group => (Names: group, First: group.MinBy(name => order.GetValueOrDefault(name, int.MaxValue))!))
            .OrderBy(group => order.GetValueOrDefault(group.First, int.MaxValue))
            .Select(group => From(group.First, group.Names, next))
            .OfType<IReadOnlyList<string>>();
    }

    // Tarjan, "Depth-first search and linear graph algorithms" (1972), with a stack of its own: each link is followed
    // once, and a long chain of names is no deep recursion.
    private static List<HashSet<string>> Groups(
        IEnumerable<string> names, Func<string, IEnumerable<string>> next)
    {
        var groups = new List<HashSet<string>>();
        var (seen, lowest) = (new Dictionary<string, int>(), new Dictionary<string, int>());
        var (open, isOpen) = (new Stack<string>(), new HashSet<string>());
        var path = new Stack<(string Name, IEnumerator<string> Next)>();
        foreach (var name in names)
        {
            if (!seen.ContainsKey(name))
                Enter(name);
            while (path.TryPeek(out var at))
            {
                if (at.Next.MoveNext())
                {
                    if (!seen.TryGetValue(at.Next.Current, out var place))
                        Enter(at.Next.Current);
                    else if (isOpen.Contains(at.Next.Current))
                        lowest[at.Name] = Math.Min(lowest[at.Name], place);
                    continue;
                }
                path.Pop();
                if (path.TryPeek(out var before))
                    lowest[before.Name] = Math.Min(lowest[before.Name], lowest[at.Name]);
                if (lowest[at.Name] == seen[at.Name])
                    groups.Add(Closed(at.Name));
            }
        }
        return groups;

        void Enter(string name)
        {
            seen[name] = lowest[name] = seen.Count;
            open.Push(name);
            isOpen.Add(name);
            path.Push((name, next(name).GetEnumerator()));
        }

        HashSet<string> Closed(string root)
        {
            var group = new HashSet<string>();
            do
            {
                group.Add(open.Peek());
                isOpen.Remove(open.Peek());
            }
            while (open.Pop() != root);
            return group;
        }
    }

    // The shortest way back; null where there is none, as of a single name that does not name itself.
    private static List<string>? From(string start, HashSet<string> group, Func<string, IEnumerable<string>> next)
    {
        var before = new Dictionary<string, string>();
        var open = new Queue<string>([start]);
        while (open.TryDequeue(out var name))
        {
            foreach (var following in next(name).Where(group.Contains))
            {
                if (before.TryAdd(following, name) && following != start)
                    open.Enqueue(following);
            }
        }
        if (!before.TryGetValue(start, out var last))
            return null;
        var circle = new List<string> { start };
        for (; last != start; last = before[last])
            circle.Add(last);
        circle.Add(start);
        circle.Reverse();
        return circle;
    }
}
