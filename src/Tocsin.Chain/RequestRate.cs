namespace Tocsin.Chain;

/// <summary>
/// The limit that we set ourselves towards one node: a bucket that holds a second's worth (the generic cell rate
/// algorithm, ITU-T I.371, which needs but one instant of state). Safe for concurrent use; those who wait are served
/// in the order in which they came.
/// </summary>
internal sealed class RequestRate
{
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly TimeSpan interval;
    private DateTimeOffset paidUntil = DateTimeOffset.MinValue;

    public RequestRate(double perSecond, TimeProvider time)
    {
        // Below one in a day it would be a node that is not used; above a million there is no limit.
        if (!(perSecond is >= 1.0 / 86_400 and <= 1_000_000))
            throw new ArgumentOutOfRangeException(nameof(perSecond), perSecond, "requests per second");
        this.time = time;
        interval = TimeSpan.FromSeconds(1 / perSecond);
    }

    public Task WaitAsync(int requests, CancellationToken cancellationToken)
    {
        var wait = Take(requests);
        return wait > TimeSpan.Zero ? Task.Delay(wait, time, cancellationToken) : Task.CompletedTask;
    }

    // A slow rate still lets one request go at once: the burst is never less than the first of several.
    private TimeSpan Take(int requests)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            var from = paidUntil > now ? paidUntil : now;
            paidUntil = from + (requests * interval);
            var allowance = interval > Burst ? interval : Burst;
            var wait = from + interval - now - allowance;
            return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        }
    }
}
