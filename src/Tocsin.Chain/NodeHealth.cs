namespace Tocsin.Chain;

/// <summary>How well a node did lately: a fold of what became of the asks. Pure; every instant is given.</summary>
/// <param name="Faults">0 where every recent ask was answered, 1 where none was; as of <paramref name="At"/>.</param>
/// <param name="LatencySeconds">Smoothed over some ten answers.</param>
/// <param name="RestUntil">Until then it wants to be left alone.</param>
/// <param name="Throttles">How many times in a row it throttled us.</param>
internal readonly record struct NodeHealth(
    double Faults, double LatencySeconds, DateTimeOffset At, DateTimeOffset RestUntil, int Throttles)
{
    private const double Smoothing = 0.2;
    private const double HalfOfHealthAtSeconds = 0.25;

    // A node that failed is not asked; its faults are forgotten, so that it is tried again.
    private static readonly TimeSpan FaultsHalveIn = TimeSpan.FromSeconds(30);
    private static readonly Backoff UnnamedRest = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    public NodeHealth Answered(TimeSpan latency, DateTimeOffset at) => this with
    {
        Faults = FaultsAt(at) * (1 - Smoothing),
        LatencySeconds = Smoothed(latency),
        At = at,
        Throttles = 0,
    };

    public NodeHealth Failed(DateTimeOffset at) => this with
    {
        Faults = FaultsAt(at) + ((1 - FaultsAt(at)) * Smoothing * 2),
        At = at,
    };

    /// <summary>Another was faster, and nobody waited for this one: it takes at least so long.</summary>
    public NodeHealth Outrun(TimeSpan after) =>
        after.TotalSeconds > LatencySeconds ? this with { LatencySeconds = Smoothed(after) } : this;

    /// <param name="retryAfter">As the node said; null where it did not.</param>
    public NodeHealth Throttled(TimeSpan? retryAfter, TimeSpan longest, DateTimeOffset at)
    {
        var rest = retryAfter ?? UnnamedRest.After(Throttles + 1);
        if (rest < UnnamedRest.First)
            rest = UnnamedRest.First;
        var until = at + (rest < longest ? rest : longest);
        return this with { RestUntil = until > RestUntil ? until : RestUntil, Throttles = Throttles + 1 };
    }

    public bool IsResting(DateTimeOffset now) => now < RestUntil;

    /// <summary>From 0 to 1.</summary>
    /// <param name="lagging">It is behind, for certain or perhaps.</param>
    /// <param name="distrusted">It said something that is not so, for certain or perhaps.</param>
    public double Value(DateTimeOffset now, bool lagging, bool distrusted)
    {
        var value = (1 - FaultsAt(now)) * HalfOfHealthAtSeconds / (HalfOfHealthAtSeconds + LatencySeconds);
        return value * (lagging ? 0.1 : 1) * (distrusted ? 0.05 : 1);
    }

    private double FaultsAt(DateTimeOffset now) =>
        now <= At ? Faults : Faults * Math.Pow(0.5, (now - At) / FaultsHalveIn);

    private double Smoothed(TimeSpan latency) => LatencySeconds == 0
        ? latency.TotalSeconds
        : (LatencySeconds * (1 - Smoothing)) + (latency.TotalSeconds * Smoothing);
}
