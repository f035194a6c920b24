using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm.Abi;

namespace Tocsin.Evm.Eip712;

/// <summary>Reads the JSON of <c>eth_signTypedData_v4</c>, bounded, and refuses what would not be signed.</summary>
internal static class TypedDataReader
{
    private const int MaxLength = 256 * 1024;

    // A struct in an array takes two levels of JSON.
    private const int MaxJsonDepth = (2 * StructTypes.MaxDepth) + 4;

    private static readonly string[] Parts = ["types", "primaryType", "domain", "message"];

    public static TypedData Read(string json)
    {
        if (json.Length > MaxLength)
            throw new FormatException($"typed data of {json.Length} characters is longer than {MaxLength}");
        try
        {
            var options = new JsonDocumentOptions { MaxDepth = MaxJsonDepth, AllowDuplicateProperties = false };
            using var document = JsonDocument.Parse(json, options);
            return Read(document.RootElement);
        }
        catch (Exception exception)
            when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            // The last two are text with half a surrogate pair, raw or escaped.
            throw new FormatException($"typed data is not JSON: {exception.Message}", exception);
        }
    }

    private static TypedData Read(JsonElement root)
    {
        Expect(root, JsonValueKind.Object, "typed data");
        var names = root.EnumerateObject().Select(property => property.Name);
        if (names.FirstOrDefault(name => !Parts.Contains(name)) is { } stray)
            throw new FormatException($"typed data has no part '{stray}'");
        var types = ReadTypes(Property(root, "types", JsonValueKind.Object));
        var domain = ReadDomain(Property(root, "domain", JsonValueKind.Object));
        if (!types.Remove(Eip712Domain.TypeName, out var domainFields) || !domainFields.Equals(domain.Fields()))
            throw new FormatException($"'{Eip712Domain.TypeName}' does not list the domain's fields in their order");
        var primaryType = Property(root, "primaryType", JsonValueKind.String).GetString()!;
        var structs = new StructTypes(domain, types);
        var message = ReadStruct(structs, primaryType, Property(root, "message", JsonValueKind.Object), depth: 0);
        return new TypedData(domain, types, primaryType, message);
    }

    private static Dictionary<string, ValueList<TypedDataField>> ReadTypes(JsonElement types)
    {
        var read = new Dictionary<string, ValueList<TypedDataField>>(StringComparer.Ordinal);
        foreach (var type in types.EnumerateObject())
        {
            Expect(type.Value, JsonValueKind.Array, type.Name);
            read.Add(type.Name, type.Value.EnumerateArray().Select(ReadField).ToValueList());
        }
        return read;
    }

    private static TypedDataField ReadField(JsonElement field)
    {
        Expect(field, JsonValueKind.Object, "a field");
        return new TypedDataField(
            Property(field, "name", JsonValueKind.String).GetString()!,
            Property(field, "type", JsonValueKind.String).GetString()!);
    }

    private static Eip712Domain ReadDomain(JsonElement domain)
    {
        var values = new Dictionary<string, object>();
        foreach (var property in domain.EnumerateObject())
        {
            var field = Eip712Domain.AllFields.FirstOrDefault(field => field.Name == property.Name)
                ?? throw new FormatException($"a domain has no field '{property.Name}'");
            values.Add(field.Name, ReadElementary(AbiType.Parse(field.Type), property.Value));
        }
        var chain = values.TryGetValue("chainId", out var chainId) ? (UInt256)chainId : (UInt256?)null;
        if (chain > ulong.MaxValue)
            throw new FormatException($"the chain id {chain} needs more than 64 bits");
        return new Eip712Domain(
            (string?)values.GetValueOrDefault("name"),
            (string?)values.GetValueOrDefault("version"),
            chain is { } id ? new ChainId(id.ToUInt64()) : null,
            (Address?)values.GetValueOrDefault("verifyingContract"),
            values.TryGetValue("salt", out var salt) ? new Hash32((byte[])salt) : null);
    }

    private static Dictionary<string, object> ReadStruct(StructTypes structs, string name, JsonElement value, int depth)
    {
        Expect(value, JsonValueKind.Object, name);
        if (depth > StructTypes.MaxDepth)
            throw new FormatException($"values nest deeper than {StructTypes.MaxDepth}");
        var members = structs.MembersOf(name).ToDictionary(member => member.Name, member => member.Type);
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
        {
            if (!members.TryGetValue(property.Name, out var type))
                throw new FormatException($"'{name}' has no field '{property.Name}', so it would not be signed");
            values.Add(property.Name, ReadValue(structs, type, property.Value, depth));
        }
        return values;
    }

    private static object ReadValue(StructTypes structs, MemberType type, JsonElement value, int depth)
    {
        switch (type)
        {
            case MemberType.Struct { Name: var name }:
                return ReadStruct(structs, name, value, depth + 1);
            case MemberType.Sequence { Element: var element }:
                Expect(value, JsonValueKind.Array, "an array");
                return value.EnumerateArray().Select(item => ReadValue(structs, element, item, depth + 1)).ToArray();
            case MemberType.Elementary elementary:
                return ReadElementary(elementary.Type, value);
            default:
                throw new FormatException($"{type} is not read");
        }
    }

    private static object ReadElementary(AbiType type, JsonElement value) => type switch
    {
        AbiType.Flag => value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw new FormatException($"a bool is true or false, not {value.ValueKind}"),
        AbiType.Text => Text(value),
        AbiType.Account => ReadAddress(Text(value)),
        AbiType.Bytes or AbiType.FixedBytes => ReadBytes(type, Text(value)),
        AbiType.SignedInteger => ReadInteger(value),
        AbiType.UnsignedInteger => ReadInteger(value) is { Sign: >= 0 } number && number.GetBitLength() <= 256
            ? (UInt256)number
            : throw new FormatException($"a value is not a {type}"),
        _ => throw new FormatException($"{type} is not read"),
    };

    private static Address ReadAddress(string text) => ChecksumAddress.Check(text, out var address) switch
    {
        AddressCheck.Good => address,
        AddressCheck.NotAnAddress => throw new FormatException("a value is not an address"),
        AddressCheck.WrongChecksum => throw new FormatException($"the checksum of the address {text} is wrong"),
    };

    private static byte[] ReadBytes(AbiType type, string text)
    {
        var bytes = Hex.Parse(text);
        return type is AbiType.FixedBytes { ByteCount: var count } && bytes.Length != count
            ? throw new FormatException($"{type} holds {count} bytes, not {bytes.Length}")
            : bytes;
    }

    /// <summary>A JSON number without fraction and exponent, or text in decimal or 0x hexadecimal.</summary>
    private static BigInteger ReadInteger(JsonElement value)
    {
        var text = value.ValueKind == JsonValueKind.Number ? value.GetRawText() : Text(value);
        if (UInt256.TryParseQuantity(text, out var quantity))
            return (BigInteger)quantity;
        return text.Length <= 80
            && BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException("a value is not an integer");
    }

    private static string Text(JsonElement value)
    {
        Expect(value, JsonValueKind.String, "a value");
        return value.GetString()!;
    }

    private static JsonElement Property(JsonElement parent, string name, JsonValueKind kind)
    {
        if (!parent.TryGetProperty(name, out var value))
            throw new FormatException($"'{name}' is missing");
        Expect(value, kind, name);
        return value;
    }

    private static void Expect(JsonElement value, JsonValueKind kind, string what)
    {
        if (value.ValueKind != kind)
            throw new FormatException($"'{what}' must be {kind}, not {value.ValueKind}");
    }
}
