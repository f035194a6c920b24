using System.Text;
using Tocsin.Evm.Blocks;

namespace Tocsin.Tests.Chain;

/// <summary>A block of many transactions with three logs each and a true bloom, as its bytes.</summary>
internal sealed record BigBlock(byte[] Block, byte[] Receipts)
{
    private const int LogsEach = 3;

    public static BigBlock Of(int transactions)
    {
        var hash = FakeBlock.Digest($"big {transactions}").ToString();
        var place = $"\"blockHash\":\"{hash}\",\"blockNumber\":\"0x7\"";
        var bodies = Enumerable.Range(0, transactions).Select(index =>
            $$"""
            {"hash":"{{FakeBlock.Digest($"{index}")}}","transactionIndex":"0x{{index:x}}",{{place}},
            "from":"{{FakeBlock.Sender}}","to":"{{FakeBlock.Contract}}","nonce":"0x1","value":"0x0",
            "input":"0x{{new string('a', 2 * (index % 300))}}"}
            """);
        var receipts = Enumerable.Range(0, transactions).Select(index =>
            $$"""
            {"transactionHash":"{{FakeBlock.Digest($"{index}")}}","transactionIndex":"0x{{index:x}}",{{place}},
            "status":"0x1","gasUsed":"0x5208","to":"{{FakeBlock.Contract}}","logs":[
            {{string.Join(',', Enumerable.Range(0, LogsEach).Select(log => LogText(index, log, place)))}}]}
            """);
        var bloom = LogsBloom.Of([.. Enumerable.Range(0, transactions * LogsEach).Select(index => new Log(
            index, Tocsin.Chains.Address.Parse(FakeBlock.Contract), [FakeBlock.Digest($"topic {index}")], default))]);
        var block = $$"""
            {"number":"0x7","hash":"{{hash}}","parentHash":"{{hash}}","timestamp":"0x1","logsBloom":"{{bloom}}",
            "transactions":[{{string.Join(',', bodies)}}]}
            """;
        return new BigBlock(Encoding.UTF8.GetBytes(block), Encoding.UTF8.GetBytes($"[{string.Join(',', receipts)}]"));
    }

    private static string LogText(int transaction, int log, string place)
    {
        var index = (LogsEach * transaction) + log;
        return $$"""
            {"address":"{{FakeBlock.Contract}}","topics":["{{FakeBlock.Digest($"topic {index}")}}"],
            "data":"0x{{new string('b', 2 * (index % 200))}}","logIndex":"0x{{index:x}}",{{place}},
            "transactionHash":"{{FakeBlock.Digest($"{transaction}")}}","transactionIndex":"0x{{transaction:x}}"}
            """;
    }
}
