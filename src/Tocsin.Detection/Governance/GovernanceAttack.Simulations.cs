using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Evm.Reads;

namespace Tocsin.Detection.Governance;

/// <content>What proposals would do beyond the data of their calls: asked for when they are made, and once more when
/// a timelock takes them up, because what they call may have been changed since.</content>
internal sealed partial class GovernanceAttack
{
    private readonly SimulationQueue simulations;

    public override ValueList<StateRead> Reads => simulations.Reads;

    public override IEnumerable<StateSimulation> Simulations => simulations.Wanted;

    public override void Answered(ReadAnswers answers, BlockScene scene) => simulations.Take(answers, scene);

    public override void Simulated(SimulationAnswer answer, BlockRef on, BlockScene scene)
    {
        foreach (var id in simulations.Settle(answer, on, scene))
        {
            if (!proposals.TryGet(id, out var note))
                continue;
            HashSet<Address> ours = [.. ruled, simulations.Executor];
            var read = new SimulationReading(
                ours, token is { } votes ? (votes, tokenDecimals) : null, answer, scene).Read();
            // No answer takes nothing back that an earlier one showed.
            if (read.Missing is not null && note.Simulation is { Missing: null })
                continue;
            Simulate(id, note with { Simulation = read }, scene);
        }
    }

    private void Simulate(string id, ProposalNote note, BlockScene scene)
    {
        proposals.Set(id, note, scene);
        // Whoever wrote the calls may have made them so that there is no answer.
        if (note.IsExecuted || note.Simulation is not ({ IsHarmful: true } or { Missing: not null }))
            return;
        var made = new BlockRef(note.Block, note.BlockHash);
        if (ProposalVerdict.Of(View(id, note, scene), settings.Card.Name, made, note.Transaction, note.Proposer, scene)
            is { } hit)
            scene.Report(settings.Card.Threat, hit);
    }

    private void AskFor(string id, IReadOnlyList<ProposalCall> calls, BlockScene scene)
    {
        if (calls.Count == 0 || !proposals.TryGet(id, out var note))
            return;
        if (simulations.Ask(id, calls, note.Proposer, scene) is { } refusal && note.Simulation is null)
            proposals.Set(id, note with { Simulation = SimulationNote.None(refusal) }, scene);
    }

    // What a timelock lets wait is mostly what a proposal said; who may schedule is trusted, so it is judged by its
    // simulation alone.
    private void TakeScheduled(in Transaction transaction, BlockScene scene)
    {
        if (scheduled.Count == 0)
            return;
        foreach (var group in scheduled.GroupBy(one => one.Operation))
        {
            ValueList<ProposalCall> calls = [.. group.Select(one => one.Call)];
            var actions = ActionsOf(calls);
            var id = proposals.Notes.LastOrDefault(note => note.Value.Actions == actions)?.Key;
            if (id is null)
            {
                id = group.Key;
                proposals.Set(
                    id,
                    new ProposalNote(scene.Block.Number, scene.Time, transaction.Hash, transaction.From, false,
                        ProposalReading.Of(calls), 0, 0, 0, [])
                    { BlockHash = scene.Block.Hash, Actions = actions },
                    scene);
            }
            AskFor(id, calls, scene);
        }
        scheduled.Clear();
    }

    private static Hash32 ActionsOf(ValueList<ProposalCall> calls)
    {
        if (calls.Count == 0)
            return Hash32.Zero;
        using var bytes = new MemoryStream();
        foreach (var call in calls)
        {
            bytes.Write(call.Target.ToArray());
            bytes.Write(call.ValueWei.ToArray());
            bytes.Write(Keccak256.Hash(call.Data.AsSpan()).ToArray());
        }
        return Keccak256.Hash(bytes.ToArray());
    }
}
