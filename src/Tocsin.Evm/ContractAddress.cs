using Tocsin.Chains;

namespace Tocsin.Evm;

/// <summary>Where a contract will live.</summary>
public static class ContractAddress
{
    /// <summary>
    /// The address of what <paramref name="sender"/> creates with CREATE at that nonce: the last 20 bytes of
    /// keccak256(rlp([sender, nonce])) (yellow paper, section 7).
    /// </summary>
    public static Address Create(Address sender, ulong nonce)
    {
        var hash = Keccak256.Hash(Rlp.EncodeList(Rlp.Encode(sender), Rlp.Encode(nonce)));
        return new Address(hash.ToArray().AsSpan(Hash32.ByteCount - Address.ByteCount));
    }
}
