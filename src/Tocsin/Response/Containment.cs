using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Decisions;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Transactions;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Signing;
using Tocsin.Watching;

namespace Tocsin.Response;

/// <summary>
/// Takes a decision from the plan to the chain: prepare, simulate, sign, send, watch, read back. Each step can be
/// repeated without harm: the signer gives the same bytes again, and the same bytes enter the chain once.
/// </summary>
internal sealed class Containment(
    Nodes nodes,
    PauseReading pauses,
    SignerClient signer,
    SignerSettings settings,
    ChainWatcher watcher,
    Logbook logbook,
    TimeProvider time,
    TocsinConfiguration configuration)
{
    /// <summary>
    /// What a call is signed with at least. A pause needs about 50,000 gas; a node's estimate may be wrong, and gas
    /// that is not used costs nothing.
    /// </summary>
    public const ulong GasAtLeast = 200_000;

    private const ulong GasMarginPercent = 150;
    private const ulong BaseFeeMultiple = 4;
    private static readonly TimeSpan SendAgainAfter = TimeSpan.FromSeconds(5);

    private static readonly AbiError[] ControlsErrors =
    [
        AbiError.Parse("DurationOutOfBounds(uint64 durationSeconds,uint64 minPauseSeconds,uint64 maxPauseSeconds)"),
        AbiError.Parse("CoolingDown(bytes32 module,uint64 armedAt)"),
        AbiError.Parse("AccessControlUnauthorizedAccount(address account,bytes32 neededRole)"),
    ];

    public async Task ProposeAsync(Incident incident, DecisionRule rule, CancellationToken cancellationToken)
    {
        // A drill that outlived its configuration must not become real, nor the other way round.
        if (incident.Exercise != configuration.Exercise)
            throw new StillRefusedException(
                $"{incident.Id} and this configuration differ in whether it is an exercise");
        var plan = logbook.PlanOf(incident);
        var action = plan.Action(rule.Action)!;
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
        var (decision, call) = Call(incident, index);
        IncidentEvent.CallSimulated result;
        try
        {
            var data = call.Data.ToArray();
            await nodes.CallAsync(settings.Account, call.Target, data, call.ValueWei, null, cancellationToken);
            var gas =
                await nodes.EstimateGasAsync(settings.Account, call.Target, data, call.ValueWei, cancellationToken);
            var words = $"it would succeed now and use about {gas} gas";
            result = new IncidentEvent.CallSimulated(incident.Id, decision.Id, index, true, words);
        }
        catch (NodeException e) when (e.Fault == NodeFault.Refused)
        {
            result = new IncidentEvent.CallSimulated(incident.Id, decision.Id, index, false, Reason(e));
            if (incident.Decision!.Calls[index].Simulation is { Succeeded: false } known
                && known.Detail == result.Detail)
                throw new StillRefusedException($"call {index + 1} of {incident.Id} would fail: {result.Detail}");
        }
        Record(incident, index, result);
    }

    public async Task SignAsync(Incident incident, int index, CancellationToken cancellationToken)
    {
        try
        {
            await AskForSignatureAsync(incident, index, cancellationToken);
        }
        catch (SignerUnreachableException)
            when (incident.Decision!.WaitsTooLongForTheSigner(index, time.GetUtcNow()))
        {
            // People have approved and believe that it is under way. It is asked again all the same.
            Record(incident, index, new IncidentEvent.SigningRefused(
                incident.Id, incident.Decision!.Decision.Id, index, SigningRefusal.Unreachable));
            throw;
        }
    }

    private async Task AskForSignatureAsync(Incident incident, int index, CancellationToken cancellationToken)
    {
        var (decision, call) = Call(incident, index);
        var answer = await signer.AskAsync(
            new SignerRequest(Sign: await AskToSignAsync(incident, index, cancellationToken)), cancellationToken);
        if (answer.Refused?.Reason is not { } refusal)
        {
            // Something else than was asked for is no refusal: a nonce may have been spent on it.
            if ((
                answer.Signed is { } signed ? Mismatch(signed, call)
                    : "the signer answered something else") is { } fault)
                throw new SignerUnreachableException(fault);
            var (nonce, transaction, raw) = answer.Signed!;
            Record(
                incident, index,
                new IncidentEvent.CallSigned(incident.Id, decision.Id, index, nonce, transaction, raw));
            return;
        }
        // After the expiry the same words say something new: it was not signed, and will not be.
        var known = incident.Decision!.Calls[index].Refusal;
        if (known?.Reason == refusal && (time.GetUtcNow() < decision.ExpiresAt || known.At >= decision.ExpiresAt))
            throw new StillRefusedException($"call {index + 1} of {incident.Id} is not signed: {refusal}");
        Record(incident, index, new IncidentEvent.SigningRefused(incident.Id, decision.Id, index, refusal));
    }

    public async Task BroadcastAsync(Incident incident, int index, CancellationToken cancellationToken)
    {
        var (decision, _) = Call(incident, index);
        var signed = incident.Decision!.Calls[index].Signed!;
        await SendAsync(signed, cancellationToken);
        Record(incident, index, new IncidentEvent.CallBroadcast(incident.Id, decision.Id, index, signed.Transaction));
    }

    public async Task WatchInclusionAsync(Incident incident, int index, CancellationToken cancellationToken)
    {
        var (decision, _) = Call(incident, index);
        var progress = incident.Decision!.Calls[index];
        var receipt = await nodes.ReceiptAsync(progress.Signed!.Transaction, cancellationToken);
        if (progress.Included is { } included && receipt?.Block.Hash != included.Block.Hash)
        {
            // Another node may merely not have come so far: only another block in its place takes it back.
            if (receipt is not null || await IsReplacedAsync(included.Block, cancellationToken))
                Record(
                    incident, index, new IncidentEvent.CallOrphaned(incident.Id, decision.Id, index, included.Block));
        }
        else if (receipt is null)
            await SendAgainAsync(progress, cancellationToken);
        else if (progress.Included is null)
            Record(incident, index, new IncidentEvent.CallIncluded(
                incident.Id, decision.Id, index, receipt.TransactionHash, receipt.Block, receipt.Succeeded));
        else if (watcher.State?.Head.Number >= receipt.Block.Number + (ulong)configuration.Chain.Confirmations)
            Record(incident, index, new IncidentEvent.CallSettled(incident.Id, decision.Id, index, receipt.Block));
    }

    private async Task<bool> IsReplacedAsync(BlockRef block, CancellationToken cancellationToken) =>
        await nodes.BlockRefAsync(block.Number, cancellationToken) is { } there && there != block;

    public async Task VerifyAsync(Incident incident, int index, CancellationToken cancellationToken)
    {
        var (decision, _) = Call(incident, index);
        var progress = incident.Decision!.Calls[index];
        var included = progress.Included!.Block;
        // Read at the present end of the chain: what counts is that it is paused now, not that it once was.
        if (watcher.State is not { } state || state.Head.Number < included.Number)
            return;
        var receipt = await nodes.ReceiptAsync(progress.Signed!.Transaction, cancellationToken);
        if (receipt?.Block.Hash != included.Hash)
            return;
        var planned = PlannedCall(incident, index);
        if (await pauses.UntilAsync(planned, state.Head, cancellationToken) is not { } until)
        {
            Record(incident, index, new IncidentEvent.PauseEnded(
                incident.Id, decision.Id, index, PauseEnd.NeverHeld, state.Head));
            return;
        }
        Record(incident, index, new IncidentEvent.ScopePaused(
            incident.Id, decision.Id, index, progress.Scope, until, included));
    }

    private async Task<SignRequest> AskToSignAsync(Incident incident, int index, CancellationToken cancellationToken)
    {
        var (decision, call) = Call(incident, index);
        var fees = await nodes.FeesAsync(cancellationToken);
        var status = (await signer.AskAsync(new SignerRequest(Status: new StatusRequest()), cancellationToken)).Status;
        var wanted = (fees.BaseFeeWei * BaseFeeMultiple) + fees.PriorityFeeWei;
        var ceiling = status?.MaxFeePerGasWei ?? wanted;
        var fee = wanted < ceiling ? wanted : ceiling;
        return new SignRequest(
            decision,
            logbook.PlanOf(incident).Decision(incident.Decision!.Rule)!.Action,
            incident.Decision.Approvals.Select(approval => approval.Signature).ToValueList(),
            index,
            Math.Max(GasAtLeast, await EstimateAsync(call, cancellationToken) * GasMarginPercent / 100),
            fee,
            fees.PriorityFeeWei < fee ? fees.PriorityFeeWei : fee);
    }

    // The signer must be asked in any case: it may have signed before, and then gives those bytes again.
    private async Task<ulong> EstimateAsync(Call call, CancellationToken cancellationToken)
    {
        try
        {
            return await nodes.EstimateGasAsync(
                settings.Account, call.Target, call.Data.ToArray(), call.ValueWei, cancellationToken);
        }
        catch (NodeException e) when (e.Fault == NodeFault.Refused)
        {
            return GasAtLeast;
        }
    }

    private async Task SendAgainAsync(CallProgress progress, CancellationToken cancellationToken)
    {
        if ((time.GetUtcNow() - progress.BroadcastAt)?.Duration() >= SendAgainAfter)
            await SendAsync(progress.Signed!, cancellationToken);
    }

    // The bytes may be known already, or in a block already: both are what we want.
    private async Task SendAsync(SignedCall signed, CancellationToken cancellationToken)
    {
        try
        {
            await nodes.BroadcastAsync(Hex.Parse(signed.Raw), cancellationToken);
        }
        catch (NodeException e) when (e.Fault == NodeFault.Refused)
        {
            if (await nodes.ReceiptAsync(signed.Transaction, cancellationToken) is null && !IsKnownAlready(e))
                throw;
        }
    }

    private static bool IsKnownAlready(NodeException e) =>
        e.Error?.Message.Contains("already known", StringComparison.OrdinalIgnoreCase) == true
        || e.Error?.Message.Contains("already imported", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>
    /// What the signer returned must be the call that was asked for, by the account that was expected.
    /// </summary>
    private string? Mismatch(SignAnswer signed, Call call)
    {
        if (!Hex.TryParse(signed.Raw, out var raw)
            || !Eip1559Transaction.TryParseSigned(raw, out var transaction, out var sender))
            return "the signer returned something that is not a signed transaction";
        if (sender != settings.Account)
            return $"the signer signs as {sender}, the configuration expects {settings.Account}";
        var asAsked = transaction.ChainId == call.Chain && transaction.To == call.Target
            && transaction.ValueWei == call.ValueWei
            && transaction.Data.AsSpan().SequenceEqual(call.Data.AsSpan()) && transaction.Nonce == signed.Nonce
            && Evm.Keccak256.Hash(raw) == signed.Transaction;
        return asAsked ? null : "the signer returned another call than was asked for";
    }

    private PlannedCall PlannedCall(Incident incident, int index)
    {
        var plan = logbook.PlanOf(incident);
        return plan.Action(plan.Decision(incident.Decision!.Rule)!.Action)!.Calls[index];
    }

    private static (EmergencyDecision Decision, Call Call) Call(Incident incident, int index) =>
        (incident.Decision!.Decision, incident.Decision.Decision.Calls[index]);

    private static string Reason(NodeException e)
    {
        var words = e.Error?.Data is { Length: > 0 } data ? RevertReason.Describe(data, ControlsErrors) : null;
        return words ?? e.Error?.Message ?? e.Message;
    }

    // Only what is still as it was when we looked: another duty may have recorded something meanwhile.
    private void Record(Incident seen, int index, IncidentEvent happened) => logbook.Record((book, _) =>
        book[seen.Id]!.Decision is { } decision
        && decision.Decision.Id == seen.Decision!.Decision.Id
        && decision.Decision.ExpiresAt == seen.Decision.Decision.ExpiresAt
        && decision.Calls[index] == seen.Decision.Calls[index]
            ? [happened]
            : []);
}
