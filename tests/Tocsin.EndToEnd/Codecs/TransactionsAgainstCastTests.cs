using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Transactions;
using Tocsin.Tests.Evm;

namespace Tocsin.EndToEnd.Codecs;

/// <summary>
/// 5,000 random transactions, a thousand of each type, written and signed by us and read by <c>cast
/// decode-transaction</c>, which takes one a call; two shells call it. Its signer and hash hold every field, since both
/// are hashes of all of them. Ninety more are written by <c>cast mktx</c> and read by us.
/// </summary>
public sealed class TransactionsAgainstCastTests
{
    private const int CountOfAType = 1_000;
    private const int CountOfOthers = 30;

    private static readonly byte[] Secret = [.. Enumerable.Repeat((byte)0x46, PrivateKey.ByteCount)];
    private static readonly PrivateKey Key = new(Secret);

    private readonly int seed = Random.Shared.Next();

    [Fact]
    public async Task Five_thousand_transactions_of_all_types_are_read_by_cast_as_we_wrote_them()
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var foundry = await Foundry.PrepareAsync();
        var random = new RandomTransactions(seed);
        var payloads = Enum.GetValues<TransactionType>()
            .SelectMany(type => Enumerable.Range(0, CountOfAType).Select(_ => random.Payload(type)))
            .ToList();
        var signed = payloads.AsParallel().AsOrdered().Select(payload => payload.Sign(Key)).ToList();

        var answers = await foundry.RunForEachAsync(
            "decode-transaction", [.. signed.Select(transaction => Hex.Format(transaction.Raw))]);

        Assert.Equal(payloads.Count, answers.Count);
        for (var i = 0; i < answers.Count; i++)
            AssertSame(payloads[i], signed[i], JsonSerializer.Deserialize<JsonElement>(Unquoted(answers[i])));
    }

    [Theory]
    [InlineData(TransactionType.Legacy, "--legacy")]
    [InlineData(TransactionType.AccessList, "--legacy", "--access-list", AccessList)]
    [InlineData(TransactionType.FeeMarket, "--priority-gas-price", "7", "--access-list", AccessList)]
    public async Task What_cast_writes_is_read(TransactionType type, params string[] options)
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var foundry = await Foundry.PrepareAsync();
        var random = new RandomTransactions(seed);
        for (var i = 0; i < CountOfOthers; i++)
        {
            var wanted = random.Payload(type);
            var to = wanted.To ?? Address.Zero;
            string[] fixedPart =
            [
                "mktx", "--private-key", Hex.Format(Secret), "--chain", "31337", "--nonce", $"{wanted.Nonce}",
                "--gas-limit", $"{wanted.GasLimit}", "--gas-price", $"{wanted.MaxFeePerGasWei}", "--value",
                $"{wanted.ValueWei}", to.ToString(), Hex.Format(wanted.Data),
            ];
            var raw = Hex.Parse(await foundry.RunAsync([.. fixedPart, .. options]));

            Assert.True(TransactionReader.TryRead(raw, out var read, out var refusal), refusal);
            var payload = read.Payload;
            Assert.Equal((Key.Address, type), (read.Sender, payload.Type));
            Assert.Equal(
                (wanted.Nonce, wanted.GasLimit, wanted.MaxFeePerGasWei, wanted.ValueWei, to),
                (payload.Nonce, payload.GasLimit, payload.MaxFeePerGasWei, payload.ValueWei, payload.To));
            Assert.Equal(wanted.Data, payload.Data);
            Assert.Equal(type == TransactionType.Legacy ? 0 : 1, payload.AccessList.Count);
        }
    }

    private const string AccessList =
        """[{"address":"0x0000000000000000000000000000000000000001","storageKeys":[]}]""";

    private static void AssertSame(TransactionPayload payload, SignedTransaction signed, JsonElement theirs)
    {
        Assert.Equal(Key.Address.ToString(), Text(theirs, "signer"));
        Assert.Equal(signed.Hash.ToString(), Text(theirs, "hash"));
        Assert.Equal((ulong)payload.Type, Number(theirs, "type"));
        Assert.Equal(payload.Nonce, Number(theirs, "nonce"));
        Assert.Equal(payload.GasLimit, Number(theirs, "gas"));
        Assert.Equal(payload.ValueWei, Number(theirs, "value"));
        Assert.Equal(Hex.Format(payload.Data), Text(theirs, "input"));
        Assert.Equal(payload.To?.ToString(), theirs.GetProperty("to").GetString());

        // And back: what cast read is what we read.
        Assert.True(TransactionReader.TryRead(signed.Raw, out var read, out var refusal), refusal);
        Assert.Equal(payload, read.Payload);
        Assert.Equal(Key.Address, read.Sender);
    }

    /// <summary>cast prints its JSON as one JSON text.</summary>
    private static string Unquoted(string answer) => JsonSerializer.Deserialize<string>(answer)!;

    private static UInt256 Number(JsonElement parent, string name) => UInt256.Parse(Text(parent, name));

    private static string Text(JsonElement parent, string name) => parent.GetProperty(name).GetString()!;
}
