using Tocsin.Audit;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Eip712;

namespace Tocsin.Signing;

/// <summary>
/// The head of the log as EIP-712 typed data: <c>LogHead{sequence, hash, at}</c>. Its domain is its own and has no
/// chain, so that it is never a decision, and the two bytes in front of it make it no transaction.
/// </summary>
internal static class LogHeadTypedData
{
    private static readonly Eip712Domain Domain = new("Tocsin log", "1");

    private static readonly Dictionary<string, ValueList<TypedDataField>> Types = new()
    {
        ["LogHead"] = [new("sequence", "uint64"), new("hash", "bytes32"), new("at", "uint64")],
    };

    /// <param name="at">By the signer's clock; whole seconds are signed.</param>
    public static TypedData Of(LogHead head, DateTimeOffset at) =>
        new(Domain, Types, "LogHead", new Dictionary<string, object>
        {
            ["sequence"] = (UInt256)(ulong)head.Sequence,
            ["hash"] = head.Hash,
            ["at"] = (UInt256)(ulong)Math.Max(0, at.ToUnixTimeSeconds()),
        });

    /// <summary>Who countersigned; null where the text is no valid signature of anyone.</summary>
    public static Address? Signer(HeadCountersigned countersigned) =>
        countersigned.Head.Sequence > 0
        && Signature.TryParse(countersigned.Signature, out var signature)
        && signature.TryRecover(Of(countersigned.Head, countersigned.SignedAt).Digest(), out var signer)
            ? signer : null;
}
