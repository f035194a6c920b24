using System.Collections.Concurrent;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Evm;
using Tocsin.Evm.Safes;
using Tocsin.Foresight;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Response;
using Tocsin.Signing;

namespace Tocsin.Safes;

/// <summary>
/// Has the owners of a Safe asked for their signatures, and puts those into a call. The Safe counts its transactions:
/// what was signed for one nonce is void once anything else took it.
/// </summary>
internal sealed class SafeSigning(ActingChains chains, SignerSettings settings, CallRecord record, TimeProvider time)
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(5);

    // When each call's Safe was last read: a memory for pacing alone, which a restart may lose.
    private readonly ConcurrentDictionary<(Hash32 Decision, int Call), DateTimeOffset> looked = new();

    /// <summary>The Safe through which a call goes; null where it goes through none.</summary>
    public PlannedSafe? SafeOf(SeenCall seen) => record.Action(seen).Safe;

    /// <summary>
    /// Asks the owners once the Safe is as the plan says, and anew whenever its nonce has moved on. Before the decision
    /// is taken, a Safe that is otherwise means that the call would fail; afterwards, that it is not signed.
    /// </summary>
    public async Task AskAsync(Incident incident, int index, CancellationToken cancellationToken)
    {
        var seen = new SeenCall(incident, index);
        if (!IsTurn(seen) || SafeOf(seen) is not { } safe || chains.Of(seen.Call.Chain) is not { } chain)
            return;
        var (_, fault) = await AgreeAsync(seen, safe, chain, cancellationToken);
        if (fault is null || seen.Progress.Refusal?.Reason == fault)
            return;
        record.Add(seen, incident.Decision!.TakenAt is null
            ? new IncidentEvent.CallSimulated(incident.Id, seen.Decision.Id, index, false, fault)
            : new IncidentEvent.SigningRefused(
                incident.Id, seen.Decision.Id, index, fault, RefusedBy.Server));
    }

    /// <summary>Why a call cannot go through the Safe as it is now; null where it can, or goes through none.</summary>
    public async Task<string?> MismatchAsync(SeenCall seen, ActingChain chain, CancellationToken cancellationToken)
    {
        if (SafeOf(seen) is not { } safe)
            return null;
        var (state, fault) = await SafeReading.ReadAsync(chain, safe, cancellationToken);
        return fault ?? state!.Mismatch(safe);
    }

    /// <summary>The call as it would be sent with what the owners signed; null where that is not enough.</summary>
    public static byte[]? Filled(SeenCall seen) =>
        seen.Progress.Consent is { IsEnough: true } consent
        && SafeTransaction.Read(seen.Call.Chain, seen.Call.Target, seen.Call.Data.AsSpan()) is { } transaction
            ? transaction.Calldata(Signatures(consent))
            : null;

    /// <summary>What the signer is given of the owners; null where the call goes through no Safe.</summary>
    public static SafeSignatures? ForSigner(SeenCall seen) => seen.Progress.Consent is { } consent
        ? new SafeSignatures(consent.Nonce, Needed(consent).Select(given => given.Signature).ToValueList())
        : null;

    /// <summary>
    /// Null where the call can be signed now; else why not. The owners have signed, and what they signed is tried with
    /// the rest of the call, unless an earlier transaction of the decision has to be in a block first.
    /// </summary>
    public async Task<string?> RefuseAsync(SeenCall seen, ActingChain chain, CancellationToken cancellationToken)
    {
        if (SafeOf(seen) is not { } safe)
            return null;
        var (state, fault) = await AgreeAsync(seen, safe, chain, cancellationToken);
        if (fault is not null)
            return fault;
        if (Filled(seen) is not { } data || state!.Nonce != (UInt256)seen.Progress.Consent!.Nonce)
            return null;
        try
        {
            await chain.Nodes.CallAsync(
                settings.Account, seen.Call.Target, data, seen.Call.ValueWei, null, cancellationToken);
            return null;
        }
        catch (NodeException e) when (e.Fault == NodeFault.Refused)
        {
            return $"with the owners' signatures it would fail: {Trial.Reason(e)}";
        }
    }

    /// <summary>
    /// Why a call that was signed will revert: its Safe has made another transaction; null where it may still succeed.
    /// </summary>
    /// <exception cref="NodeException">No node that answers has the newest block.</exception>
    public async Task<string?> MovedOnAsync(SeenCall seen, ActingChain chain, CancellationToken cancellationToken)
    {
        if (seen.Progress.Consent is not { } consent || SafeOf(seen) is not { } safe)
            return null;
        var (state, _) = await SafeReading.ReadAsync(chain, safe, cancellationToken);
        return state?.Nonce > (UInt256)consent.Nonce
            ? $"Safe '{safe.Name}' is at nonce {state.Nonce}, and its owners signed for {consent.Nonce}"
            : null;
    }

    /// <summary>
    /// True where signed bytes hold what owners signed for another nonce than they are asked for now: the signer had
    /// signed it before, and gives the same bytes for ever.
    /// </summary>
    public static bool IsOfAnotherNonce(SeenCall seen, byte[] data) =>
        seen.Progress.Consent is { } consent
        && SafeTransaction.SignaturesOf(data) is { } signatures
        && !signatures.Chunk(Signature.ByteCount).All(one =>
            OwnerSignature.TryRead(consent.Hash, Hex.Format(one), out var read)
            && consent.Owners.Contains(read.Owner));

    private async Task<SeenSafe> AgreeAsync(
        SeenCall seen, PlannedSafe safe, ActingChain chain, CancellationToken cancellationToken)
    {
        var (state, fault) = await SafeReading.ReadAsync(chain, safe, cancellationToken);
        fault ??= state!.Mismatch(safe);
        if (fault is not null)
            return new SeenSafe(null, fault);
        if (NonceFor(seen, state!.Nonce) is not { } nonce)
            return new SeenSafe(null, $"Safe '{safe.Name}' is at nonce {state.Nonce}, which no Safe reaches");
        if (seen.Progress.Consent?.Nonce == nonce)
            return new SeenSafe(state, null);
        var transaction = SafeTransaction.Read(seen.Call.Chain, seen.Call.Target, seen.Call.Data.AsSpan())!;
        record.Add(seen, new IncidentEvent.OwnersAsked(
            seen.Incident.Id, seen.Decision.Id, seen.Index, safe.Address, nonce, transaction.ToSign(nonce).Digest(),
            safe.Threshold, state.Owners));
        return new SeenSafe(null, seen.Progress.Consent is null
            ? null
            : $"Safe '{safe.Name}' is at nonce {state.Nonce}: its owners must sign anew");
    }

    /// <summary>What the Safe's nonce will be when the earlier calls of the decision have taken theirs.</summary>
    internal static ulong? NonceFor(SeenCall seen, UInt256 present)
    {
        if (present > (UInt256)(ulong.MaxValue - (ulong)seen.Decision.Calls.Count))
            return null;
        var next = present.ToUInt64();
        foreach (var earlier in seen.Incident.Decision!.Calls.Take(seen.Index))
        {
            if (earlier.Signed is null)
                next++;
            else if (earlier is { Included: null or { Succeeded: true }, IsDead: false, Consent: { } consent }
                && consent.Nonce >= next)
                next = consent.Nonce + 1;
        }
        return next;
    }

    // No more than the Safe asks for: each costs gas.
    private static IEnumerable<OwnerConsent> Needed(SafeConsent consent) => consent.Given.Take(consent.Threshold);

    private static IEnumerable<OwnerSignature> Signatures(SafeConsent consent) => Needed(consent).Select(given =>
        OwnerSignature.TryRead(consent.Hash, given.Signature, out var read)
            ? read
            : throw new InvalidOperationException("a recorded signature of an owner is none"));

    private bool IsTurn(SeenCall seen)
    {
        var (key, now) = ((seen.Decision.Id, seen.Index), time.GetUtcNow());
        if (looked.TryGetValue(key, out var last) && (now - last).Duration() < LookAgainAfter)
            return false;
        looked[key] = now;
        return true;
    }
}
