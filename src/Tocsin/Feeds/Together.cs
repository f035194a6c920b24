namespace Tocsin.Feeds;

/// <summary>Loops that belong together: none goes on where another has broken.</summary>
internal static class Together
{
    /// <summary>Runs until cancelled, or until one ends; its failure is the failure of all.</summary>
    public static async Task RunAsync(
        IEnumerable<Func<CancellationToken, Task>> loops, CancellationToken cancellationToken)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = loops
            .Select(loop => loop(all.Token))
            .Append(Task.Delay(Timeout.Infinite, all.Token))
            .ToList();
        var first = await Task.WhenAny(running);
        await all.CancelAsync();
        // The others end by being cancelled; only what ended first says why.
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }
}
