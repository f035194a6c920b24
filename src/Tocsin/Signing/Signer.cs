using Tocsin.Audit;
using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Evm;
using Tocsin.Evm.Transactions;
using Tocsin.Signing.Keys;

namespace Tocsin.Signing;

/// <summary>
/// Decides whether a call is signed, by the policy and the journal alone. Everything in a request is the word of a
/// server that may be in other hands. Not safe for several threads: one request at a time.
/// </summary>
internal sealed partial class Signer(
    SignerPolicy policy,
    ISigningKey key,
    SignerJournal journal,
    ChainedLines<CountersignedHead> heads,
    BeatSigner beats,
    WalletRevocations revocations,
    TimeProvider time)
{
    /// <summary>
    /// One a minute is what a server asks for, and some more with decisions. Each is a line that is kept for ever: a
    /// server in other hands must not fill the disk without which nothing can be signed.
    /// </summary>
    public const int HeadsPerDay = 5_000;

    private readonly int mostApprovals = 8 + (2 * policy.Allowed
        .SelectMany(allowed => allowed.Approvals.Places).SelectMany(place => place.Wallets).Distinct().Count());

    /// <summary>What was refused, also by whoever passes requests on.</summary>
    public RefusalTally Refusals { get; } = new(time.GetUtcNow());

    public async Task<SignerAnswer> AnswerAsync(SignerRequest request, CancellationToken cancellationToken)
    {
        if (!request.IsOfOnePart())
            return Refuse(
                SignerRefusal.Malformed,
                "a request has exactly one part: status, use, sign, replace, head, beat or revoke");
        try
        {
            return request switch
            {
                { Sign: { } sign } => await SignAsync(sign, cancellationToken),
                { Replace: { } replace } => await ReplaceAsync(replace, cancellationToken),
                { Use: { } use } => new SignerAnswer(Use: OpenUse(use.PlanHash, use.Action)),
                { Status: { } status } => new SignerAnswer(Status: Status(status)),
                { Head: { Head: var head } } => await CountersignAsync(head, cancellationToken),
                { Beat: { } beat } => await beats.AnswerAsync(beat, cancellationToken),
                { Revoke: { } revoke } => revocations.Answer(revoke),
                _ => throw new InvalidOperationException("a part that nobody answers"),
            };
        }
        catch (KeyUnavailableException e)
        {
            return Refuse(SignerRefusal.KeyUnavailable, e.Message);
        }
    }

    private StatusAnswer Status(StatusRequest request)
    {
        // With several chains each has a count of its own; the first allowed one stands for the account here.
        var chain = request.Chain ?? (policy.Allowed.Count > 0 ? policy.Allowed[0].Chain : default);
        return new StatusAnswer(
            key.Address, policy.Exercise, NextNonce(chain), journal.Entries.Count, policy.MaxFeePerGasWei,
            Refusals.Counts(), Refusals.Since, beats.Status(),
            revocations.Revoked is { Count: > 0 } revoked ? revoked : null,
            request is { Decision: { } decision, Call: { } call } ? LastOf(decision, call) is not null : null,
            policy.MaxGas);
    }

    // The instant is the signer's: a server cannot have a log countersigned for another day.
    private async Task<SignerAnswer> CountersignAsync(LogHead head, CancellationToken cancellationToken)
    {
        if (head.Sequence < 1)
            return Refuse(SignerRefusal.Malformed, "a log without entries has no head");
        if (heads.Entries is [.., var last])
        {
            if (last.Head == head)
                return new SignerAnswer(Head: last);
            if (head.Sequence <= last.Head.Sequence)
                return Refuse(
                    SignerRefusal.LogRewound,
                    $"the log was countersigned at {last.Head}; {head} means that it was taken back or rewritten");
        }
        if (heads.Entries.Count(entry => entry.At > time.GetUtcNow() - TimeSpan.FromDays(1)) >= HeadsPerDay)
            return Refuse(SignerRefusal.TooManySignatures, $"{HeadsPerDay} heads were countersigned within a day");
        var at = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var signature = await key.SignAsync(LogHeadTypedData.Of(head, at).Preimage(), cancellationToken);
        var countersigned = new CountersignedHead(head, at, signature.ToHex());
        heads.Append(countersigned);
        return new SignerAnswer(Head: countersigned);
    }

    // A use is closed by its first signature: the decision of that id is then fixed for ever.
    private UseAnswer OpenUse(Hash32 planHash, string action)
    {
        var use = (ulong)journal.Entries
            .Where(entry => entry.PlanHash == planHash && entry.Action == action)
            .Select(entry => entry.Use)
            .Distinct()
            .Count();
        return new UseAnswer(DecisionTypedData.Id(planHash, action, use), use);
    }

    private async Task<SignerAnswer> SignAsync(SignRequest request, CancellationToken cancellationToken)
    {
        var decision = request.Decision;
        if (request.Call < 0 || request.Call >= decision.Calls.Count || request.Action.Length is 0 or > 200)
            return Refuse(SignerRefusal.Malformed, "the request names a call that the decision does not have");
        if (AlreadySigned(decision, request.Call) is { } known)
            return known;
        var data = decision.Calls[request.Call].Data.ToArray();
        var refusal = RefuseDecision(decision, request) ?? RefuseCalls(decision, Approvers(decision, request.Approvals))
            ?? RefuseFees(request) ?? RefuseOwners(decision.Calls[request.Call], request.Safe, out data);
        return refusal ?? await AllotAsync(decision, request, data, cancellationToken);
    }

    /// <summary>
    /// The same decision and call always give the same bytes, or those of the last replacement, whatever else is asked
    /// or has passed since.
    /// </summary>
    private SignerAnswer? AlreadySigned(EmergencyDecision decision, int index)
    {
        if (LastOf(decision.Id, index) is not { } entry)
            return null;
        return entry.CallsHash == CallsHash(decision)
            ? Again(entry)
            : Refuse(SignerRefusal.UseClosed, "this decision was signed before with other calls");
    }

    private SignerAnswer? RefuseDecision(EmergencyDecision decision, SignRequest request)
    {
        if (decision.Exercise != policy.Exercise)
            return Refuse(
                SignerRefusal.ExerciseMismatch,
                policy.Exercise ? "this key signs exercises only" : "this key signs no exercise");
        // Approvers signed whole seconds: a fraction on top would not change the digest, but the expiry.
        if (time.GetUtcNow().ToUnixTimeSeconds() >= decision.ExpiresAt.ToUnixTimeSeconds())
            return Refuse(SignerRefusal.Expired, $"the decision expired at {decision.ExpiresAt:O}");
        var begun = journal.Entries.FirstOrDefault(entry => entry.Decision == decision.Id);
        var expected = begun is null
            ? OpenUse(decision.PlanHash, request.Action).Decision
            : DecisionTypedData.Id(begun.PlanHash, begun.Action, begun.Use);
        if (decision.Id != expected
            || (begun is not null && (begun.PlanHash != decision.PlanHash || begun.Action != request.Action)))
            return Refuse(
                SignerRefusal.WrongDecisionId,
                "the decision's id is not that of the open use of this action under this plan");
        if (begun is not null && begun.CallsHash != CallsHash(decision))
            return Refuse(SignerRefusal.UseClosed, "this decision was signed before with other calls");
        var since = time.GetUtcNow() - TimeSpan.FromDays(1);
        if (journal.Entries.Count(entry => entry.Replacement is null && entry.At > since) >= policy.SignaturesPerDay)
            return Refuse(
                SignerRefusal.TooManySignatures, $"{policy.SignaturesPerDay} signatures were given within a day");
        return null;
    }

    // Every call of the decision must be allowed and approved, also those that are not asked for now.
    private SignerAnswer? RefuseCalls(EmergencyDecision decision, IReadOnlyCollection<Address> approvers)
    {
        foreach (var call in decision.Calls)
        {
            if (CallJudgement.Refuse(policy, call) is { } refusal)
                return new SignerAnswer(Refused: refusal);
            if (!CallJudgement.RuleFor(policy, call)!.Approvals.IsMetBy(approvers))
                return Refuse(
                    SignerRefusal.NotEnoughApprovals,
                    $"the approvals do not fill every place that the policy asks for {CallJudgement.Describe(call)}");
        }
        return null;
    }

    private SignerAnswer? RefuseFees(SignRequest request)
    {
        // What runs out of gas was signed for nothing, and its nonce is spent. It is the offer that is wrong, as with
        // one that is too high, and not the call: another offer may be made.
        if (request.GasLimit < policy.MinGas)
            return Refuse(
                SignerRefusal.FeeAboveCeiling,
                $"a gas limit of {request.GasLimit} is below the policy's {policy.MinGas}");
        if (request.GasLimit > policy.MaxGas)
            return Refuse(
                SignerRefusal.FeeAboveCeiling,
                $"a gas limit of {request.GasLimit} is above the policy's {policy.MaxGas}");
        if (request.MaxFeePerGasWei > policy.MaxFeePerGasWei
            || request.MaxPriorityFeePerGasWei > request.MaxFeePerGasWei)
            return Refuse(
                SignerRefusal.FeeAboveCeiling, $"the fee is above the policy's {policy.MaxFeePerGasWei} wei per gas");
        return null;
    }

    // The nonce is spent by the line in the journal alone: without a signature there is no line, and with one there is
    // no answer before it.
    private async Task<SignerAnswer> AllotAsync(
        EmergencyDecision decision, SignRequest request, byte[] data, CancellationToken cancellationToken)
    {
        var call = decision.Calls[request.Call];
        var nonce = NextNonce(call.Chain);
        var transaction = new Eip1559Transaction(
            call.Chain,
            nonce,
            request.MaxPriorityFeePerGasWei,
            request.MaxFeePerGasWei,
            request.GasLimit,
            call.Target,
            call.ValueWei,
            data);
        var signed = transaction.With(await key.SignAsync(transaction.SigningPreimage(), cancellationToken));
        var begun = journal.Entries.FirstOrDefault(entry => entry.Decision == decision.Id);
        var use = begun?.Use ?? OpenUse(decision.PlanHash, request.Action).Use;
        var raw = Hex.Format(signed.Raw);
        journal.Append(new JournalEntry(
            decision.Id,
            decision.PlanHash,
            request.Action,
            use,
            request.Call,
            CallsHash(decision),
            call.Chain,
            nonce,
            signed.Hash,
            raw,
            time.GetUtcNow()));
        return new SignerAnswer(Signed: new SignAnswer(nonce, signed.Hash, raw));
    }

    private ulong NextNonce(ChainId chain) =>
        policy.FirstNonce + (ulong)journal.Entries.Count(entry => entry.Replacement is null && entry.Chain == chain);

    // Looking for who signed is what costs most of all here: the decision is hashed once, and no more signatures are
    // looked at than a server that is ours would pass on, however many of them are nobody's.
    private List<Address> Approvers(EmergencyDecision decision, ValueList<string> signatures)
    {
        var digest = DecisionTypedData.Of(decision).Digest();
        return signatures
            .Distinct()
            .Take(mostApprovals)
            .Select(signature => DecisionTypedData.Signer(digest, signature))
            .OfType<Address>()
            .Where(approver => !revocations.IsRevoked(approver))
            .Distinct()
            .ToList();
    }

    // Of all calls in their order: the first signature fixes those too that are asked for later.
    private static Hash32 CallsHash(EmergencyDecision decision) =>
        Keccak256.Hash(decision.Calls.SelectMany(call => CallHash(call).ToArray()).ToArray());

    private static Hash32 CallHash(Call call) => Keccak256.Hash((byte[])
    [
        .. ((UInt256)call.Chain.Value).ToArray(),
        .. call.Target.ToArray(),
        .. call.ValueWei.ToArray(),
        .. call.Data,
    ]);

    private static SignerAnswer Refuse(SignerRefusal code, string reason) => new(Refused: new Refusal(code, reason));
}
