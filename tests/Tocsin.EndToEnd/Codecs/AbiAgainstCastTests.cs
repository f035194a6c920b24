using System.Numerics;
using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Tests.Evm;

namespace Tocsin.EndToEnd.Codecs;

/// <summary>
/// At least 5,000 random values over all types, nested three deep, encoded and decoded by cast and by us. A call of
/// cast takes one tuple of as many values as its argument holds, about 40, so that there are about 130 calls each way.
/// </summary>
public sealed class AbiAgainstCastTests
{
    private const int ValueCount = 5_000;

    private readonly int seed = Random.Shared.Next();

    [Fact]
    public async Task Five_thousand_values_are_encoded_as_cast_encodes_them()
    {
        var foundry = await PrepareAsync();
        var abi = new RandomAbi(seed);
        for (var done = 0; done < ValueCount;)
        {
            var (type, values) = Tuple(abi, withFunctions: true);
            var expected = await foundry.RunAsync("abi-encode", $"f({type})", Literal(type, values));
            Assert.Equal(expected, Hex.Format(AbiEncoder.Encode([new("", type)], [values])));
            done += values.Length;
        }
    }

    [Fact]
    public async Task Five_thousand_values_are_decoded_as_cast_decodes_them()
    {
        var foundry = await PrepareAsync();
        var abi = new RandomAbi(seed);
        for (var done = 0; done < ValueCount;)
        {
            // cast cannot print a value of the type function; its encoding is compared above.
            var (type, values) = Tuple(abi, withFunctions: false);
            var data = AbiEncoder.Encode([new("", type)], [values]);
            var theirs = await foundry.RunForJsonAsync("decode-abi", $"f()({type})", Hex.Format(data));
            AssertSame(type, AbiDecoder.Decode([new("", type)], data)[0], theirs[0]);
            done += values.Length;
        }
    }

    private async Task<Foundry> PrepareAsync()
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        return await Foundry.PrepareAsync();
    }

    private static (AbiType.Tuple Type, object[] Values) Tuple(RandomAbi abi, bool withFunctions)
    {
        var components = new List<AbiParameter>();
        var values = new List<object>();
        for (var length = 0; length < Foundry.ArgumentLengthMax / 8;)
        {
            var type = abi.Type(3);
            if (!withFunctions && type.CanonicalName.Contains("function", StringComparison.Ordinal))
                continue;
            components.Add(new AbiParameter("", type));
            values.Add(abi.Value(type));
            length += 2 * AbiEncoder.Encode([components[^1]], [values[^1]]).Length;
        }
        return (new AbiType.Tuple(components.ToValueList()), [.. values]);
    }

    /// <summary>A value as cast reads it.</summary>
    private static string Literal(AbiType type, object value) => (type, value) switch
    {
        (_, bool flag) => flag ? "true" : "false",
        (_, string text) => $"\"{text}\"",
        (_, byte[] bytes) => Hex.Format(bytes),
        (AbiType.Tuple tuple, object[] items) =>
            $"({string.Join(',', items.Zip(tuple.Components, (item, part) => Literal(part.Type, item)))})",
        (AbiType.DynamicArray array, object[] items) => List(array.Element, items),
        (AbiType.FixedArray array, object[] items) => List(array.Element, items),
        _ => value.ToString()!,
    };

    private static string List(AbiType element, object[] items) =>
        $"[{string.Join(',', items.Select(item => Literal(element, item)))}]";

    private static void AssertSame(AbiType type, object mine, JsonElement theirs)
    {
        switch (mine)
        {
            case object[] items:
                Assert.Equal(items.Length, theirs.GetArrayLength());
                for (var i = 0; i < items.Length; i++)
                    AssertSame(ElementOf(type, i), items[i], theirs[i]);
                break;
            case bool flag:
                Assert.Equal(flag, theirs.GetBoolean());
                break;
            case byte[] bytes:
                Assert.Equal(Hex.Format(bytes), theirs.GetString());
                break;
            case Address address:
                Assert.Equal(ChecksumAddress.Format(address), theirs.GetString());
                break;
            case UInt256 or BigInteger:
                // Numbers that JavaScript cannot hold are text.
                Assert.Equal(mine.ToString(), theirs.ToString());
                break;
            default:
                Assert.Equal((string)mine, theirs.GetString());
                break;
        }
    }

    private static AbiType ElementOf(AbiType type, int index) => type switch
    {
        AbiType.Tuple tuple => tuple.Components[index].Type,
        AbiType.FixedArray array => array.Element,
        AbiType.DynamicArray array => array.Element,
        _ => throw new ArgumentException(type.CanonicalName, nameof(type)),
    };
}
