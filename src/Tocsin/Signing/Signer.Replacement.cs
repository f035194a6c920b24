using Tocsin.Chains;
using Tocsin.Evm.Transactions;

namespace Tocsin.Signing;

/// <content>
/// The same call once more under the same nonce with a higher fee. The bytes are made of those in the journal, so
/// nothing that a request says can make another call of it.
/// </content>
internal sealed partial class Signer
{
    private async Task<SignerAnswer> ReplaceAsync(ReplaceRequest request, CancellationToken cancellationToken)
    {
        if (LastOf(request.Decision, request.Call) is not { } last)
            return Refuse(SignerRefusal.NeverSigned, "this call was never signed, so there is nothing to replace");
        var known = Read(last);
        var offer = new FeeOffer(request.MaxFeePerGasWei, request.MaxPriorityFeePerGasWei);
        var before = new FeeOffer(known.MaxFeePerGasWei, known.MaxPriorityFeePerGasWei);
        var isWholeCeiling = offer == new FeeOffer(policy.MaxFeePerGasWei, policy.MaxFeePerGasWei) && offer != before;
        // A crash may have lost our last answer, so whoever asks may know only an older version.
        if (!isWholeCeiling && !offer.Replaces(before))
            return Again(last);
        if (offer.MaxFeeWei > policy.MaxFeePerGasWei || offer.TipWei > offer.MaxFeeWei)
            return Refuse(
                SignerRefusal.FeeAboveCeiling, $"the fee is above the policy's {policy.MaxFeePerGasWei} wei per gas");
        var number = (last.Replacement ?? 0) + 1;
        // Somebody may have wasted all of them on fees that no block takes, and every later nonce waits for this one.
        if (number > policy.Replacements && !isWholeCeiling)
            return Refuse(
                SignerRefusal.TooManyReplacements,
                $"this call was replaced {policy.Replacements} times, and the policy allows no more");
        var dearer = known with { MaxFeePerGasWei = offer.MaxFeeWei, MaxPriorityFeePerGasWei = offer.TipWei };
        var signed = dearer.With(await key.SignAsync(dearer.SigningPreimage(), cancellationToken));
        var entry = last with
        {
            Transaction = signed.Hash,
            Raw = Hex.Format(signed.Raw),
            At = time.GetUtcNow(),
            Replacement = number,
        };
        journal.Append(entry);
        return Again(entry);
    }

    private JournalEntry? LastOf(Hash32 decision, int call) =>
        journal.Entries.LastOrDefault(entry => entry.Decision == decision && entry.Call == call);

    private static SignerAnswer Again(JournalEntry entry) =>
        new(Signed: new SignAnswer(entry.Nonce, entry.Transaction, entry.Raw));

    private static Eip1559Transaction Read(JournalEntry entry) =>
        Eip1559Transaction.TryParseSigned(Hex.Parse(entry.Raw), out var transaction, out _)
            ? transaction
            : throw new InvalidOperationException($"the journal's entry for nonce {entry.Nonce} is no transaction");
}
