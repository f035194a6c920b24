using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Abi;

namespace Tocsin.Tests.Evm;

public sealed class AbiEncodingTests
{
    /// <summary>The examples of the Solidity documentation, "Contract ABI Specification".</summary>
    [Fact]
    public void The_examples_of_the_specification()
    {
        AssertEncodes("baz(uint32,bool)", "0xcdcd77c0" + Word(0x45) + Word(1), 69, true);
        AssertEncodes(
            "bar(bytes3[2])",
            "0xfce353f6" + Left("616263") + Left("646566"),
            [new object[] { "abc"u8.ToArray(), "def"u8.ToArray() }]);
        AssertEncodes(
            "sam(bytes,bool,uint256[])",
            "0xa5643bf2" + Word(0x60) + Word(1) + Word(0xa0)
                + Word(4) + Left("64617665") + Word(3) + Word(1) + Word(2) + Word(3),
            "dave"u8.ToArray(),
            true,
            new object[] { 1, 2, 3 });
        AssertEncodes(
            "f(uint256,uint32[],bytes10,bytes)",
            "0x8be65246" + Word(0x123) + Word(0x80) + Left("31323334353637383930") + Word(0xe0)
                + Word(2) + Word(0x456) + Word(0x789) + Word(13) + Left("48656c6c6f2c20776f726c6421"),
            0x123,
            new object[] { 0x456, 0x789 },
            "1234567890"u8.ToArray(),
            "Hello, world!"u8.ToArray());
        AssertEncodes(
            "g(uint256[][],string[])",
            "0x2289b18c" + Word(0x40) + Word(0x140)
                + Word(2) + Word(0x40) + Word(0xa0) + Word(2) + Word(1) + Word(2) + Word(1) + Word(3)
                + Word(3) + Word(0x60) + Word(0xa0) + Word(0xe0)
                + Word(3) + Left("6f6e65") + Word(3) + Left("74776f") + Word(5) + Left("7468726565"),
            new object[] { new object[] { 1, 2 }, new object[] { 3 } },
            new[] { "one", "two", "three" });

        static void AssertEncodes(string signature, string expected, params object[] arguments) =>
            Assert.Equal(expected, Hex.Format(AbiFunction.Parse(signature).Encode(arguments)));
    }

