using Tocsin.Chain;
using Tocsin.Configuration;
using Tocsin.Decisions;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Transactions;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Signing;

namespace Tocsin.Response;

/// <summary>
/// Takes a decision from the plan to its signatures, and reads back what came of them: prepare, simulate, sign, verify.
/// <see cref="Sending"/> and <see cref="InclusionWatch"/> do what is between. Each step can be repeated without harm:
/// the signer gives the same bytes again, or those of a replacement, and one of them enters the chain once.
/// </summary>
internal sealed class Containment(
    ActingChains chains,
    SignerClient signer,
    SignerSettings settings,
    CallRecord record,
    IIncidentLog logbook,
    TimeProvider time,
    TocsinConfiguration configuration)
{
    /// <summary>
    /// What a call is signed with at least. A pause needs about 50,000 gas; a node's estimate may be wrong, and gas
    /// that is not used costs nothing.
    /// </summary>
    public const ulong GasAtLeast = 200_000;

    private const ulong GasMarginPercent = 150;

    private static readonly AbiError[] ControlsErrors =
    [
        AbiError.Parse("DurationOutOfBounds(uint64 durationSeconds,uint64 minPauseSeconds,uint64 maxPauseSeconds)"),
        AbiError.Parse("CoolingDown(bytes32 module,uint64 armedAt)"),
        AbiError.Parse("AccessControlUnauthorizedAccount(address account,bytes32 neededRole)"),
    ];

    /// <summary>What a call is signed with that a node estimates so.</summary>
    public static ulong GasFor(ulong estimate) => Math.Max(GasAtLeast, estimate * GasMarginPercent / 100);

    public async Task ProposeAsync(Incident incident, DecisionRule rule, CancellationToken cancellationToken)
    {
        // A drill that outlived its configuration must not become real, nor the other way round.
        if (incident.Exercise != configuration.Exercise)
            throw new StillRefusedException(
                $"{incident.Id} and this configuration differ in whether it is an exercise");
        var plan = logbook.PlanOf(incident);
        var action = plan.Action(rule.Action)!;
        if (action.By is not null)
            throw new StillRefusedException(
                $"action '{action.Id}' is sent by people with their own wallets: nothing of it is decided or signed");
        var asked = new SignerRequest(Use: new UseRequest(plan.DecisionsHash, action.Id));
        var use = (await signer.AskAsync(asked, cancellationToken)).Use
            ?? throw new SignerUnreachableException("the signer did not name the open use of the action");
        var expires = DateTimeOffset.FromUnixTimeSeconds((time.GetUtcNow() + rule.ValidFor).ToUnixTimeSeconds());
        var calls = action.Calls.Select(call => call.Call).ToValueList();
        var decision = new EmergencyDecision(use.Decision, incident.Exercise, plan.DecisionsHash, calls, expires);
        var scopes = action.Calls.Select(call => call.Scope).ToValueList();
        logbook.Record((book, _) => book[incident.Id]!.Decision == incident.Decision
            ? [new IncidentEvent.DecisionProposed(incident.Id, rule.Id, decision, scopes)]
            : []);
    }

    public async Task SimulateAsync(Incident incident, int index, CancellationToken cancellationToken)
    {
        var seen = new SeenCall(incident, index);
        var (succeeded, words) = await SimulateAsync(seen.Call, cancellationToken);
        if (!succeeded && seen.Progress.Simulation is { Succeeded: false } known && known.Detail == words)
            throw new StillRefusedException($"{seen} would fail: {words}");
        record.Add(
            seen, new IncidentEvent.CallSimulated(incident.Id, seen.Decision.Id, index, succeeded, words));
    }

    private async Task<(bool Succeeded, string Words)> SimulateAsync(Call call, CancellationToken cancellationToken)
    {
        if (chains.Of(call.Chain) is not { } chain)
            return (false, ActingChains.Unknown(call.Chain));
        try
        {
            if (await chain.WrongChainAsync(cancellationToken) is { } wrong)
                return (false, wrong);
            var data = call.Data.ToArray();
            await chain.Nodes.CallAsync(settings.Account, call.Target, data, call.ValueWei, null, cancellationToken);
            var gas = await chain.Nodes.EstimateGasAsync(
                settings.Account, call.Target, data, call.ValueWei, cancellationToken);
            return (true, $"it would succeed now and use about {gas} gas");
        }
        catch (NodeException e) when (e.Fault == NodeFault.Refused)
        {
            return (false, Reason(e));
        }
        catch (NodeException) when (call.Chain != configuration.Chain.Id)
        {
            // Of the watched chain the watch itself says when it is blind; of this one nobody else does.
            return (false, $"no node of {chain} gives a usable answer");
        }
    }

    public async Task SignAsync(Incident incident, int index, CancellationToken cancellationToken)
    {
        var seen = new SeenCall(incident, index);
        try
        {
            await AskForSignatureAsync(seen, cancellationToken);
        }
        catch (Exception e) when (e is SignerUnreachableException or NodeException
            && incident.Decision!.WaitsTooLongForTheSigner(index, time.GetUtcNow()))
        {
            // People have approved and believe that it is under way. It is asked again all the same.
            var why = e is NodeException
                ? $"no node of {chains.Of(seen.Call.Chain)} gives a usable answer"
                : SigningRefusal.Unreachable;
            if (e is SignerUnreachableException || MayBeRefusedUnasked(seen))
                record.Add(seen, new IncidentEvent.SigningRefused(incident.Id, seen.Decision.Id, index, why));
            throw;
        }
    }

    private async Task AskForSignatureAsync(SeenCall seen, CancellationToken cancellationToken)
    {
        var (incident, decision) = (seen.Incident, seen.Decision);
        if (chains.Of(seen.Call.Chain) is not { } chain)
            throw new StillRefusedException(ActingChains.Unknown(seen.Call.Chain));
        var status = await StatusAsync(seen, cancellationToken);
        var refusal = await RefuseAsync(seen, chain, status, cancellationToken);
        if (refusal is null)
        {
            var request = await AskToSignAsync(seen, chain, status, cancellationToken);
            var answer = await signer.AskAsync(new SignerRequest(Sign: request), cancellationToken);
            refusal = answer.Refused?.Reason;
            if (refusal is null)
            {
                // Something else than was asked for is no refusal: a nonce may have been spent on it.
                if ((answer.Signed is { } signed
                    ? SignatureCheck.Mismatch(signed, seen.Call, settings.Account)
                    : "the signer answered something else") is { } fault)
                    throw new SignerUnreachableException(fault);
                var (nonce, transaction, raw) = answer.Signed!;
                record.Add(seen, new IncidentEvent.CallSigned(
                    incident.Id, decision.Id, seen.Index, nonce, transaction, raw));
                return;
            }
        }
        // After the expiry the same words say something new: it was not signed, and will not be.
        var known = seen.Progress.Refusal;
        if (known?.Reason == refusal && (time.GetUtcNow() < decision.ExpiresAt || known.At >= decision.ExpiresAt))
            throw new StillRefusedException($"{seen} is not signed: {refusal}");
        record.Add(seen, new IncidentEvent.SigningRefused(incident.Id, decision.Id, seen.Index, refusal));
    }

    /// <summary>
    /// Why the signer is not even asked: what it signed now could never do what it is for. After the expiry it is asked
    /// in any case, since only it knows whether it signed before.
    /// </summary>
    private async Task<string?> RefuseAsync(
        SeenCall seen, ActingChain chain, StatusAnswer status, CancellationToken cancellationToken)
    {
        if (!MayBeRefusedUnasked(seen))
            return null;
        if (await chain.WrongChainAsync(cancellationToken) is { } wrong)
            return wrong;
        var used = await chain.UsedNoncesAsync(settings.Account, "latest", cancellationToken);
        return !ActingChain.IsBeyond(used, status.NextNonce)
            ? null
            : $"the account {settings.Account} has used {used.Max()} nonces on chain {chain.Id}, but the signer would "
                + $"go on with {status.NextNonce}: its key is used elsewhere, or its policy's 'first_nonce' is too low";
    }

    private bool MayBeRefusedUnasked(SeenCall seen) => time.GetUtcNow() < seen.Decision.ExpiresAt;

    private async Task<StatusAnswer> StatusAsync(SeenCall seen, CancellationToken cancellationToken) =>
        (await signer.AskAsync(
            new SignerRequest(Status: new StatusRequest(seen.Call.Chain)), cancellationToken)).Status
        ?? throw new SignerUnreachableException("the signer did not say how it is");

    public async Task VerifyAsync(Incident incident, int index, CancellationToken cancellationToken)
    {
        var seen = new SeenCall(incident, index);
        var included = seen.Progress.Included!;
        if (chains.Of(seen.Call.Chain) is not { } chain)
            throw new StillRefusedException(ActingChains.Unknown(seen.Call.Chain));
        // Read at the present end of the chain: what counts is that it is paused now, not that it once was.
        if (await chain.HeadAsync(cancellationToken) is not { } head || head.Number < included.Block.Number)
            return;
        var receipt = await chain.Nodes.ReceiptAsync(included.Transaction, cancellationToken);
        if (receipt?.Block.Hash != included.Block.Hash)
            return;
        if (await chain.Pauses.UntilAsync(record.Planned(seen), head, cancellationToken) is not { } until)
        {
            record.Add(seen, new IncidentEvent.PauseEnded(
                incident.Id, seen.Decision.Id, index, PauseEnd.NeverHeld, head));
            return;
        }
        record.Add(seen, new IncidentEvent.ScopePaused(
            incident.Id, seen.Decision.Id, index, seen.Progress.Scope, until, included.Block));
    }

    private async Task<SignRequest> AskToSignAsync(
        SeenCall seen, ActingChain chain, StatusAnswer status, CancellationToken cancellationToken)
    {
        var fees = await chain.Nodes.FeesAsync(cancellationToken);
        var offer = FeeOffer.First(fees.BaseFeeWei, fees.PriorityFeeWei, status.MaxFeePerGasWei);
        var decision = seen.Incident.Decision!;
        return new SignRequest(
            seen.Decision,
            logbook.PlanOf(seen.Incident).Decision(decision.Rule)!.Action,
            decision.Approvals.Select(approval => approval.Signature).ToValueList(),
            seen.Index,
            GasFor(await EstimateAsync(seen.Call, chain, cancellationToken)),
            offer.MaxFeeWei,
            offer.TipWei);
    }

    // The signer must be asked in any case: it may have signed before, and then gives those bytes again.
    private async Task<ulong> EstimateAsync(Call call, ActingChain chain, CancellationToken cancellationToken)
    {
        try
        {
            return await chain.Nodes.EstimateGasAsync(
                settings.Account, call.Target, call.Data.ToArray(), call.ValueWei, cancellationToken);
        }
        catch (NodeException e) when (e.Fault == NodeFault.Refused)
        {
            return GasAtLeast;
        }
    }

    private static string Reason(NodeException e)
    {
        var words = e.Error?.Data is { Length: > 0 } data ? RevertReason.Describe(data, ControlsErrors) : null;
        return words ?? e.Error?.Message ?? e.Message;
    }
}
