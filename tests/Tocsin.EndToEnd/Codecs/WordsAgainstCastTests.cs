using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Abi;

namespace Tocsin.EndToEnd.Codecs;

/// <summary>
/// 5,000 random words of every length and 5,000 random addresses. cast writes numbers in decimal and addresses with
/// their checksum where it decodes an array of them, 500 a call; it reads decimal where it encodes one. Its shifts take
/// a call each, so there are 400 of them.
/// </summary>
public sealed class WordsAgainstCastTests
{
    private const int Count = 5_000;
    private const int CountOfACall = 500;
    private const int ShiftCount = 400;

    private readonly Random random;

    public WordsAgainstCastTests()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        random = new Random(seed);
    }

    [Fact]
    public async Task Five_thousand_addresses_carry_the_checksum_that_cast_gives_them()
    {
        var foundry = await Foundry.PrepareAsync();
        foreach (var addresses in Several(() => new Address(Bytes(Address.ByteCount))))
        {
            var theirs = await DecodedAsync(foundry, "address[]", [.. addresses.Cast<object>()]);
            Assert.Equal(theirs, addresses.Select(ChecksumAddress.Format));
            Assert.All(addresses.Zip(theirs), pair =>
            {
                Assert.Equal(AddressCheck.Good, ChecksumAddress.Check(pair.Second, out var read));
                Assert.Equal(pair.First, read);
            });
        }
    }

    [Fact]
    public async Task Five_thousand_words_are_written_and_read_in_decimal_and_hexadecimal_as_cast_does()
    {
        var foundry = await Foundry.PrepareAsync();
        foreach (var words in Several(Word))
        {
            var decimals = await DecodedAsync(foundry, "uint256[]", [.. words.Cast<object>()]);
            Assert.Equal(decimals, words.Select(word => word.ToString()));
            Assert.Equal(words, decimals.Select(text => UInt256.Parse(text)));

            var list = $"[{string.Join(',', words.Select(word => word.ToQuantity()))}]";
            var hexadecimal = await foundry.RunAsync("abi-encode", "f(uint256[])", list);
            Assert.Equal(hexadecimal[(2 + (2 * 64))..], string.Concat(words.Select(Digits)));
        }
    }

    [Fact]
    public async Task Words_are_shifted_as_cast_shifts_them()
    {
        var foundry = await Foundry.PrepareAsync();
        for (var i = 0; i < ShiftCount / 2; i++)
        {
            var (bits, word) = (random.Next(0, 256), Word());
            var shifted = word >> bits;
            Assert.Equal(await ShiftedAsync("shr", word, bits), shifted);
            Assert.Equal(await ShiftedAsync("shl", shifted, bits), shifted << bits);
        }

        async Task<UInt256> ShiftedAsync(string direction, UInt256 value, int bits) =>
            UInt256.Parse(await foundry.RunAsync(direction, value.ToQuantity(), bits.ToString()));
    }

    private static async Task<string[]> DecodedAsync(Foundry foundry, string type, object[] values)
    {
        var data = Hex.Format(AbiEncoder.Encode([new("", AbiType.Parse(type))], [values]));
        var json = await foundry.RunForJsonAsync("decode-abi", $"f()({type})", data);
        return [.. json[0].EnumerateArray().Select(value => value.ToString())];
    }

    private static IEnumerable<T[]> Several<T>(Func<T> next) => Enumerable.Range(0, Count).Select(_ => next())
        .Chunk(CountOfACall);

    private UInt256 Word() => new(Bytes(random.Next(0, UInt256.ByteCount + 1)));

    private static string Digits(UInt256 word) => Convert.ToHexStringLower(word.ToArray());

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
