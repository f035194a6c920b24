namespace Tocsin.Replay;

/// <summary>What of the input could not be used, by kind.</summary>
/// <param name="First">Where the first of that kind stands, and what is wrong with it.</param>
internal sealed record Rejected(string Kind, long Count, string First);

/// <summary>Blocks that the input passes over.</summary>
internal sealed record MissingBlocks(ulong From, ulong To)
{
    public override string ToString() => From == To ? $"block {From} missing" : $"blocks {From}..{To} missing";
}

/// <summary>Something was rejected or is missing, and that was to end the replay.</summary>
internal sealed class ReplayStoppedException(string message) : Exception(message);

/// <summary>
/// Keeps account of what of the input was not used, and says so: the first few of each kind as they come, all of them
/// counted at the end. Nothing is passed over in silence.
/// </summary>
/// <param name="strict">The first one ends the replay.</param>
internal sealed class Rejections(bool strict, Action<string> tell)
{
    private const string LostInputs = "lost inputs";
    private const int ToldOfEachKind = 5;
    private const int MissingMax = 10_000;

    private readonly List<Rejected> rejected = [];
    private readonly List<MissingBlocks> missing = [];

    public ValueList<Rejected> Rejected => rejected.ToValueList();

    public ValueList<MissingBlocks> Missing => missing.ToValueList();

    /// <summary>False where blocks are missing or inputs were lost: then the findings are not those of the
    /// whole.</summary>
    public bool IsWhole => missing.Count == 0 && !rejected.Exists(known => known.Kind == LostInputs);

    public void Restore(ValueList<Rejected> earlier, ValueList<MissingBlocks> earlierMissing)
    {
        rejected.AddRange(earlier);
        missing.AddRange(earlierMissing);
    }

    /// <param name="place">File and line.</param>
    /// <param name="kind">What it is, in few words; equal kinds are counted together.</param>
    /// <param name="why">What is wrong with this one.</param>
    /// <exception cref="ReplayStoppedException">Strict.</exception>
    public void Reject(string place, string kind, string why)
    {
        var sentence = $"{place}: {kind}: {why}";
        if (strict)
            throw new ReplayStoppedException(sentence);
        var index = rejected.FindIndex(known => known.Kind == kind);
        if (index < 0)
            rejected.Add(new Rejected(kind, 1, sentence));
        else
            rejected[index] = rejected[index] with { Count = rejected[index].Count + 1 };
        var count = index < 0 ? 1 : rejected[index].Count;
        if (count <= ToldOfEachKind)
            tell($"rejected: {sentence}");
        if (count == ToldOfEachKind)
            tell($"rejected: further ones ('{kind}') are only counted");
    }

    /// <exception cref="ReplayStoppedException">Strict.</exception>
    public void Miss(string place, ulong from, ulong to)
    {
        var gap = new MissingBlocks(from, to);
        if (strict)
            throw new ReplayStoppedException($"{place}: {gap}");
        if (missing.Count > 0 && missing[^1] is { } last && last.To + 1 == from)
            missing[^1] = last with { To = to };
        else if (missing.Count < MissingMax)
            missing.Add(gap);
        tell($"MISSING: {place}: {gap}; detection begins anew after them");
    }

    /// <summary>Of a recorded log, what came then is not there any more.</summary>
    /// <exception cref="ReplayStoppedException">Strict.</exception>
    public void Lose(string place, string words) =>
        Reject(place, LostInputs, $"{words}; detection begins anew after them");
}
