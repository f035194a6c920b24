using System.Text.Json;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm.Abi;

namespace Tocsin.Deployments;

/// <summary>How a call ended that was only tried.</summary>
/// <param name="Data">What it returned, or reverted with.</param>
/// <param name="Message">The node's words where it did not succeed.</param>
internal sealed record Tried(bool Succeeded, byte[] Data, string Message)
{
    public string? Words => Succeeded ? null
        : Data.Length == 0 && Message.Length > 0 ? Message
        : RevertReason.Describe(Data, BrakeFunctions.Errors);
}

/// <summary>Reads of contracts in one block. What a contract answers is anybody's bytes: nonsense and reverts are the
/// absence of an answer; a node that gives none is an exception.</summary>
internal sealed class ContractReads(Node node, ulong block, CancellationToken cancellationToken)
{
    private const int MaximumItems = 100;

    /// <summary>More than any sample needs; a contract cannot keep the node busy for longer.</summary>
    private const string Gas = "0xe4e1c0";

    /// <summary>Designates the code of another account (EIP-7702).</summary>
    private static readonly byte[] Delegation = [0xef, 0x01, 0x00];

    public ulong Block => block;

    /// <summary>Whether a contract lies there, rather than an account with a key.</summary>
    public async Task<bool> HasCodeAsync(Address address)
    {
        var code = await node.RequestAsync(
            "eth_getCode",
            writer =>
            {
                writer.WriteStringValue(address.ToString());
                writer.WriteStringValue($"0x{block:x}");
            },
            result => RpcJson.ToBytes(result, "result"),
            cancellationToken);
        return code.Length > 0 && !code.AsSpan().StartsWith(Delegation);
    }

    /// <summary>Null where the contract does not answer in that form.</summary>
    public async Task<IReadOnlyList<object>?> AskAsync(
        Address contract, AbiFunction question, params object[] arguments)
    {
        var tried = await TryAsync(null, contract, question.Encode(arguments), []);
        if (!tried.Succeeded)
            return null;
        try
        {
            return question.DecodeResult(tried.Data);
        }
        catch (AbiException)
        {
            return null;
        }
    }

    public async Task<UInt256?> NumberAsync(Address contract, AbiFunction question, params object[] arguments) =>
        (await AskAsync(contract, question, arguments))?[0] as UInt256?;

    public async Task<Address?> AddressAsync(Address contract, AbiFunction question) =>
        (await AskAsync(contract, question))?[0] as Address?;

    /// <summary>The first so many of a list; none where it does not answer.</summary>
    public async Task<IEnumerable<object>> ListAsync(
        Address contract, AbiFunction question, params object[] arguments) =>
        (await AskAsync(contract, question, arguments))?[0] is object[] items ? items.Take(MaximumItems) : [];

    /// <summary>Executes a call without a transaction, on the state with some slots written over.</summary>
    public async Task<Tried> TryAsync(
        Address? from, Address to, byte[] data, IReadOnlyCollection<SlotValue> overrides)
    {
        try
        {
            var returned = await node.RequestAsync(
                "eth_call",
                writer =>
                {
                    WriteCall(writer, from, to, data);
                    writer.WriteStringValue($"0x{block:x}");
                    if (overrides.Count > 0)
                        Write(writer, overrides);
                },
                result => RpcJson.ToBytes(result, "result"),
                cancellationToken);
            return new Tried(true, returned, "");
        }
        catch (NodeException e) when (e is { Fault: NodeFault.Refused, Error: not null })
        {
            return new Tried(false, e.Error.Data, e.Error.Message);
        }
    }

    /// <exception cref="NodeException">The node gives no usable answer, or not for so many blocks.</exception>
    public Task<IReadOnlyList<LocatedLog>> LogsAsync(ulong from, ulong to, Address contract, AbiEvent what) =>
        node.LogsAsync(from, to, contract, what.Topic0, cancellationToken);

    private static void WriteCall(Utf8JsonWriter writer, Address? from, Address to, byte[] data)
    {
        writer.WriteStartObject();
        if (from is { } sender)
            writer.WriteString("from", sender.ToString());
        writer.WriteString("to", to.ToString());
        writer.WriteString("data", Hex.Format(data));
        writer.WriteString("gas", Gas);
        writer.WriteEndObject();
    }

    /// <summary>The third parameter of eth_call: for each account, the slots that differ (ethereum/execution-apis).
    /// </summary>
    private static void Write(Utf8JsonWriter writer, IReadOnlyCollection<SlotValue> overrides)
    {
        writer.WriteStartObject();
        foreach (var contract in overrides.GroupBy(slot => slot.Contract))
        {
            writer.WriteStartObject(contract.Key.ToString());
            writer.WriteStartObject("stateDiff");
            foreach (var slot in contract.DistinctBy(slot => slot.Slot))
                writer.WriteString(slot.Slot.ToString(), slot.Value.ToString());
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }
}
