using System.Buffers;
using System.Collections;
using System.Text.Json;
using Tocsin.Chains;

namespace Tocsin.Chain;

/// <summary>Requests as JSON-RPC 2.0 writes them.</summary>
internal static class RpcParameters
{
    public static ReadOnlyMemory<byte> Envelope(long id, string method, Action<Utf8JsonWriter> parameters)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
            Write(writer, id, method, parameters);
        return bytes.WrittenMemory;
    }

    /// <summary>One request object.</summary>
    public static void Write(Utf8JsonWriter writer, long id, string method, Action<Utf8JsonWriter> parameters)
    {
        writer.WriteStartObject();
        writer.WriteString("jsonrpc", "2.0");
        writer.WriteNumber("id", id);
        writer.WriteString("method", method);
        writer.WriteStartArray("params");
        parameters(writer);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>The quantity form: 0x and no leading zeros.</summary>
    public static string Quantity(ulong number) => $"0x{number:x}";

    /// <exception cref="ArgumentException">A value of a type that has no form on the wire.</exception>
    public static void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null: writer.WriteNullValue(); break;
            case string text: writer.WriteStringValue(text); break;
            case bool truth: writer.WriteBooleanValue(truth); break;
            case int number: writer.WriteNumberValue(number); break;
            case long number: writer.WriteNumberValue(number); break;
            case ulong number: writer.WriteNumberValue(number); break;
            case UInt256 amount: writer.WriteStringValue(amount.ToQuantity()); break;
            case Address or Hash32: writer.WriteStringValue(value.ToString()); break;
            case byte[] bytes: writer.WriteStringValue(Hex.Format(bytes)); break;
            case JsonElement element: element.WriteTo(writer); break;
            case IEnumerable<KeyValuePair<string, object?>> fields: WriteObject(writer, fields); break;
            case IEnumerable items: WriteArray(writer, items); break;
            default:
                throw new ArgumentException($"a {value.GetType().Name} has no form as a parameter", nameof(value));
        }
    }

    private static void WriteObject(Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, object?>> fields)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in fields)
        {
            writer.WritePropertyName(name);
            Write(writer, value);
        }
        writer.WriteEndObject();
    }

    private static void WriteArray(Utf8JsonWriter writer, IEnumerable items)
    {
        writer.WriteStartArray();
        foreach (var item in items)
            Write(writer, item);
        writer.WriteEndArray();
    }
}
