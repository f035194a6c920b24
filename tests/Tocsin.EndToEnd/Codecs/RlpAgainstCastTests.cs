using System.Text.Json.Nodes;
using Tocsin.Chains;
using Tocsin.Evm;

namespace Tocsin.EndToEnd.Codecs;

/// <summary>
/// At least 5,000 random byte strings in lists of lists, encoded and decoded by cast and by us. A call of cast takes
/// one nested list of about 200 strings, so that there are some 25 calls each way.
/// </summary>
public sealed class RlpAgainstCastTests
{
    private const int StringCount = 5_000;
    private const int StringsOfAList = 200;

    private readonly int seed = Random.Shared.Next();

    [Fact]
    public async Task Five_thousand_strings_are_encoded_and_decoded_as_cast_does()
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var foundry = await Foundry.PrepareAsync();
        var random = new Random(seed);
        for (var done = 0; done < StringCount;)
        {
            var left = StringsOfAList;
            var list = new JsonArray();
            while (left > 0)
                list.Add(Item(random, depth: 0, ref left));
            done += StringsOfAList;

            var encoded = Encoded(list);
            Assert.Equal(await foundry.RunAsync("to-rlp", list.ToJsonString()), Hex.Format(encoded));

            Assert.True(Rlp.TryDecode(encoded, out var item));
            var theirs = await foundry.RunAsync("from-rlp", Hex.Format(encoded));
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(theirs), Json(item)));
        }
    }

    // Lists of lists down to the depth that is decoded, the outermost among them.
    private static JsonNode Item(Random random, int depth, ref int left)
    {
        if (depth == Rlp.MaxDepth - 1 || random.Next(3) > 0)
        {
            left--;
            return JsonValue.Create(Hex.Format(Bytes(random)));
        }
        var list = new JsonArray();
        for (var count = random.Next(0, 5); count > 0 && left > 0; count--)
            list.Add(Item(random, depth + 1, ref left));
        return list;
    }

    // Most are short; some reach over the border of the long form.
    private static byte[] Bytes(Random random)
    {
        var bytes = new byte[random.Next(8) == 0 ? random.Next(50, 300) : random.Next(0, 34)];
        random.NextBytes(bytes);
        if (bytes.Length == 1)
            bytes[0] &= (byte)random.Next(256);
        return bytes;
    }

    private static byte[] Encoded(JsonNode item) => item is JsonArray list
        ? Rlp.EncodeList([.. list.Select(inner => Encoded(inner!))])
        : Rlp.Encode(Hex.Parse(item.GetValue<string>()));

    private static JsonNode Json(RlpItem item) => item.TryReadBytes(out var bytes)
        ? JsonValue.Create(Hex.Format(bytes))
        : new JsonArray([.. item.Items.Select(Json)]);
}