    [Fact]
    public void What_is_encoded_decodes_to_the_same_values() => Prop.ForAll<int>(seed =>
    {
        var abi = new RandomAbi(seed);
        var parameters = abi.Parameters();
        var values = parameters.Select(parameter => abi.Value(parameter.Type)).ToArray();
        var decoded = AbiDecoder.Decode(parameters, AbiEncoder.Encode(parameters, values));
        Assert.Equal(RandomAbi.Describe(values), RandomAbi.Describe(decoded));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void Canonical_names_of_types_parse_to_the_same_type() => Prop.ForAll<int>(seed =>
    {
        var type = new RandomAbi(seed).Type(4);
        return AbiType.Parse(type.CanonicalName).CanonicalName == type.CanonicalName;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Damaged_data_is_refused_or_decodes_to_values_that_encode() => Prop.ForAll<int>(seed =>
    {
        var abi = new RandomAbi(seed);
        var parameters = abi.Parameters();
        var data = AbiEncoder.Encode(parameters, parameters.Select(parameter => abi.Value(parameter.Type)).ToArray());
        try
        {
            AbiEncoder.Encode(parameters, AbiDecoder.Decode(parameters, abi.Damage(data)));
        }
        catch (AbiException)
        {
            // The only exception that hostile data may cause.
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    public static TheoryData<string, string, string> HostileData => new()
    {
        { "uint8", Word(256), "wider than its type" },
        { "int8", Word(128), "beyond the sign" },
        { "int8", "ff" + Word(0)[2..], "dirty upper bits" },
        { "bool", Word(2), "no bool" },
        { "address", "01" + Word(0)[2..], "dirty upper bits" },
        { "bytes4", Left("0102030405"), "dirty lower bits" },
        { "function", Left(new string('1', 50)), "dirty lower bits" },
        { "uint256", "", "no data" },
        { "uint256", Word(1)[2..], "one byte short" },
        { "bytes", Word(0x20), "no length" },
        { "bytes", Word(0x20) + Word(1), "no payload" },
        { "bytes", Word(0x21) + Word(0), "offset beyond the data's words" },
        { "bytes", Max, "huge offset" },
        { "bytes", Word(0x20) + Max, "huge length" },
        { "bytes", Word(0x20) + Word(int.MaxValue), "length of 2 GiB" },
        { "uint256[]", Word(0x20) + Max, "huge count" },
        { "uint256[]", Word(0x20) + Word(2) + Word(1), "count beyond the data" },
        { "bytes32[1000]", Word(1), "fixed array beyond the data" },
        { "string[1000]", Word(0x20) + Word(1), "fixed array of dynamic elements beyond the data" },
        { "(uint256,bytes)", Word(0x20) + Word(1) + Word(0x1000), "offset within a tuple beyond the data" },
        { "uint256[][]", Word(0x20) + Word(1) + Word(0x40), "inner offset beyond the data" },
    };

    private static string Max => new('f', 64);

    [Theory]
    [MemberData(nameof(HostileData))]
    public void Hostile_data_is_refused(string type, string data, string why)
    {
        AbiParameter[] parameters = [new("", AbiType.Parse(type))];
        var refused = Record.Exception(() => AbiDecoder.Decode(parameters, Hex.Parse("0x" + data)));
        Assert.True(refused is AbiException, why);
    }

    [Fact]
    public void Offsets_that_lead_to_the_same_bytes_do_not_unfold_without_end()
    {
        // Every element of every level is the next level's array, so ten levels of 64 would make 64^10 values.
        const int count = 64;
        var level = Word(count) + string.Concat(Enumerable.Range(0, count).Select(_ => Word(count * 32)));
        var data = Word(0x20) + string.Concat(Enumerable.Repeat(level, 10)) + Word(0);
        AbiParameter[] parameters = [new("", AbiType.Parse("uint256" + string.Concat(Enumerable.Repeat("[]", 11))))];
        var refused = Assert.Throws<AbiException>(() => AbiDecoder.Decode(parameters, Hex.Parse("0x" + data)));
        Assert.Contains("again and again", refused.Message);
    }

    [Theory]
    [InlineData("bytes", "0x0102", "trailing and missing padding")]
    public void What_Solidity_accepts_is_accepted(string type, string expected, string why)
    {
        AbiParameter[] parameters = [new("", AbiType.Parse(type))];
        foreach (var tail in new[] { "0102", Left("0102"), "0102ffff", Left("0102") + Word(7) })
        {
            var decoded = AbiDecoder.Decode(parameters, Hex.Parse("0x" + Word(0x20) + Word(2) + tail));
            Assert.True(Hex.Format((byte[])decoded[0]) == expected, why);
        }
    }

    [Fact]
    public void Text_that_is_no_UTF8_still_reads() => Assert.Equal(
        "a\ufffd",
        AbiDecoder.Decode([new("", new AbiType.Text())], Hex.Parse("0x" + Word(0x20) + Word(2) + Left("61ff")))[0]);

    public static TheoryData<string, object> ValuesThatDoNotFit => new()
    {
        { "uint8", (UInt256)256 },
        { "uint8", -1 },
        { "uint64", new BigInteger(ulong.MaxValue) + 1 },
        { "uint256", BigInteger.One << 256 },
        { "int8", 128 },
        { "int8", -129 },
        { "int256", UInt256.MaxValue },
        { "uint8", "1" },
        { "uint8", 1.0 },
        { "address", "0x0000000000000000000000000000000000000001" },
        { "bool", 1 },
        { "bytes4", new byte[3] },
        { "bytes31", Hash32.Zero },
        { "function", new byte[23] },
        { "bytes", "0x01" },
        { "string", new byte[1] },
        { "string", "\ud800" },
        { "uint8[2]", new object[] { 1 } },
        { "uint8[]", 1 },
        { "uint8[]", new object[] { 1, 256 } },
        { "(uint8,bool)", new object[] { 1 } },
    };

    [Theory]
    [MemberData(nameof(ValuesThatDoNotFit), DisableDiscoveryEnumeration = true)]
    public void Values_that_do_not_fit_their_type_are_refused(string type, object value)
    {
        var refused = Assert.Throws<AbiException>(() => AbiFunction.Parse($"f({type})").Encode(value));
        Assert.StartsWith("f(", refused.Message);
    }

    [Fact]
    public void The_ends_of_every_integer_width_survive()
    {
        for (var bits = 8; bits <= 256; bits += 8)
        {
            var (top, half) = (BigInteger.One << bits, BigInteger.One << (bits - 1));
            AssertSurvives(new AbiType.UnsignedInteger(bits), (UInt256)(top - 1));
            AssertSurvives(new AbiType.SignedInteger(bits), half - 1);
            AssertSurvives(new AbiType.SignedInteger(bits), -half);
        }

        static void AssertSurvives(AbiType type, object value) =>
            Assert.Equal(value, AbiDecoder.Decode([new("", type)], AbiEncoder.Encode([new("", type)], value))[0]);
    }

    [Fact]
    public void A_hash_is_a_value_for_bytes32_and_a_list_for_an_array()
    {
        var pause = AbiFunction.Parse("pause(bytes32 module,uint64 durationSeconds,bytes32 reasonCode)");
        var input = pause.Encode(Keccak256.Hash("minting"), 3_600UL, Hash32.Zero);
        var arguments = pause.DecodeArguments(input);
        Assert.Equal(Keccak256.Hash("minting").ToArray(), Assert.IsType<byte[]>(arguments[0]));
        Assert.Equal((UInt256)3_600, arguments[1]);
        ValueList<Address> owners = [Address.Zero];
        Assert.Equal(4 + (3 * 32), AbiFunction.Parse("f(address[])").Encode(owners).Length);
    }

    [Fact]
    public void Arguments_of_another_function_are_refused()
    {
        var function = AbiFunction.Parse("f(uint256)");
        Assert.Throws<AbiException>(() => function.DecodeArguments(AbiFunction.Parse("g(uint256)").Encode(1)));
        Assert.Throws<AbiException>(() => function.DecodeArguments([1, 2, 3]));
        Assert.Throws<AbiException>(() => function.Encode());
        Assert.Throws<AbiException>(() => function.Encode(1, 2));
    }

    [Fact]
    public void An_address_without_code_answers_no_result() =>
        Assert.Throws<AbiException>(() => AbiFunction.Parse("paused() returns (bool)").DecodeResult([]));

    private static string Word(int value) => value.ToString("x64");

    private static string Left(string digits) => digits.PadRight((digits.Length + 63) / 64 * 64, '0');
}
