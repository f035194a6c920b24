using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Eip712;

namespace Tocsin.Decisions;

/// <summary>
/// Emergency decisions as EIP-712 typed data: <c>Decision{id, exercise, planHash, Call[]{chainId, target, value, data},
/// expires}</c>. The domain has no chain id, so that one signature covers the calls on every chain.
/// </summary>
internal static class DecisionTypedData
{
    private static readonly Eip712Domain Domain = new("Tocsin", "1");

    private static readonly Dictionary<string, ValueList<TypedDataField>> Types = new()
    {
        ["Decision"] =
        [
            new("id", "bytes32"),
            new("exercise", "bool"),
            new("planHash", "bytes32"),
            new("calls", "Call[]"),
            new("expires", "uint256"),
        ],
        ["Call"] = [new("chainId", "uint256"), new("target", "address"), new("value", "uint256"), new("data", "bytes")],
    };

    /// <summary>
    /// keccak256(planHash ‖ keccak256(action) ‖ use): the name of a prepared decision before there is an incident.
    /// </summary>
    /// <param name="use">How often the action was used before under this plan; the signer's journal allots it.</param>
    public static Hash32 Id(Hash32 planHash, string action, ulong use) => Keccak256.Hash(
        (byte[])[.. planHash.ToArray(), .. Keccak256.Hash(action).ToArray(), .. ((UInt256)use).ToArray()]);

    public static TypedData Of(EmergencyDecision decision) =>
        new(Domain, Types, "Decision", new Dictionary<string, object>
        {
            ["id"] = decision.Id,
            ["exercise"] = decision.Exercise,
            ["planHash"] = decision.PlanHash,
            ["calls"] = decision.Calls.Select(Message).ToArray(),
            ["expires"] = (UInt256)(ulong)decision.ExpiresAt.ToUnixTimeSeconds(),
        });

    /// <summary>Who signed this decision; null where the text is no valid signature of anyone.</summary>
    public static Address? Signer(EmergencyDecision decision, string signature) =>
        Signer(Of(decision).Digest(), signature);

    /// <summary>Who signed the decision of that digest; null where the text is no valid signature of anyone.</summary>
    public static Address? Signer(Hash32 digest, string signature) =>
        Signature.TryParse(signature, out var parsed) && parsed.TryRecover(digest, out var signer) ? signer : null;

    /// <summary>
    /// The decision that a typed-data JSON holds; null where it is not a decision of this domain and shape.
    /// </summary>
    public static EmergencyDecision? Read(string json)
    {
        try
        {
            var data = TypedData.Parse(json);
            var message = data.Message;
            var expires = ((UInt256)message["expires"]).ToUInt64();
            var decision = new EmergencyDecision(
                Word(message["id"]),
                (bool)message["exercise"],
                Word(message["planHash"]),
                ((object[])message["calls"]).Select(ReadCall).ToValueList(),
                DateTimeOffset.FromUnixTimeSeconds(checked((long)expires)));
            // Any difference in domain, types or names gives another digest, so this one comparison covers them all.
            return Of(decision).Digest() == data.Digest() ? decision : null;
        }
        catch (Exception e) when (
            e is FormatException
                or InvalidCastException
                or KeyNotFoundException
                or OverflowException
                or ArgumentException)
        {
            return null;
        }
    }

    private static Call ReadCall(object value)
    {
        var call = (IReadOnlyDictionary<string, object>)value;
        return new Call(
            new ChainId(((UInt256)call["chainId"]).ToUInt64()),
            (Address)call["target"],
            (UInt256)call["value"],
            ((byte[])call["data"]).ToValueList());
    }

    private static Hash32 Word(object value) => value is Hash32 hash ? hash : new Hash32((byte[])value);

    private static object Message(Call call) => new Dictionary<string, object>
    {
        ["chainId"] = (UInt256)call.Chain.Value,
        ["target"] = call.Target,
        ["value"] = call.ValueWei,
        ["data"] = call.Data.ToArray(),
    };
}
