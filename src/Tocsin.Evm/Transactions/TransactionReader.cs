using System.Diagnostics.CodeAnalysis;
using Tocsin.Chains;

namespace Tocsin.Evm.Transactions;

/// <summary>A transaction as it was broadcast.</summary>
/// <param name="Sender">Whose key signed it.</param>
public sealed record SentTransaction(TransactionPayload Payload, Signature Signature, Address Sender, Hash32 Hash);

/// <summary>
/// Reads signed transactions of types 0 to 4 in the form that blocks hold, as strictly as nodes do: canonical RLP,
/// every field in its width, a valid signature with low s (EIP-2; blocks before Homestead hold others).
/// </summary>
public static class TransactionReader
{
    private static readonly int[] FieldCounts = [9, 11, 12, 14, 13];

    /// <summary>The transaction and its sender, else what is wrong in words.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> raw,
        [NotNullWhen(true)] out SentTransaction? transaction,
        [NotNullWhen(false)] out string? refusal)
    {
        transaction = null;
        if (!TrySplit(raw, out var type, out var fields, out refusal))
            return false;
        var payload = Payload(type, fields, out var signature);
        refusal = fields.Refusal;
        if (refusal is not null)
            return false;
        if (!signature.TryRecover(payload.SigningHash(), out var sender))
        {
            refusal = "the signature is of no key, or has the higher s";
            return false;
        }
        transaction = new SentTransaction(payload, signature, sender, Keccak256.Hash(raw));
        return true;
    }

    private static bool TrySplit(
        ReadOnlySpan<byte> raw,
        out TransactionType type,
        [NotNullWhen(true)] out Fields? fields,
        [NotNullWhen(false)] out string? refusal)
    {
        (type, fields) = (default, null);
        if (raw.IsEmpty)
        {
            refusal = "there are no bytes";
            return false;
        }
        var isList = raw[0] >= 0xc0;
        type = isList ? TransactionType.Legacy : (TransactionType)raw[0];
        var body = isList ? raw : raw[1..];
        if (!isList && type is < TransactionType.AccessList or > TransactionType.SetCode)
            refusal = $"transactions of type 0x{raw[0]:x2} are not known here";
        else if (type == TransactionType.Blob && BeginsWithList(body))
            refusal = "the network form of a blob transaction, with its blobs, is not what blocks hold";
        else if (!Rlp.TryDecode(body.ToArray(), out var list) || !list.IsList)
            refusal = "the bytes are not one canonical RLP list of bounded size";
        else if (list.Items.Count != FieldCounts[(int)type])
            refusal = $"a transaction of type {(int)type} has {FieldCounts[(int)type]} fields, not {list.Items.Count}";
        else
        {
            (fields, refusal) = (new Fields(list.Items), null);
            return true;
        }
        return false;
    }

    /// <summary>Blobs are larger than what is decoded, so their form is told by the first item alone.</summary>
    private static bool BeginsWithList(ReadOnlySpan<byte> list)
    {
        if (list.IsEmpty || list[0] < 0xc0)
            return false;
        var start = list[0] < 0xf8 ? 1 : 1 + list[0] - 0xf7;
        return start < list.Length && list[start] >= 0xc0;
    }

    // The fields stand in the order of the envelope, and are read in it.
    private static TransactionPayload Payload(TransactionType type, Fields fields, out Signature signature)
    {
        ChainId? chain = type == TransactionType.Legacy ? null : new ChainId(fields.Number("chain id"));
        var nonce = fields.Number("nonce");
        var priorityFee = type >= TransactionType.FeeMarket ? fields.Word("priority fee") : UInt256.Zero;
        var payload = new TransactionPayload(
            type,
            chain,
            nonce,
            fields.Word("fee"),
            fields.Number("gas limit"),
            fields.Callee(optional: type < TransactionType.Blob),
            fields.Word("value"),
            fields.Bytes("data"))
        {
            MaxPriorityFeePerGasWei = priorityFee,
            AccessList = type == TransactionType.Legacy ? [] : fields.AccessList(),
            MaxFeePerBlobGasWei = type == TransactionType.Blob ? fields.Word("blob fee") : UInt256.Zero,
            BlobHashes = type == TransactionType.Blob ? fields.Hashes("blob hashes") : [],
            Authorizations = type == TransactionType.SetCode ? fields.Authorizations() : [],
        };
        var parity = fields.Word("parity");
        var (signedChain, yParity) = type == TransactionType.Legacy ? LegacyParity(fields, parity) : (chain, parity);
        if (yParity > 1)
            fields.Refuse($"{parity} is no parity of a signature");
        signature = new Signature(fields.Word("r"), fields.Word("s"), yParity.IsZero ? (byte)0 : (byte)1);
        return payload with { ChainId = signedChain };
    }

    /// <summary>27 or 28, or with a chain id chain × 2 + 35 or 36 (EIP-155).</summary>
    private static (ChainId? Chain, UInt256 YParity) LegacyParity(Fields fields, UInt256 v)
    {
        if (v == 27 || v == 28)
            return (null, v - 27);
        var chain = v < 35 ? UInt256.MaxValue : (v - 35) >> 1;
        if (chain <= ulong.MaxValue)
            return (new ChainId(chain.ToUInt64()), (v - 35) % 2);
        fields.Refuse($"v {v} names no signer and no chain");
        return default;
    }

    /// <summary>The items one after the other; what the first bad one lacks is kept, and the others are zero.</summary>
    private sealed class Fields(IReadOnlyList<RlpItem> items)
    {
        private int next;

        public string? Refusal { get; private set; }

        public void Refuse(string refusal) => Refusal ??= refusal;

        public ulong Number(string name)
        {
            if (!items[next++].TryReadUInt64(out var value))
                Refuse($"the {name} is no integer of 64 bits");
            return value;
        }

        public UInt256 Word(string name)
        {
            if (!items[next++].TryReadUInt256(out var value))
                Refuse($"the {name} is no integer of 256 bits");
            return value;
        }

        public byte[] Bytes(string name)
        {
            if (!items[next++].TryReadBytes(out var value))
                Refuse($"the {name} is a list");
            return value.ToArray();
        }

        public Address? Callee(bool optional)
        {
            var item = items[next++];
            if (item.TryReadAddress(out var address))
                return address;
            if (!optional || !item.TryReadBytes(out var bytes) || !bytes.IsEmpty)
                Refuse("the callee is no address");
            return null;
        }

        public ValueList<Hash32> Hashes(string name) => List(name, item =>
        {
            if (!item.TryReadHash(out var hash))
                Refuse($"one of the {name} has not 32 bytes");
            return hash;
        });

        public ValueList<AccessListEntry> AccessList() => List("access list", item =>
        {
            var entry = Inner(item, 2, "an entry of the access list");
            var read = new AccessListEntry(entry.Callee(optional: false) ?? default, entry.Hashes("storage keys"));
            Take(entry);
            return read;
        });

        public ValueList<Authorization> Authorizations() => List("authorization list", item =>
        {
            var entry = Inner(item, 6, "an authorization");
            var chain = entry.Word("chain id");
            var account = entry.Callee(optional: false) ?? default;
            var nonce = entry.Number("nonce");
            var parity = entry.Number("parity");
            // Chains skip an authorization that is not signed well, so such a one does not spoil the transaction.
            if (parity > byte.MaxValue)
                entry.Refuse($"{parity} is no parity of a signature");
            var signature = new Signature(entry.Word("r"), entry.Word("s"), (byte)(parity & byte.MaxValue));
            Take(entry);
            return new Authorization(chain, account, nonce, signature);
        });

        private ValueList<T> List<T>(string name, Func<RlpItem, T> read)
        {
            var item = items[next++];
            if (!item.IsList)
                Refuse($"the {name} is no list");
            var values = new List<T>();
            for (var i = 0; i < item.Items.Count && Refusal is null; i++)
                values.Add(read(item.Items[i]));
            return values.ToValueList();
        }

        private Fields Inner(RlpItem item, int count, string name)
        {
            if (item.IsList && item.Items.Count == count)
                return new Fields(item.Items);
            Refuse($"{name} is no list of {count}");
            return new Fields([.. Enumerable.Repeat(RlpItem.Empty, count)]);
        }

        private void Take(Fields inner)
        {
            if (inner.Refusal is { } refusal)
                Refuse(refusal);
        }
    }
}
