namespace Tocsin.Recording;

/// <summary>Waiting for an instant rather than for a span.</summary>
internal static class Clock
{
    // Above what two readings of a running clock lie apart.
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// Completes at an instant, at once where it has passed. A timer counts from whenever it is set: where the clock
    /// moved on between reading it and setting the timer, that timer would be late by as much and is set anew.
    /// </summary>
    public static async Task UntilAsync(
        this TimeProvider time, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        while (true)
        {
            var now = time.GetUtcNow();
            if (now >= instant)
                return;
            using var moved = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var timer = Task.Delay(instant - now, time, moved.Token);
            if (time.GetUtcNow() - now < AtOnce)
            {
                await timer;
                return;
            }
            await moved.CancelAsync();
        }
    }
}
