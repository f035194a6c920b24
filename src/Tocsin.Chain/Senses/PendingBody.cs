using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.Chain.Senses;

/// <summary>A transaction as the pool holds it, before anyone asked what it would do.</summary>
internal sealed record PendingBody(PendingTransaction Transaction, ulong Gas)
{
    /// <summary>The transaction object of <c>eth_getTransactionByHash</c> and of the subscription.</summary>
    /// <exception cref="RpcFormatException">Malformed.</exception>
    public static PendingBody Parse(JsonElement body) => new(
        new PendingTransaction(
            RpcJson.Hash(body, "hash"),
            RpcJson.Address(body, "from"),
            RpcJson.Optional(body, "to") is { ValueKind: not JsonValueKind.Null } to
                ? RpcJson.ToAddress(to, "to")
                : null,
            RpcJson.Number(body, "nonce"),
            RpcJson.Quantity(body, "value"),
            RpcJson.Bytes(body, "input"),
            Outcome: null,
            OutcomeMissing: "not asked for")
        {
            FeePerGasWei = Fee(body, "maxFeePerGas") ?? Fee(body, "gasPrice") ?? UInt256.Zero,
        },
        RpcJson.Number(body, "gas"));

    private static UInt256? Fee(JsonElement body, string name) =>
        RpcJson.Optional(body, name) is { ValueKind: not JsonValueKind.Null } ? RpcJson.Quantity(body, name) : null;

    /// <summary>The call object. No fees: what the sender can pay is not the question.</summary>
    public void WriteCall(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("from", Transaction.From.ToString());
        if (Transaction.To is { } callee)
            writer.WriteString("to", callee.ToString());
        writer.WriteString("gas", RpcParameters.Quantity(Gas));
        writer.WriteString("value", Transaction.ValueWei.ToQuantity());
        writer.WriteString("data", Hex.Format(Transaction.Input.Span));
        writer.WriteEndObject();
    }
}
