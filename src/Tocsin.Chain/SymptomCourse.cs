namespace Tocsin.Chain;

/// <summary>
/// Whether something is wrong, from looks that are good or bad. It begins and ends late, so that it does not flap: a
/// bad look outweighs two good ones, and an end needs nothing but good ones for a while.
/// </summary>
/// <param name="Suspicion">0 where nothing speaks against the node.</param>
/// <param name="BadSince">The first of the bad looks since the last good one.</param>
/// <param name="GoodSince">The first of the good looks since the last bad one, while the symptom is present.</param>
internal readonly record struct SymptomCourse(
    bool Present, int Suspicion, DateTimeOffset? BadSince, DateTimeOffset? GoodSince)
{
    private const int Bad = 2;

    public bool IsSuspect => Present || Suspicion > 0;

    public SymptomCourse After(bool bad, DateTimeOffset at, NodesOptions options) => bad
        ? AfterBad(at, options)
        : AfterGood(at, options);

    private SymptomCourse AfterBad(DateTimeOffset at, NodesOptions options)
    {
        var enough = Bad * options.BeginAfterFaults;
        var suspicion = Math.Min(enough, Suspicion + Bad);
        var present = Present || suspicion >= enough || at - BadSince >= options.BeginAfter;
        return new SymptomCourse(present, suspicion, BadSince ?? at, null);
    }

    private SymptomCourse AfterGood(DateTimeOffset at, NodesOptions options)
    {
        if (!Present)
            return new SymptomCourse(false, Math.Max(0, Suspicion - 1), null, null);
        return at - GoodSince >= options.EndAfter
            ? default
            : new SymptomCourse(true, Suspicion, null, GoodSince ?? at);
    }
}
