using System.Text.Json;
using System.Text.Json.Serialization;
using Tocsin.Chains;
using Tocsin.Detection;

namespace Tocsin.Tests.Detection;

/// <summary>Snapshots through JSON text, as a host would keep them.</summary>
internal static class SnapshotJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        Converters = { new AddressText(), new HashText(), new NumberText(), new ListFactory() },
    };

    public static EngineSnapshot RoundTrip(EngineSnapshot snapshot) =>
        JsonSerializer.Deserialize<EngineSnapshot>(JsonSerializer.Serialize(snapshot, Options), Options)!;

    private sealed class AddressText : JsonConverter<Address>
    {
        public override Address Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            Address.Parse(reader.GetString());

        public override void Write(Utf8JsonWriter writer, Address value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }

    private sealed class HashText : JsonConverter<Hash32>
    {
        public override Hash32 Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            Hash32.Parse(reader.GetString());

        public override void Write(Utf8JsonWriter writer, Hash32 value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }

    private sealed class NumberText : JsonConverter<UInt256>
    {
        public override UInt256 Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            UInt256.Parse(reader.GetString());

        public override void Write(Utf8JsonWriter writer, UInt256 value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }

    private sealed class ListFactory : JsonConverterFactory
    {
        public override bool CanConvert(Type type) =>
            type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>);

        public override JsonConverter CreateConverter(Type type, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(ListOf<>).MakeGenericType(type.GetGenericArguments()))!;
    }

    private sealed class ListOf<T> : JsonConverter<ValueList<T>>
    {
        public override ValueList<T> Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            new(JsonSerializer.Deserialize<T[]>(ref reader, options)!);

        public override void Write(Utf8JsonWriter writer, ValueList<T> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.AsSpan().ToArray(), options);
    }
}
