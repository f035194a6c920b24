using Tocsin.Decisions;
using Tocsin.Evm.Safes;

namespace Tocsin.Signing;

/// <content>
/// A call through a Safe is approved without the owners' signatures, which are for one nonce of the Safe. They are the
/// one thing that is filled in. Whether who signed owns the Safe is for the Safe to say; the signer sees no chain.
/// </content>
internal sealed partial class Signer
{
    private const int MostOwners = 100;

    /// <param name="data">The calldata to sign: the approved one, or that with what the owners signed.</param>
    private SignerAnswer? RefuseOwners(Call call, SafeSignatures? given, out byte[] data)
    {
        data = call.Data.ToArray();
        if (CallJudgement.Inner(call) is not { } transaction)
            return given is null
                ? null
                : Refuse(SignerRefusal.NotByOwners, "the call goes through no Safe: no owner has anything to sign");
        if (given is null || given.Signatures.Count is 0 or > MostOwners)
            return Refuse(
                SignerRefusal.NotByOwners, $"a call through a Safe needs the signatures of 1 to {MostOwners} owners");
        var hash = transaction.ToSign(given.Nonce).Digest();
        var owners = new List<OwnerSignature>();
        foreach (var signature in given.Signatures)
        {
            if (!OwnerSignature.TryRead(hash, signature, out var read) || owners.Exists(one => one.Owner == read.Owner))
                return Refuse(
                    SignerRefusal.NotByOwners,
                    "what owners of the Safe signed is 65 bytes each, by different wallets");
            if (revocations.IsRevoked(read.Owner))
                return Refuse(SignerRefusal.NotByOwners, $"the owner {read.Owner} was revoked");
            owners.Add(read);
        }
        data = transaction.Calldata(owners);
        return null;
    }
}
