using System.Collections.Concurrent;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Evm.Transactions;
using Tocsin.Incidents;
using Tocsin.Safes;
using Tocsin.Signing;

namespace Tocsin.Response;

/// <summary>
/// Brings a signed call to its chain: first the private relay where there is one, then every node at once, again where
/// it is in no block, and with a higher fee under the same nonce where that takes too long.
/// </summary>
internal sealed class Sending(
    ActingChains chains,
    SignerClient signer,
    SignerSettings settings,
    CallRecord record,
    TimeProvider time)
{
    private static readonly TimeSpan ActAgainAfter = TimeSpan.FromSeconds(5);

    // An attack that bids against a pause is answered sooner: the next block decides.
    private static readonly TimeSpan LookAtRivalsAfter = TimeSpan.FromSeconds(1);

    private readonly SafeSigning safes = new(chains, settings, record, time);

    // When each call was last urged on, and its rivals looked at: memories for pacing alone, which a restart may lose.
    private readonly ConcurrentDictionary<(Hash32 Decision, int Call), DateTimeOffset> urged = new();
    private readonly ConcurrentDictionary<(Hash32 Decision, int Call), DateTimeOffset> compared = new();

    public async Task BroadcastAsync(Incident incident, int index, CancellationToken cancellationToken)
    {
        var seen = new SeenCall(incident, index);
        var chain = ChainOf(seen);
        var head = (await chain.HeadIfKnownAsync(cancellationToken))?.Number;
        if (chain.Relay is not { } relay || HasLeftTheRelay(seen.Progress))
            await PublishAsync(seen, chain, head, [], cancellationToken);
        else if (await RefusalOfAsync(relay, seen.Progress.Signed!, cancellationToken) is { } refusal)
            await PublishAsync(
                seen, chain, head, [seen.Hindered(Hindrance.RelayFailed, refusal)], cancellationToken);
        else
            record.Add(seen, Broadcast(seen, head, isPrivate: true));
    }

    /// <summary>Does what is due for a call that was sent and is in no block.</summary>
    public async Task UrgeAsync(SeenCall seen, ActingChain chain, CancellationToken cancellationToken)
    {
        if (seen.Progress.BroadcastAt is not { } sent)
            return;
        var now = time.GetUtcNow();
        var head = (await chain.HeadIfKnownAsync(cancellationToken))?.Number;
        var blocks = head > seen.Progress.BroadcastHead ? head.Value - seen.Progress.BroadcastHead.Value : 0;
        var waited = (now - sent).Duration();
        if (seen.Progress.IsPrivate)
        {
            if (blocks >= (ulong)(chain.Sending.Relay?.WaitBlocks ?? 0) || waited >= chain.Sending.ReplaceAfter)
                await PublishAsync(
                    seen, chain, head, [seen.Hindered(Hindrance.RelayTooSlow, $"it had it for {blocks} blocks")],
                    cancellationToken);
            return;
        }
        var rivals = AskRivals(seen, chain, cancellationToken);
        var isOutbid = IsTurn(compared, seen, now, LookAtRivalsAfter)
            && await rivals.Value is { } rival && rival.TipWei >= seen.Offer().TipWei;
        // Never sooner, however fast the chain is: a node that shows blocks late must not cost a replacement each time.
        if (!isOutbid && (waited < ActAgainAfter || !IsTurn(urged, seen, now, ActAgainAfter)))
            return;
        // In the block before the newest, and before the receipts: what is included meanwhile is no stranger then.
        var used = head is > 0
            ? await chain.UsedNoncesAsync(settings.Account, $"0x{head.Value - 1:x}", cancellationToken)
            : [];
        if (await IsNonceTakenAsync(seen, chain, used, cancellationToken))
            return;
        if (await WarnOfSafeAsync(seen, chain, cancellationToken))
            return;
        // Behind an earlier call that is not in yet, no fee brings it in.
        var isNext = used.Count == 0 || used.Any(count => count >= seen.Progress.Signed!.Nonce);
        var isOverdue = blocks >= (ulong)chain.Sending.ReplaceAfterBlocks || waited >= chain.Sending.ReplaceAfter;
        if ((isOverdue || isOutbid) && isNext && !seen.Progress.IsDead
            && await RaiseAsync(seen, chain, rivals, cancellationToken))
            return;
        await SendAgainAsync(seen, chain, cancellationToken);
    }

    /// <exception cref="StillRefusedException">The configuration does not name the chain any more.</exception>
    public ActingChain ChainOf(SeenCall seen) =>
        chains.Of(seen.Call.Chain) ?? throw new StillRefusedException(ActingChains.Unknown(seen.Call.Chain));

    private async Task PublishAsync(
        SeenCall seen,
        ActingChain chain,
        ulong? head,
        IncidentEvent[] before,
        CancellationToken cancellationToken)
    {
        try
        {
            await chain.Nodes.BroadcastAsync(Hex.Parse(seen.Progress.Signed!.Raw), cancellationToken);
        }
        catch (NodeException e)
        {
            if (await IsUnderWayAsync(seen, chain, e, cancellationToken))
            {
                record.Add(seen, [.. before, Broadcast(seen, head, isPrivate: false)]);
                return;
            }
            // Some nodes take nothing that does not buy a place in the next block.
            if (e.Error is not null
                && await RaiseAsync(seen, chain, AskRivals(seen, chain, cancellationToken), cancellationToken))
                return;
            record.AddHindrance(seen, Hindrance.NotTaken, e.Error?.Message ?? e.Message);
            throw;
        }
        record.Add(seen, [.. before, Broadcast(seen, head, isPrivate: false)]);
    }

    private static async Task SendAgainAsync(SeenCall seen, ActingChain chain, CancellationToken cancellationToken)
    {
        try
        {
            await chain.Nodes.BroadcastAsync(Hex.Parse(seen.Progress.Signed!.Raw), cancellationToken);
        }
        catch (NodeException e) when (e.Error is { } error && IsOfAnotherVersion(error))
        {
            // Known already, or in a block already under whichever version: both are what we want.
        }
    }

    /// <summary>Signed anew with a higher fee; false where that cannot be, and why is recorded.</summary>
    private async Task<bool> RaiseAsync(
        SeenCall seen, ActingChain chain, Lazy<Task<FeeOffer?>> rivals, CancellationToken cancellationToken)
    {
        var asked = new SignerRequest(Status: new StatusRequest(seen.Call.Chain));
        if ((await signer.AskAsync(asked, cancellationToken)).Status is not { } status)
            throw new SignerUnreachableException("the signer did not say what it pays at most");
        var fees = await chain.Nodes.FeesAsync(cancellationToken);
        var offer = seen.Offer();
        var rival = await rivals.Value;
        var isTooLow = !offer.Buys(fees.BaseFeeWei, fees.PriorityFeeWei);
        var whole = new FeeOffer(status.MaxFeePerGasWei, status.MaxFeePerGasWei);
        // The whole ceiling is the last way out of a nonce for which every later one waits, and the last word against
        // an attack that bids until no replacement is left.
        var isOutbid = rival is { } bid && bid.TipWei >= offer.TipWei && bid.TipWei < whole.TipWei;
        var canHelp = (isTooLow || isOutbid) && offer != whole && whole.Buys(fees.BaseFeeWei, fees.PriorityFeeWei);
        if ((offer.Raised(fees.BaseFeeWei, fees.PriorityFeeWei, status.MaxFeePerGasWei, rival)
            ?? (canHelp ? whole : null)) is not { } raised)
        {
            if (isTooLow)
                record.AddHindrance(
                    seen, Hindrance.FeeAboveCeiling,
                    $"the chain asks for {Gwei(fees.BaseFeeWei)} gwei and a tip of {Gwei(fees.PriorityFeeWei)}, "
                        + $"the call offers {Gwei(offer.MaxFeeWei)}, the policy pays {Gwei(status.MaxFeePerGasWei)}");
            return false;
        }
        var request = new ReplaceRequest(seen.Decision.Id, seen.Index, raised.MaxFeeWei, raised.TipWei);
        var answer = await signer.AskAsync(new SignerRequest(Replace: request), cancellationToken);
        if (answer.Refused is { Code: SignerRefusal.TooManyReplacements } && canHelp)
            answer = await signer.AskAsync(
                new SignerRequest(Replace: request with
                {
                    MaxFeePerGasWei = whole.MaxFeeWei,
                    MaxPriorityFeePerGasWei = whole.TipWei,
                }),
                cancellationToken);
        if (answer.Refused is { } refused)
        {
            if (refused.By is null)
                throw new SignerUnreachableException($"the signer did not look into it: {refused.Reason}");
            record.AddHindrance(
                seen,
                refused.Code == SignerRefusal.FeeAboveCeiling
                    ? Hindrance.FeeAboveCeiling
                    : Hindrance.NoMoreReplacements,
                refused.Reason);
            return false;
        }
        return RecordReplacement(seen, answer.Signed);
    }

    private bool RecordReplacement(SeenCall seen, SignAnswer? signed)
    {
        if (signed is null || SignatureCheck.Mismatch(signed, seen.Call, settings.Account) is not null
            || signed.Nonce != seen.Progress.Signed!.Nonce)
            throw new SignerUnreachableException("the signer's replacement is not the same call under the same nonce");
        if (signed.Transaction == seen.Progress.Signed.Transaction)
            return false;
        var offer = SignatureCheck.OfferOf(signed.Raw);
        record.Add(seen, new IncidentEvent.CallReplaced(
            seen.Incident.Id, seen.Decision.Id, seen.Index, signed.Nonce, signed.Transaction, signed.Raw,
            offer.MaxFeeWei, offer.TipWei));
        return true;
    }

    /// <summary>
    /// True where the chain has gone past the call's nonce and no version of the call is in any block: it never can be.
    /// It is not signed under another nonce, since nobody can rule out that the chain takes the stranger back.
    /// </summary>
    private async Task<bool> IsNonceTakenAsync(
        SeenCall seen, ActingChain chain, IReadOnlyList<ulong> used, CancellationToken cancellationToken)
    {
        var nonce = seen.Progress.Signed!.Nonce;
        if (seen.Progress.Has(Hindrance.NonceTaken) || !ActingChain.IsBeyond(used, nonce)
            || await HasReceiptAsync(seen, chain, cancellationToken))
            return false;
        record.AddHindrance(
            seen, Hindrance.NonceTaken,
            $"the account {settings.Account} has used nonce {nonce} on chain {seen.Call.Chain} for another "
                + "transaction: the signer's key is used elsewhere, or 'first_nonce' in its policy is too low");
        return true;
    }

    // It is sent all the same: its nonce holds up every later call until it has reverted. Read before the receipts:
    // what is included meanwhile was not taken by another transaction.
    private async Task<bool> WarnOfSafeAsync(SeenCall seen, ActingChain chain, CancellationToken cancellationToken)
    {
        if (seen.Progress.Consent is null || seen.Progress.Has(Hindrance.SafeMovedOn))
            return false;
        try
        {
            if (await safes.MovedOnAsync(seen, chain, cancellationToken) is not { } why
                || await HasReceiptAsync(seen, chain, cancellationToken))
                return false;
            record.AddHindrance(seen, Hindrance.SafeMovedOn, why);
            return true;
        }
        catch (NodeException)
        {
            // What is signed is sent, whatever is known of the Safe.
            return false;
        }
    }

    private static async Task<bool> IsUnderWayAsync(
        SeenCall seen, ActingChain chain, NodeException refusal, CancellationToken cancellationToken) =>
        refusal.Error is { } error
        && (IsOfAnotherVersion(error) || await HasReceiptAsync(seen, chain, cancellationToken));

    private static async Task<bool> HasReceiptAsync(
        SeenCall seen, ActingChain chain, CancellationToken cancellationToken)
    {
        foreach (var version in seen.Progress.Versions)
        {
            if (await chain.Nodes.ReceiptAsync(version.Transaction, cancellationToken) is not null)
                return true;
        }
        return false;
    }

    // As geth and its kin say it. What it means is found out by looking at the chain.
    private static bool IsOfAnotherVersion(NodeError error)
    {
        bool Says(string words) => error.Message.Contains(words, StringComparison.OrdinalIgnoreCase);
        return Says("already known") || Says("already imported") || Says("nonce too low")
            || Says("replacement transaction underpriced");
    }

    private static async Task<string?> RefusalOfAsync(
        Node relay, SignedCall signed, CancellationToken cancellationToken)
    {
        try
        {
            await relay.BroadcastAsync(Hex.Parse(signed.Raw), cancellationToken);
            return null;
        }
        catch (NodeException e)
        {
            return e.Error?.Message ?? e.Message;
        }
    }

    private static bool HasLeftTheRelay(CallProgress progress) =>
        progress.Has(Hindrance.RelayFailed) || progress.Has(Hindrance.RelayTooSlow);

    // What an attack that is still pending offers a builder. Asked at most once a round, however often it is compared:
    // a node that hangs costs a second each time.
    private Lazy<Task<FeeOffer?>> AskRivals(SeenCall seen, ActingChain chain, CancellationToken cancellationToken) =>
        new(() => PendingRivals.HighestAsync(seen.Incident, chain, time, cancellationToken));

    private static bool IsTurn(
        ConcurrentDictionary<(Hash32 Decision, int Call), DateTimeOffset> memory,
        SeenCall seen,
        DateTimeOffset now,
        TimeSpan pace)
    {
        var key = (seen.Decision.Id, seen.Index);
        if (memory.TryGetValue(key, out var last) && (now - last).Duration() < pace)
            return false;
        memory[key] = now;
        return true;
    }

    private static IncidentEvent.CallBroadcast Broadcast(SeenCall seen, ulong? head, bool isPrivate) => new(
        seen.Incident.Id, seen.Decision.Id, seen.Index, seen.Progress.Signed!.Transaction, head,
        isPrivate ? true : null);

    private static string Gwei(UInt256 wei) =>
        wei.ToUnits(9).ToString("0.###", System.Globalization.CultureInfo.InvariantCulture);
}
