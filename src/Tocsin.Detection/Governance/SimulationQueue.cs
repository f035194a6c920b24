using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Inputs;
using Tocsin.Evm.Reads;

namespace Tocsin.Detection.Governance;

/// <summary>Calls of a proposal that are to be simulated.</summary>
/// <param name="Block">The block after which they are; an answer on an earlier state is none.</param>
/// <param name="By">Who proposed them.</param>
/// <param name="Tries">How often there was no answer.</param>
public sealed record AwaitedSimulation(ulong Block, Address By, ValueList<SimulatedCall> Calls, int Tries);

/// <summary>
/// Which proposals wait for their simulation, and in whose name they would be executed: that of the timelock, as it is
/// configured or as the governor names it, otherwise the governor's own.
/// </summary>
internal sealed class SimulationQueue(Address governor, Address? timelock)
{
    private const int PlacesMax = 64;
    private const int PlacesMaxOfOne = 16;
    private const int TriesMax = 3;

    // OpenZeppelin GovernorTimelockControl, Compound GovernorAlpha and GovernorBravo.
    private readonly DeclaredRead<Address> timelockRead =
        DeclaredRead.Call<Address>(governor, AbiFunction.Parse("timelock() returns (address)"));

    private readonly Notebook<string, AwaitedSimulation> awaited = new(PlacesMax);
    private readonly Cell<Address> executors = new();

    public ValueList<StateRead> Reads => timelock is null ? [timelockRead.Read] : [];

    /// <summary>In whose name decisions are executed, as far as is known.</summary>
    public Address Executor => timelock ?? (executors.TryGet(out var told) ? told : governor);

    public IEnumerable<StateSimulation> Wanted =>
        awaited.Notes.Select(note => new StateSimulation(Executor, note.Value.Calls));

    /// <summary>Asks for a simulation; says why not where it is not asked for.</summary>
    public string? Ask(string proposal, IReadOnlyList<ProposalCall> calls, Address by, BlockScene scene)
    {
        var bytes = calls.Sum(call => (long)call.Data.Count);
        if (calls.Count > StateSimulation.CallsMax || bytes > StateSimulation.BytesMax)
            return $"it is larger than what is simulated ({calls.Count} actions with {bytes:#,0} bytes)";
        var others = awaited.Notes.Where(note => note.Key != proposal).ToList();
        if (others.Count >= PlacesMax || others.Count(note => note.Value.By == by) >= PlacesMaxOfOne)
            return "too many proposals came at once";
        awaited.Set(proposal, new AwaitedSimulation(
            scene.Block.Number, by,
            calls.Select(call => new SimulatedCall(call.Target, call.ValueWei, call.Data)).ToValueList(), 0), scene);
        return null;
    }

    public void Drop(string proposal, BlockScene scene) => awaited.Remove(proposal, scene);

    /// <summary>Learns who executes.</summary>
    public void Take(ReadAnswers answers, BlockScene scene)
    {
        if (timelock is null && timelockRead.TryFind(answers, out var told) && !told.IsZero && told != Executor)
            executors.Set(told, scene);
    }

    /// <summary>The proposals that the answer is of; where there is no answer, only those that were asked for often
    /// enough.</summary>
    public List<string> Settle(SimulationAnswer answer, BlockRef on, BlockScene scene)
    {
        var settled = new List<string>();
        if (answer.Asked.From != Executor)
            return settled;
        foreach (var (proposal, asked, _, _) in awaited.Notes.ToList())
        {
            if (asked.Block > on.Number || !asked.Calls.Equals(answer.Asked.Calls))
                continue;
            if (answer.Missing is not null && asked.Tries + 1 < TriesMax)
            {
                awaited.Set(proposal, asked with { Tries = asked.Tries + 1 }, scene);
                continue;
            }
            awaited.Remove(proposal, scene);
            settled.Add(proposal);
        }
        return settled;
    }

    public void Rollback(BlockRef ancestor)
    {
        awaited.Rollback(ancestor);
        executors.Rollback(ancestor);
    }

    public SimulationQueueState Snapshot() => new(awaited.Snapshot(), executors.Snapshot());

    public void Restore(SimulationQueueState state)
    {
        awaited.Restore(state.Awaited);
        executors.Restore(state.Executors);
    }
}

/// <summary>What is remembered of simulations that are asked for.</summary>
public sealed record SimulationQueueState(
    NotebookState<string, AwaitedSimulation> Awaited, NotebookState<string, Address> Executors);
