namespace Tocsin.Chain;

/// <summary>
/// How many calls one node takes in one request: halved when it takes fewer, and growing slowly again. One means that
/// it takes no batches. Safe for concurrent use.
/// </summary>
internal sealed class BatchSize(int maximum, TimeSpan tryAgainAfter)
{
    private static readonly TimeSpan GrowAfter = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private int calls = Math.Max(1, maximum);
    private DateTimeOffset shrunkAt = DateTimeOffset.MinValue;

    /// <summary>At least 1.</summary>
    public int At(DateTimeOffset now)
    {
        lock (gate)
        {
            // A node that took no batch may be another node by now.
            if (calls == 1 && maximum > 1 && now - shrunkAt >= tryAgainAfter)
                calls = 2;
            return calls;
        }
    }

    /// <summary>A batch of so many was too much.</summary>
    public void Shrink(int tried, DateTimeOffset now)
    {
        lock (gate)
        {
            calls = Math.Max(1, Math.Min(calls, tried / 2));
            shrunkAt = now;
        }
    }

    /// <summary>A batch of so many was answered; only one as large as allowed says that more may go.</summary>
    public void Grow(int taken, DateTimeOffset now)
    {
        lock (gate)
        {
            if (taken >= calls && calls > 1 && now - shrunkAt >= GrowAfter)
                calls = Math.Min(maximum, calls + Math.Max(1, calls / 8));
        }
    }
}
