using Tocsin.Chain;
using Tocsin.Chain.Senses;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Watching;

/// <summary>
/// Has nodes simulate what detection declared. Who wrote the calls may have made them so that no node can: that there
/// is
/// no answer is an answer too, which is recorded and told. Only while no node can be reached, it is asked again later.
/// </summary>
internal sealed class SimulationSense(Nodes nodes, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    private DateTimeOffset restsUntil;

    public bool IsWanted(ValueList<StateSimulation> wanted) => wanted.Count > 0 && time.GetUtcNow() >= restsUntil;

    /// <summary>The answers there are; null where there is none.</summary>
    public async Task<ChainStep.Simulated?> AskAsync(
        BlockRef block, ValueList<StateSimulation> wanted, CancellationToken cancellationToken)
    {
        var answers = new List<SimulationAnswer>();
        foreach (var asked in wanted)
            if (await AskAsync(block, asked, cancellationToken) is { } answer)
                answers.Add(answer);
        return answers.Count == 0 ? null : new ChainStep.Simulated(block, [.. answers]);
    }

    private async Task<SimulationAnswer?> AskAsync(
        BlockRef block, StateSimulation asked, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            return await nodes.AskAsync(
                (node, cancel) => Simulations.RunAsync(node, block, asked, cancel), either.Token);
        }
        catch (NodeException e) when (e.Fault is NodeFault.Unreachable or NodeFault.Throttled)
        {
            logger.LogWarning("no simulation of {Count} calls: {Fault}", asked.Calls.Count, e.Message);
            restsUntil = time.GetUtcNow() + Rest;
            return null;
        }
        catch (NodeException e)
        {
            logger.LogWarning("no simulation of {Count} calls: {Fault}", asked.Calls.Count, e.Message);
            return SimulationAnswer.None(asked, e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return SimulationAnswer.None(asked, $"no node gave it within {Patience.TotalSeconds:0} s");
        }
    }
}
