using System.Text.Json;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Transactions;

namespace Tocsin.EndToEnd.Codecs;

/// <summary>A real node's block, with transactions of four types and logs of every kind, hashed again.</summary>
public sealed class BlocksOfAnvilTests
{
    // Writes one log of each kind, LOG0 to LOG4, with the word 7 as data; the topics are 1 to 4.
    private const string FiveLogs =
        "0x6007600052"
        + "60206000a0"
        + "600160206000a1"
        + "6002600160206000a2"
        + "60036002600160206000a3"
        + "600460036002600160206000a4"
        + "00";

    private static readonly PrivateKey Key = new([.. Enumerable.Repeat((byte)0x46, PrivateKey.ByteCount)]);

    [Fact]
    public async Task Hash_and_roots_of_a_block_are_what_its_contents_give()
    {
        var none = TestContext.Current.CancellationToken;
        await using var anvil = await Anvil.StartAsync(await Toolchain.PrepareAsync(_ => { }, none), none);
        await anvil.GiveEtherAsync(Key.Address, none);
        await anvil.Node.RequestAsync("evm_setAutomine", none, false);
        foreach (var type in Enum.GetValues<TransactionType>().Where(type => type != TransactionType.Blob))
            await anvil.Node.RequestAsync("eth_sendRawTransaction", none, Hex.Format(Payload(type).Sign(Key).Raw));
        await anvil.Node.RequestAsync("evm_mine", none);

        var block = await anvil.Node.RequestAsync("eth_getBlockByNumber", none, "latest", true);
        var receipts = (await anvil.Node.RequestAsync("eth_getBlockReceipts", none, "latest")).EnumerateArray()
            .ToList();

        Assert.True(HeaderReader.TryRead(block, out var header, out var refusal), refusal);
        Assert.Equal(RpcJson.Hash(block, "hash"), header.Hash());
        Assert.Equal(4, receipts.Count);
        var contents = receipts.Select(Content).ToArray();
        Assert.Equal(15, contents.Sum(content => content.Logs.Length));
        Assert.Equal(header.ReceiptsRoot, ReceiptsRoot.Of(contents));
        Assert.Equal(header.LogsBloom, LogsBloom.Of([.. contents.SelectMany(content => content.Logs.ToArray())]));
        var raws = Enum.GetValues<TransactionType>().Where(type => type != TransactionType.Blob)
            .Select(type => Payload(type).Sign(Key).Raw).ToList();
        Assert.Equal(header.TransactionsRoot, OrderedTrie.Root(raws));
    }

    // Three creations that write logs, and a call that lets the account act by other code.
    private static TransactionPayload Payload(TransactionType type)
    {
        var calls = type == TransactionType.SetCode;
        var nonce = calls ? 3UL : (ulong)type;
        var consent = new Authorization(0, Address.Zero, nonce + 1, default);
        return new TransactionPayload(
            type,
            Anvil.Chain,
            nonce,
            MaxFeePerGasWei: 20_000_000_000,
            GasLimit: 500_000,
            calls ? Key.Address : null,
            ValueWei: 0,
            calls ? [] : Hex.Parse(FiveLogs))
        {
            Authorizations = calls ? [consent with { Signature = Key.Sign(consent.SigningHash()) }] : [],
        };
    }

    private static ReceiptContent Content(JsonElement receipt) => new(
        RpcJson.Index(receipt, "type"),
        RpcJson.Number(receipt, "status") == 1,
        RpcJson.Number(receipt, "cumulativeGasUsed"),
        RpcJson.Array(receipt, "logs").EnumerateArray().Select(Written).ToArray());

    private static Log Written(JsonElement log) => new(
        RpcJson.Index(log, "logIndex"),
        RpcJson.Address(log, "address"),
        LogTopics.Create(
            [.. RpcJson.Array(log, "topics").EnumerateArray().Select(topic => Hash32.Parse(topic.GetString()))]),
        RpcJson.Bytes(log, "data"));
}
