using System.Text;
using Tocsin.Chains;

namespace Tocsin.Evm.Safes;

/// <summary>
/// One owner's consent to a Safe's transaction, by a wallet with a key of its own; never the consent of a contract.
/// </summary>
/// <param name="IsMessage">
/// True where the wallet signed the hash as a message (<c>eth_sign</c>, EIP-191 version 0x45) instead of typed data.
/// The Safe tells them apart by a v that is 4 higher (<c>Safe.sol</c>, <c>checkNSignatures</c>).
/// </param>
public readonly record struct OwnerSignature(Address Owner, Signature Signature, bool IsMessage = false)
{
    private const byte MessageOffset = 4;

    private const int LastByte = Signature.ByteCount - 1;

    /// <summary>What a wallet signs instead of the hash, where it signs it as a message.</summary>
    public static Hash32 AsMessage(Hash32 hash) =>
        Keccak256.Hash((byte[])[.. Encoding.ASCII.GetBytes("\u0019Ethereum Signed Message:\n32"), .. hash.ToArray()]);

    /// <summary>
    /// Who signed that hash with these 65 bytes as the Safe reads them: v is 27 or 28, or 31 or 32 for a message.
    /// </summary>
    /// <param name="hash">The Safe's transaction hash.</param>
    public static bool TryRead(Hash32 hash, ReadOnlySpan<char> text, out OwnerSignature read)
    {
        read = default;
        if (text.Length != 2 + (2 * Signature.ByteCount) || !Hex.TryParse(text, out var bytes))
            return false;
        var isMessage = bytes[LastByte] is 31 or 32;
        if (isMessage)
            bytes[LastByte] -= MessageOffset;
        if (bytes[LastByte] is not (27 or 28)
            || !Signature.TryParse(Hex.Format(bytes), out var signature)
            || !signature.TryRecover(isMessage ? AsMessage(hash) : hash, out var owner))
            return false;
        read = new OwnerSignature(owner, signature, isMessage);
        return true;
    }

    /// <summary>
    /// The same of what a wallet gave, which may say v as 0 or 1, or as 27 or 28 for a message too: it is taken for
    /// what makes it the signature of an owner. Null where nothing does.
    /// </summary>
    public static OwnerSignature? Find(Hash32 hash, string text, IReadOnlyCollection<Address> owners)
    {
        if (TryRead(hash, text, out var strict))
        {
            if (owners.Contains(strict.Owner))
                return strict;
        }
        if (!Signature.TryParse(text, out var signature))
            return null;
        foreach (var isMessage in new[] { false, true })
        {
            if (signature.TryRecover(isMessage ? AsMessage(hash) : hash, out var owner) && owners.Contains(owner))
                return new OwnerSignature(owner, signature, isMessage);
        }
        return null;
    }

    /// <summary>The 65 bytes as the Safe reads them.</summary>
    public byte[] ToArray()
    {
        var bytes = Hex.Parse(Signature.ToHex());
        if (IsMessage)
            bytes[LastByte] += MessageOffset;
        return bytes;
    }

    public override string ToString() => Hex.Format(ToArray());
}
