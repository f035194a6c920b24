using Tocsin.Autonomy;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Decisions;
using Tocsin.Evm.Transactions;
using Tocsin.Findings;
using Tocsin.Foresight;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Safes;
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

    // What a whole block has on most chains.
    private const ulong MostGas = 30_000_000;

    private static readonly TimeSpan TellAgainAfter = TimeSpan.FromMinutes(1);

    private readonly Trial trial = new(chains, settings.Account, configuration.Chain.Id, time);

    // What a Safe does besides the call itself: it counts, and checks each owner's signature.
    private const ulong SafeGas = 100_000;

    private readonly SafeSigning safes = new(chains, settings, record, time);

    /// <summary>What a call is signed with that a node estimates so.</summary>
    /// <param name="most">What the signer gives at most: one node's absurd estimate must not stop a pause.</param>
    public static ulong GasFor(ulong estimate, ulong most = MostGas) =>
        (ulong)UInt128.Min(most, UInt128.Max(GasAtLeast, (UInt128)estimate * GasMarginPercent / 100));

    /// <summary>
    /// Asks for approvals; or, where the ladder lets it, takes the decision by those that were given ahead.
    /// </summary>
    /// <param name="isConfirmed">
    /// Whether as many nodes as must have confirmed a finding; null where nothing is taken without people.
    /// </param>
    public async Task ProposeAsync(
        Incident incident,
        DecisionRule rule,
        CancellationToken cancellationToken,
        Func<Finding, bool>? isConfirmed = null)
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
        var proposed = new IncidentEvent.DecisionProposed(incident.Id, rule.Id, decision, scopes);
        logbook.Record((book, now) =>
        {
            var current = book[incident.Id]!;
            // People may have closed it meanwhile, or said that it is something else.
            if (!current.IsOpen || current.Procedure != incident.Procedure)
                return [];
            var isOpen = current.Decision is null || Duties.HasLapsed(current.Decision, now)
                || Duties.HasFailed(current.Decision);
            if (!isOpen && current.Decision is not { IsOnlyProposed: true })
                return [];
            // Without nodes that confirm it, nothing is taken.
            var judgement = Ladder.Judge(
                current, plan, book.Mandate, use.Decision, now, isConfirmed ?? (_ => false));
            IReadOnlyList<LogEvent> closed = Closed(book.Mandate, action.Id, plan.DecisionsHash, use.Decision);
            if (judgement is LadderJudgement.Act act)
                return [.. closed, .. ByItself(proposed, act, expires)];
            return isOpen ? [.. closed, proposed] : closed;
        });
    }

    // One transaction: no crash may leave a decision that was approved ahead to wait for approvals.
    private static IEnumerable<LogEvent> ByItself(
        IncidentEvent.DecisionProposed proposed, LadderJudgement.Act act, DateTimeOffset until)
    {
        yield return proposed with
        {
            Decision = act.By.Decision,
            ByItself = new TakenByItself(act.Action, act.Stage, act.Words, until),
        };
        foreach (var given in act.By.Given)
            yield return new IncidentEvent.ApprovalAccepted(
                proposed.Incident, given.Approval, given.Person, Ahead: true);
        yield return new IncidentEvent.DecisionTaken(proposed.Incident, act.By.Decision.Id);
    }

    /// <summary>What was approved ahead for a use that is closed, as by 'contain', counts no more.</summary>
    private static List<LogEvent> Closed(Mandate mandate, string action, Hash32 planHash, Hash32 openUse) =>
    [
        .. mandate.Authorisations
            .Where(one => one.Action == action && one.Decision.PlanHash == planHash && one.Decision.Id != openUse)
            .Select(one => one.Decision.Id)
            .Distinct()
            .Select(id => new AuthorisationWithdrawn(action, id, "The signer", "it has closed this use of the action")),
    ];

    /// <inheritdoc cref="SafeSigning.AskAsync"/>
    public Task AskOwnersAsync(Incident incident, int index, CancellationToken cancellationToken) =>
        safes.AskAsync(incident, index, cancellationToken);

    public async Task SimulateAsync(Incident incident, int index, CancellationToken cancellationToken)
    {
        var seen = new SeenCall(incident, index);
        var tried = await TryAsync(seen, cancellationToken);
        // Words may hold numbers that somebody moves: the log is not to be filled by that.
        if (!tried.Succeeded && seen.Progress.Simulation is { Succeeded: false } known
            && (known.Detail == tried.Words || (known.IsRefused == tried.IsRefused
                && (time.GetUtcNow() - known.At).Duration() < TellAgainAfter)))
            throw new StillRefusedException($"{seen} {known.InWords}");
        record.Add(seen, tried.Of(seen));
    }

    private Task<Tried> TryAsync(SeenCall seen, CancellationToken cancellationToken) => trial.RunAsync(
        seen, logbook.PlanOf(seen.Incident), chain => safes.MismatchAsync(seen, chain, cancellationToken),
        cancellationToken);

    /// <summary>Who makes the call that has the effect: a Safe, or our own account.</summary>
    private (Address From, Call Call) Effect(SeenCall seen) => record.Planned(seen).Inner is { } inner
        ? (seen.Call.Target, inner.Call)
        : (settings.Account, seen.Call);

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
            if (e is SignerUnreachableException)
                record.Add(seen, NotSigned(seen, SigningRefusal.Unreachable, null));
            else if (MayBeRefusedUnasked(seen))
                record.Add(seen, NotSigned(
                    seen, $"no node of {chains.Of(seen.Call.Chain)} gives a usable answer", RefusedBy.Server));
            throw;
        }
    }

    private async Task AskForSignatureAsync(SeenCall seen, CancellationToken cancellationToken)
    {
        var (incident, decision) = (seen.Incident, seen.Decision);
        if (chains.Of(seen.Call.Chain) is not { } chain)
            throw new StillRefusedException(ActingChains.Unknown(seen.Call.Chain));
        // Asked side by side: each round trip is one that the attack has.
        var statusAsked = StatusAsync(seen, cancellationToken);
        var accountAsked = AccountAsync(seen, chain, cancellationToken);
        var termsAsked = TermsAsync(seen, chain, cancellationToken);
        await Task.WhenAll(statusAsked, accountAsked, termsAsked)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var status = await statusAsked;
        var refusal = await RefuseAsync(seen, chain, status, await accountAsked, cancellationToken);
        var by = RefusedBy.Server;
        if (refusal is null)
        {
            if (await NowRefusedAsync(seen, status, cancellationToken) is { } tried)
            {
                record.Add(seen, tried.Of(seen));
                return;
            }
            // Trying it again took its time: who bids against it may bid more by now.
            var isOld = MayBeRefusedUnasked(seen) && trial.IsStale(seen);
            var request = ToSign(
                seen, status, isOld ? await TermsAsync(seen, chain, cancellationToken) : await termsAsked);
            var answer = await signer.AskAsync(new SignerRequest(Sign: request), cancellationToken);
            if (answer.Refused is { } refused)
                (refusal, by) = (InWords(refused, incident.Decision!), refused.By ?? throw new
                    SignerUnreachableException($"the signer did not look into it: {refused.Reason}"));
            else
            {
                // Something else than was asked for is no refusal: a nonce may have been spent on it.
                if ((answer.Signed is { } signed
                    ? SignatureCheck.Mismatch(signed, seen.Call, settings.Account)
                    : "the signer answered something else") is { } fault)
                    throw new SignerUnreachableException(fault);
                var (nonce, transaction, raw) = answer.Signed!;
                var happened = new IncidentEvent.CallSigned(
                    incident.Id, decision.Id, seen.Index, nonce, transaction, raw);
                record.Add(seen, SafeSigning.IsOfAnotherNonce(seen, SignatureCheck.DataOf(raw))
                    ? [happened, seen.Hindered(Hindrance.SafeMovedOn, "the signer had signed it for an earlier nonce")]
                    : [happened]);
                return;
            }
        }
        // After the expiry the same words say something new: it was not signed, and will not be.
        var known = seen.Progress.Refusal;
        if (known?.Reason == refusal && (MayBeRefusedUnasked(seen) || known.IsAfterEnd))
            throw new StillRefusedException($"{seen} is not signed: {refusal}");
        record.Add(seen, NotSigned(seen, refusal, by));
    }

    private static IncidentEvent.SigningRefused NotSigned(SeenCall seen, string why, RefusedBy? by) =>
        new(seen.Incident.Id, seen.Decision.Id, seen.Index, why, by);

    /// <summary>
    /// Why the signer is not even asked: what it signed now could never do what it is for. After the expiry it is asked
    /// in any case, since only it knows whether it signed before.
    /// </summary>
    private async Task<string?> RefuseAsync(
        SeenCall seen, ActingChain chain, StatusAnswer status, Account? account, CancellationToken cancellationToken)
    {
        if (account is null)
            return null;
        if (account.WrongChain is { } wrong)
            return wrong;
        return !ActingChain.IsBeyond(account.Used, status.NextNonce)
            ? await safes.RefuseAsync(seen, chain, cancellationToken)
            : $"the account {settings.Account} has used {account.Used.Max()} nonces on chain {chain.Id}, but the "
                + $"signer would go on with {status.NextNonce}: its key is used elsewhere, or its policy's "
                + "'first_nonce' is too low";
    }

    /// <summary>The signer's account as the chain has it; null where it does not matter any more.</summary>
    private async Task<Account?> AccountAsync(SeenCall seen, ActingChain chain, CancellationToken cancellationToken)
    {
        if (!MayBeRefusedUnasked(seen))
            return null;
        var wrongAsked = chain.WrongChainAsync(cancellationToken);
        var usedAsked = chain.UsedNoncesAsync(settings.Account, "latest", cancellationToken);
        await Task.WhenAll(wrongAsked, usedAsked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await wrongAsked is { } wrong ? new Account(wrong, []) : new Account(null, await usedAsked);
    }

    /// <summary>
    /// Tried again where people took their time: null where it may be signed. What the signer has signed is never
    /// refused any more: a nonce that is not used would hold up every later call.
    /// </summary>
    private async Task<Tried?> NowRefusedAsync(
        SeenCall seen, StatusAnswer status, CancellationToken cancellationToken)
    {
        if (!MayBeRefusedUnasked(seen) || !trial.IsStale(seen) || status.IsSigned != false)
            return null;
        var tried = await TryAsync(seen, cancellationToken);
        return tried.Succeeded ? null : tried;
    }

    private string InWords(Refusal refused, DecisionProgress decision) => !decision.IsSpent(time.GetUtcNow())
        ? refused.Reason
        : decision.IsRefusedForGood
            ? "the signer refused another call of it; it takes new approvals"
            : "it was taken by itself, and was not signed until "
                + $"{decision.ActUntil:yyyy-MM-dd HH:mm:ss} UTC; it takes new approvals";

    private bool MayBeRefusedUnasked(SeenCall seen) => !seen.Incident.Decision!.HasEnded(time.GetUtcNow());

    private async Task<StatusAnswer> StatusAsync(SeenCall seen, CancellationToken cancellationToken) =>
        (await signer.AskAsync(
            new SignerRequest(Status: new StatusRequest(seen.Call.Chain, seen.Decision.Id, seen.Index)),
            cancellationToken)).Status
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

    private async Task<Terms> TermsAsync(SeenCall seen, ActingChain chain, CancellationToken cancellationToken)
    {
        var feesAsked = chain.Nodes.FeesAsync(cancellationToken);
        var rivalAsked = PendingRivals.HighestAsync(seen.Incident, chain, time, cancellationToken);
        var gasAsked = EstimateAsync(seen, chain, cancellationToken);
        await Task.WhenAll(feesAsked, rivalAsked, gasAsked);
        return new Terms(await feesAsked, await rivalAsked, await gasAsked);
    }

    private SignRequest ToSign(SeenCall seen, StatusAnswer status, Terms terms)
    {
        var offer = FeeOffer.First(terms.Fees.BaseFeeWei, terms.Fees.PriorityFeeWei, status.MaxFeePerGasWei);
        if (terms.Rival is { } rival)
            offer = offer.AheadOf(rival, status.MaxFeePerGasWei);
        var decision = seen.Incident.Decision!;
        return new SignRequest(
            seen.Decision,
            logbook.PlanOf(seen.Incident).Decision(decision.Rule)!.Action,
            // Without approvals the signer gives again what it signed before, and signs nothing new.
            decision.IsSpent(time.GetUtcNow())
                ? []
                : decision.Approvals.Select(approval => approval.Signature).ToValueList(),
            seen.Index,
            GasFor(terms.Gas, status.MaxGas ?? MostGas),
            offer.MaxFeeWei,
            offer.TipWei,
            SafeSigning.ForSigner(seen));
    }

    // The signer must be asked in any case: it may have signed before, and then gives those bytes again.
    private async Task<ulong> EstimateAsync(SeenCall seen, ActingChain chain, CancellationToken cancellationToken)
    {
        var (from, call) = Effect(seen);
        try
        {
            var gas = await chain.Nodes.EstimateGasAsync(
                from, call.Target, call.Data.ToArray(), call.ValueWei, cancellationToken);
            return from == settings.Account ? gas : Math.Min(gas, MostGas) + SafeGas;
        }
        catch (NodeException e) when (e.Fault == NodeFault.Refused)
        {
            return GasAtLeast;
        }
    }

    /// <summary>The signer's account as its chain has it.</summary>
    /// <param name="WrongChain">Why the nodes are of another chain; null where they are not.</param>
    /// <param name="Used">How many nonces it has used, as each node that answers says.</param>
    private sealed record Account(string? WrongChain, IReadOnlyList<ulong> Used);

    /// <summary>What a call costs now, and who bids against it.</summary>
    private sealed record Terms(Fees Fees, FeeOffer? Rival, ulong Gas);
}
