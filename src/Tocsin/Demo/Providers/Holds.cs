namespace Tocsin.Demo.Providers;

/// <summary>
/// How long the newest request of a provider is held by its script: what a clock that is moved by hand must know before
/// it is moved.
/// </summary>
internal sealed class Holds
{
    private readonly Lock gate = new();
    private DateTimeOffset until;

    /// <summary>Raised when a request is held.</summary>
    public event Action? Began;

    /// <summary>How many requests have come.</summary>
    public int Seen { get; private set; }

    /// <summary>True where one that came after so many is held beyond an instant.</summary>
    public bool IsHeld(int after, DateTimeOffset now)
    {
        lock (gate)
            return Seen > after && until > now;
    }

    /// <returns>The number of what came.</returns>
    public int Arrive()
    {
        lock (gate)
        {
            until = DateTimeOffset.MinValue;
            return ++Seen;
        }
    }

    public void Hold(int number, DateTimeOffset instant)
    {
        lock (gate)
        {
            if (number == Seen)
                until = instant;
        }
        Began?.Invoke();
    }

    /// <summary>Holds a request for a span of a clock.</summary>
    public async Task HoldAsync(int number, TimeSpan span, TimeProvider time, CancellationToken gone)
    {
        var timer = Task.Delay(span, time, gone);
        Hold(number, span == Timeout.InfiniteTimeSpan ? DateTimeOffset.MaxValue : time.GetUtcNow() + span);
        await timer;
    }
}
