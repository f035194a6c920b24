using Tocsin.Chains;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Eip712;

namespace Tocsin.Evm.Safes;

/// <summary>
/// A call that a Safe makes when enough of its owners signed it (Safe 1.3 to 1.5, <c>Safe.sol</c>). Never a
/// delegatecall, which could change the owners, and never with a refund, which would pay whoever sends it.
/// </summary>
public sealed record SafeTransaction(ChainId Chain, Address Safe, Address To, UInt256 ValueWei, ValueList<byte> Data)
{
    private const int SignaturesArgument = 9;

    private static readonly AbiFunction Execute = AbiFunction.Parse(
        "execTransaction(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,"
            + "uint256 gasPrice,address gasToken,address refundReceiver,bytes signatures) returns (bool)");

    private static readonly Dictionary<string, ValueList<TypedDataField>> Types = new()
    {
        ["SafeTx"] =
        [
            new("to", "address"),
            new("value", "uint256"),
            new("data", "bytes"),
            new("operation", "uint8"),
            new("safeTxGas", "uint256"),
            new("baseGas", "uint256"),
            new("gasPrice", "uint256"),
            new("gasToken", "address"),
            new("refundReceiver", "address"),
            new("nonce", "uint256"),
        ],
    };

    /// <summary>
    /// <c>ExecutionSuccess(bytes32,uint256)</c>: the Safe executed it, and what it called did not fail.
    /// </summary>
    public static Hash32 ExecutionSuccess { get; } = Keccak256.Hash("ExecutionSuccess(bytes32,uint256)");

    /// <summary>The four bytes of <c>execTransaction</c>.</summary>
    public static Selector Selector => Execute.Selector;

    /// <summary>
    /// What an owner signs. Good for one nonce of the Safe: any other transaction of it voids the signature.
    /// </summary>
    public TypedData ToSign(UInt256 nonce) =>
        new(new Eip712Domain(ChainId: Chain, VerifyingContract: Safe), Types, "SafeTx", new Dictionary<string, object>
        {
            ["to"] = To,
            ["value"] = ValueWei,
            ["data"] = Data.ToArray(),
            ["operation"] = UInt256.Zero,
            ["safeTxGas"] = UInt256.Zero,
            ["baseGas"] = UInt256.Zero,
            ["gasPrice"] = UInt256.Zero,
            ["gasToken"] = Address.Zero,
            ["refundReceiver"] = Address.Zero,
            ["nonce"] = nonce,
        });

    /// <summary>
    /// The calldata with which anyone has the Safe execute it. Without signatures it is what a plan can hold: it names
    /// no nonce, and is good as long as the plan is.
    /// </summary>
    /// <param name="signatures">In any order; the Safe wants them by rising owner.</param>
    public byte[] Calldata(IEnumerable<OwnerSignature> signatures) =>
        Write([.. signatures.OrderBy(given => given.Owner)
            .SelectMany(given => given.ToArray())]);

    /// <summary>
    /// The transaction that calldata has a Safe execute, whoever signed it; null for any other call, for a
    /// delegatecall or a refund, and for bytes that this class would write otherwise.
    /// </summary>
    public static SafeTransaction? Read(ChainId chain, Address safe, ReadOnlySpan<byte> calldata)
    {
        try
        {
            var given = Execute.DecodeArguments(calldata);
            var read = new SafeTransaction(
                chain, safe, (Address)given[0], (UInt256)given[1], ((byte[])given[2]).ToValueList());
            return calldata.SequenceEqual(read.Write((byte[])given[SignaturesArgument])) ? read : null;
        }
        catch (AbiException)
        {
            return null;
        }
    }

    /// <summary>The owners' signatures in calldata of a Safe; null for any other bytes.</summary>
    public static byte[]? SignaturesOf(ReadOnlySpan<byte> calldata)
    {
        try
        {
            return (byte[])Execute.DecodeArguments(calldata)[SignaturesArgument];
        }
        catch (AbiException)
        {
            return null;
        }
    }

    /// <summary>Calldata of a Safe as a plan holds it, without signatures; any other bytes as they are.</summary>
    public static byte[] WithoutSignatures(ChainId chain, Address safe, byte[] calldata) =>
        Read(chain, safe, calldata)?.Write([]) ?? calldata;

    private byte[] Write(byte[] signatures) => Execute.Encode(
        To, ValueWei, Data.ToArray(), UInt256.Zero, UInt256.Zero, UInt256.Zero, UInt256.Zero, Address.Zero,
        Address.Zero, signatures);
}
