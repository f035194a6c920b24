using Tocsin.Chain;
using Tocsin.Configuration;

namespace Tocsin.Watching;

/// <summary>
/// One thing that nodes are asked for after a block, and how it went lately. Not asked twice at the same time.
/// </summary>
internal sealed class BlockSense(string name, Asking asking, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongRest = TimeSpan.FromMinutes(10);

    private string? fault;
    private DateTimeOffset restsUntil;

    /// <summary>False where it is off, or rests.</summary>
    public bool IsWanted => asking != Asking.Off && time.GetUtcNow() >= restsUntil;

    /// <summary>Null where there is no answer; that is told.</summary>
    public async Task<T?> AskAsync<T>(
        Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
        where T : class
    {
        if (!IsWanted)
            return null;
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var answer = await ask(either.Token);
            if (fault is not null)
                logger.LogWarning("{Sense} are given again", name);
            fault = null;
            return answer;
        }
        catch (NodeException e)
        {
            Tell(e.Message);
            // Maybe it does not know how, maybe only not for this block: its state may be gone, or not be there yet.
            if (asking == Asking.Auto && e.Fault == NodeFault.Refused)
                restsUntil = time.GetUtcNow() + LongRest;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            restsUntil = time.GetUtcNow() + Rest;
            Tell($"no node gave them within {Patience.TotalSeconds:0} s");
        }
        return null;
    }

    private void Tell(string words)
    {
        if (fault != words)
            logger.LogWarning("no {Sense}: {Fault}", name, words);
        fault = words;
    }
}
