using System.Numerics;
using System.Text;
using System.Text.Json;
using Tocsin.Chains;

namespace Tocsin.Evm.Eip712;

/// <summary>Writes typed data as <c>eth_signTypedData_v4</c> takes it.</summary>
internal static class TypedDataWriter
{
    // Wallets read chain ids as JSON numbers, which hold integers exactly up to this one.
    private const ulong MaxExactInteger = (1UL << 53) - 1;

    public static string Write(
        StructTypes structs, string primaryType, Eip712Domain domain, IReadOnlyDictionary<string, object> message)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            WriteTypes(writer, structs);
            writer.WriteString("primaryType", primaryType);
            writer.WritePropertyName("domain");
            WriteDomain(writer, domain);
            writer.WritePropertyName("message");
            WriteStruct(writer, structs, primaryType, message);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteTypes(Utf8JsonWriter writer, StructTypes structs)
    {
        writer.WriteStartObject("types");
        foreach (var (name, fields) in structs.All)
        {
            writer.WriteStartArray(name);
            foreach (var field in fields)
            {
                writer.WriteStartObject();
                writer.WriteString("name", field.Name);
                writer.WriteString("type", field.Type);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static void WriteDomain(Utf8JsonWriter writer, Eip712Domain domain)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in domain.Values())
        {
            writer.WritePropertyName(name);
            if (value is UInt256 chain && chain <= MaxExactInteger)
                writer.WriteNumberValue(chain.ToUInt64());
            else
                WriteElementary(writer, value);
        }
        writer.WriteEndObject();
    }

    private static void WriteStruct(
        Utf8JsonWriter writer, StructTypes structs, string name, IReadOnlyDictionary<string, object> values)
    {
        writer.WriteStartObject();
        foreach (var (field, type) in structs.MembersOf(name))
        {
            writer.WritePropertyName(field);
            WriteValue(writer, structs, type, values[field]);
        }
        writer.WriteEndObject();
    }

    // As deep as the hash that was computed of the same values, which is bounded.
    private static void WriteValue(Utf8JsonWriter writer, StructTypes structs, MemberType type, object value)
    {
        switch (type)
        {
            case MemberType.Struct { Name: var name }:
                WriteStruct(writer, structs, name, (IReadOnlyDictionary<string, object>)value);
                break;
            case MemberType.Sequence { Element: var element }:
                writer.WriteStartArray();
                foreach (var item in (object[])value)
                    WriteValue(writer, structs, element, item);
                writer.WriteEndArray();
                break;
            default:
                WriteElementary(writer, value);
                break;
        }
    }

    private static void WriteElementary(Utf8JsonWriter writer, object value)
    {
        switch (value)
        {
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case byte[] bytes:
                writer.WriteStringValue(Hex.Format(bytes));
                break;
            case Address address:
                writer.WriteStringValue(ChecksumAddress.Format(address));
                break;
            case BigInteger number:
                writer.WriteStringValue(number.ToString());
                break;
            default:
                writer.WriteStringValue(value.ToString());
                break;
        }
    }
}
