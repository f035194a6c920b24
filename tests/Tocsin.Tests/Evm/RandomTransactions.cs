using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Transactions;

namespace Tocsin.Tests.Evm;

/// <summary>Payloads of every type, all from one seed.</summary>
internal sealed class RandomTransactions(int seed)
{
    private readonly Random random = new(seed);

    public TransactionPayload Payload() => Payload((TransactionType)random.Next(5));

    public TransactionPayload Payload(TransactionType type)
    {
        var creates = type < TransactionType.Blob && random.Next(4) == 0;
        return new TransactionPayload(
            type,
            type == TransactionType.Legacy && random.Next(3) == 0 ? null : new ChainId(Number() >> 2),
            Number(),
            Word(16),
            Number(),
            creates ? null : Account(),
            Word(32),
            Bytes(random.Next(0, 200)))
        {
            MaxPriorityFeePerGasWei = type >= TransactionType.FeeMarket ? Word(16) : UInt256.Zero,
            AccessList = type == TransactionType.Legacy ? [] : Some(() => new AccessListEntry(Account(), Some(Hash))),
            MaxFeePerBlobGasWei = type == TransactionType.Blob ? Word(16) : UInt256.Zero,
            BlobHashes = type == TransactionType.Blob ? Some(Hash).Add(Hash()) : [],
            Authorizations = type == TransactionType.SetCode ? Some(Consent) : [],
        };
    }

    private Authorization Consent() => new(
        Number() >> 2, Account(), Number(), new Signature(Word(32), Word(32), (byte)random.Next(2)));

    private ValueList<T> Some<T>(Func<T> next) =>
        Enumerable.Range(0, random.Next(0, 4)).Select(_ => next()).ToValueList();

    private ulong Number() => new UInt256(Bytes(random.Next(0, 9))).ToUInt64();

    private UInt256 Word(int byteCountMax) => new(Bytes(random.Next(0, byteCountMax + 1)));

    private Address Account() => new(Bytes(Address.ByteCount));

    private Hash32 Hash() => new(Bytes(Hash32.ByteCount));

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
