using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Texts;

namespace Tocsin.Deployments;

/// <summary>Tries each call that moves value twice: as things are, and with its module paused. The pause is a storage
/// slot of the controls that the call sees otherwise; nothing happens on chain.</summary>
internal sealed class GateProber(ContractReads reads, Address controls, ulong at)
{
    private const ulong PauseSeconds = 86_400;

    /// <exception cref="InputException">The pause cannot be shown to a call.</exception>
    public async Task<ValueList<GateProbe>> ProbeAsync(IEnumerable<Holder> holders)
    {
        var probes = new List<GateProbe>();
        foreach (var holder in holders)
        {
            foreach (var call in holder.Gated)
            {
                var pause = Pause(call.Module);
                if (probes.Count == 0)
                    await RequireOverrideAsync(call.Module, pause);
                var open = await reads.TryAsync(call.From, holder.Address, call.Calldata, call.Overrides);
                var paused = await reads.TryAsync(
                    call.From, holder.Address, call.Calldata, call.Overrides.Add(pause));
                probes.Add(new GateProbe(
                    holder.Name, call.Signature, call.Direction, call.Module, End(open), End(paused)));
            }
        }
        return probes.ToValueList();
    }

    /// <summary>The word of a paused module, as contracts/src/Scopes.sol packs it: every scope, for a day from now.
    /// </summary>
    private SlotValue Pause(Hash32 module)
    {
        var slot = Keccak256.Hash([.. module.ToArray(), .. ((UInt256)BrakeFunctions.WordSlot).ToArray()]);
        var scopes = (UInt256.One << (7 * 19)) - UInt256.One;
        var word = (UInt256)(at + PauseSeconds) + ((UInt256)at << 40) + ((UInt256)at << 80) + (scopes << 120);
        return new SlotValue(controls, slot, new Hash32(word.ToArray()));
    }

    private async Task RequireOverrideAsync(Hash32 module, SlotValue pause)
    {
        var seen = await reads.TryAsync(null, controls, BrakeFunctions.WordOf.Encode(module), [pause]);
        if (!seen.Succeeded || !seen.Data.AsSpan().SequenceEqual(pause.Value.ToArray()))
            throw new InputException(
                "a pause cannot be shown to a call: the node takes no state override in eth_call (ask another), "
                + $"or {controls} is not Tocsin's EmergencyControls");
    }

    private static CallEnd End(Tried tried) => BrakeFunctions.ModulePaused.TryDecode(tried.Data, out var values)
        && !tried.Succeeded
            ? new CallEnd(new Hash32((byte[])values[0]), tried.Words)
            : new CallEnd(null, tried.Words);
}
