using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Evm;

namespace Tocsin.Signing;

/// <summary>Asks that a wallet fills no place any more.</summary>
/// <param name="EvenIfUnfillable">True where an entry of the policy may be left that nobody can approve.</param>
/// <param name="ExpiresAt">Whole seconds are signed. From this instant on it is not taken any more.</param>
/// <param name="Signatures">Of its typed data, by the quorum that the policy names.</param>
internal sealed record RevokeRequest(
    Address Wallet, string Reason, bool EvenIfUnfillable, DateTimeOffset ExpiresAt, ValueList<string> Signatures);

/// <summary>A revocation as the signer keeps it, with the signatures that prove it.</summary>
internal sealed record RevokedWallet(
    Address Wallet,
    string Reason,
    bool EvenIfUnfillable,
    DateTimeOffset ExpiresAt,
    ValueList<string> Signatures,
    DateTimeOffset At);

/// <summary>
/// The wallets that count no more, for ever and whatever the policy says. Who may revoke stands in the policy alone; a
/// revocation only takes away: no request gives a wallet a place.
/// </summary>
internal sealed class WalletRevocations(
    SignerPolicy policy, Address account, ChainedLines<RevokedWallet> journal, TimeProvider time)
{
    private const int MaximumReason = 500;
    private const int MaximumSignatures = 100;

    public ValueList<Address> Revoked => journal.Entries.Select(entry => entry.Wallet).ToValueList();

    public static ChainedLines<RevokedWallet> OpenJournal(SignerPolicy policy) =>
        ChainedLines<RevokedWallet>.Open(policy.RevocationsPath, "the signer's record of revocations");

    public bool IsRevoked(Address wallet) => journal.Entries.Any(entry => entry.Wallet == wallet);

    /// <summary>Revokes, or says why not. What is revoked already is answered as it was.</summary>
    public SignerAnswer Answer(RevokeRequest asked)
    {
        if (policy.Revocation is not { } rule)
            return Refuse(SignerRefusal.NotAllowed, "the policy names nobody under 'revocation' who may revoke");
        if (asked.Reason.Length is 0 or > MaximumReason)
            return Refuse(SignerRefusal.Malformed, $"a reason has from 1 to {MaximumReason} characters");
        if (journal.Entries.FirstOrDefault(entry => entry.Wallet == asked.Wallet) is { } known)
            return new SignerAnswer(Revoked: known);
        if (!Rules().Any(entry => entry.Rule.IsApprover(asked.Wallet)))
            return Refuse(
                SignerRefusal.NotAllowed,
                $"{ChecksumAddress.Format(asked.Wallet)} fills no place of this policy: check the address");
        if (time.GetUtcNow().ToUnixTimeSeconds() >= asked.ExpiresAt.ToUnixTimeSeconds())
            return Refuse(SignerRefusal.Expired, $"the revocation expired at {asked.ExpiresAt:O}");
        var signers = asked.Signatures.Take(MaximumSignatures)
            .Select(signature => RevocationTypedData.Signer(account, asked, signature))
            .OfType<Address>().Where(signer => !IsRevoked(signer)).Distinct().ToList();
        if (!rule.IsMetBy(signers))
            return Refuse(
                SignerRefusal.NotEnoughApprovals,
                "the signatures do not fill every place of the policy's 'revocation'");
        if (!asked.EvenIfUnfillable && Unfillable(asked.Wallet) is { } what)
            return Refuse(
                SignerRefusal.WouldBeUnfillable,
                $"nobody could approve {what} any more: sign with evenIfUnfillable if that is meant");
        var revoked = new RevokedWallet(
            asked.Wallet, asked.Reason, asked.EvenIfUnfillable, asked.ExpiresAt,
            asked.Signatures.Take(MaximumSignatures).ToValueList(), time.GetUtcNow());
        journal.Append(revoked);
        return new SignerAnswer(Revoked: revoked);
    }

    /// <summary>The first entry that could be approved until now and could not without this wallet; or null.</summary>
    private string? Unfillable(Address wallet) => Rules()
        .Where(entry => IsFillable(entry.Rule, null) && !IsFillable(entry.Rule, wallet))
        .Select(entry => entry.What)
        .FirstOrDefault();

    private bool IsFillable(ApprovalRule rule, Address? without) => rule.IsMetBy(
        [.. rule.Places.SelectMany(place => place.Wallets).Distinct()
            .Where(wallet => wallet != without && !IsRevoked(wallet))]);

    private IEnumerable<(string What, ApprovalRule Rule)> Rules() => policy.Allowed
        .Select(allowed => (
            $"{allowed.Function.Signature} on {ChecksumAddress.Format(allowed.Target)}, chain {allowed.Chain}",
            allowed.Approvals))
        .Concat(policy.Revocation is { } rule ? [("a further revocation", rule)] : []);

    private static SignerAnswer Refuse(SignerRefusal code, string reason) => new(Refused: new Refusal(code, reason));
}
