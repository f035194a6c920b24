using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Recording;

namespace Tocsin.Inputs;

/// <summary>
/// Inputs as the input log keeps them: a line of JSON that begins with a kind and its version. A kind that was ever
/// written stays readable; a change of shape gets a new version beside the old one. Every field is there, none is
/// foreign, and none comes twice.
/// </summary>
internal static class InputJson
{
    /// <summary>The longest line that is read: the calls of a full block are tens of megabytes.</summary>
    public const int LineBytesMax = 128 << 20;

    private const string KindName = "kind";
    private const string BlockKind = "block.1";
    private const string AnewKind = "anew.1";

    private static readonly Dictionary<string, Type> Types = new()
    {
        ["rollback.1"] = typeof(ChainStep.Rollback),
        ["final.1"] = typeof(ChainStep.Final),
        ["traced.1"] = typeof(ChainStep.Traced),
        ["answered.1"] = typeof(ChainStep.Answered),
        ["changed.1"] = typeof(ChainStep.Changed),
        ["simulated.1"] = typeof(ChainStep.Simulated),
        ["began.1"] = typeof(Arrival.Began),
        ["passed.1"] = typeof(Arrival.Passed),
        ["head-seen.1"] = typeof(Arrival.HeadSeen),
        ["tick.1"] = typeof(Arrival.Tick),
        ["feed-failed.1"] = typeof(Arrival.FeedFailed),
        ["beat.1"] = typeof(Arrival.Beat),
        ["acted.1"] = typeof(Arrival.Acted),
        ["front-end-seen.1"] = typeof(Arrival.FrontEndSeen),
        ["node-told.1"] = typeof(Arrival.NodeTold),
        ["reported.1"] = typeof(Arrival.Reported),
        ["pending.1"] = typeof(Arrival.Pending),
        ["attack-elsewhere.1"] = typeof(Arrival.AttackElsewhere),
        ["action-probed.1"] = typeof(Arrival.ActionProbed),
        ["channel-tried.1"] = typeof(Arrival.ChannelTried),
        ["silences-held.1"] = typeof(Arrival.SilencesHeld),
        ["operations-announced.1"] = typeof(Arrival.OperationsAnnounced),
    };

    private static readonly JsonSerializerOptions Options = Create();

    /// <summary>One line without its line feed.</summary>
    public static byte[] Write(Input input) => input is ChainStep.Forward { Block: var block }
        ? JsonSerializer.SerializeToUtf8Bytes<Line>(new Line.Mark(BlockMark.Of(block)), Options)
        : JsonSerializer.SerializeToUtf8Bytes(input, Options);

    /// <summary>The line that says that detection begins anew.</summary>
    public static byte[] WriteAnew(ulong? block) =>
        JsonSerializer.SerializeToUtf8Bytes<Line>(new Line.Anew(block), Options);

    /// <exception cref="FormatException">The line is no input that this version knows.</exception>
    public static LoggedInput Read(ReadOnlySpan<byte> line)
    {
        try
        {
            if (!IsMark(line))
                return new LoggedInput.Whole(Present(JsonSerializer.Deserialize<Input>(line, Options)));
            return Present(JsonSerializer.Deserialize<Line>(line, Options)) switch
            {
                Line.Mark(var block) => new LoggedInput.Marked(block),
                Line.Anew(var block) => new LoggedInput.Anew(block),
                _ => throw new JsonException("no such mark"),
            };
        }
        // The last is what half a surrogate pair in an escape gives.
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException
            or InvalidOperationException)
        {
            throw new FormatException($"this is no input that this version of Tocsin knows: {e.Message}", e);
        }
    }

    private static bool IsMark(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        return reader.Read() && reader.TokenType == JsonTokenType.StartObject
            && reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(KindName)
            && reader.Read() && reader.TokenType == JsonTokenType.String
            && (reader.ValueTextEquals(BlockKind) || reader.ValueTextEquals(AnewKind));
    }

    private static T Present<T>(T? value)
        where T : class => value ?? throw new JsonException("null is no input");

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(EventJson.Options)
        {
            // Null is written, so that what is missing can be told from what is unknown.
            DefaultIgnoreCondition = JsonIgnoreCondition.Never,
            AllowDuplicateProperties = false,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { RequireAll, NameKinds } },
        };
        options.Converters.Insert(
            0, new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false));
        options.Converters.Insert(0, new BytesConverter());
        options.Converters.Insert(0, new TopicsConverter());
        options.Converters.Insert(0, new ListConverter());
        return options;
    }

    private static void RequireAll(JsonTypeInfo type)
    {
        if (type.Kind == JsonTypeInfoKind.Object)
            foreach (var property in type.Properties)
                property.IsRequired = true;
    }

    private static void NameKinds(JsonTypeInfo type)
    {
        if (type.Type == typeof(Input))
            type.PolymorphismOptions = Kinds(Types.Select(pair => new JsonDerivedType(pair.Value, pair.Key)));
        else if (type.Type == typeof(Line))
            type.PolymorphismOptions = Kinds([
                new JsonDerivedType(typeof(Line.Mark), BlockKind),
                new JsonDerivedType(typeof(Line.Anew), AnewKind),
            ]);
        else if (type.Type == typeof(StateRead))
            type.PolymorphismOptions = Kinds([
                new JsonDerivedType(typeof(StateRead.Call), "call"),
                new JsonDerivedType(typeof(StateRead.Slot), "slot"),
            ]);
    }

    private static JsonPolymorphismOptions Kinds(IEnumerable<JsonDerivedType> kinds)
    {
        var options = new JsonPolymorphismOptions
        {
            TypeDiscriminatorPropertyName = KindName,
            UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization,
        };
        foreach (var kind in kinds)
            options.DerivedTypes.Add(kind);
        return options;
    }

    private abstract record Line
    {
        public sealed record Mark(BlockMark Block) : Line;

        public sealed record Anew(ulong? Block) : Line;
    }

    private sealed class BytesConverter : JsonConverter<ReadOnlyMemory<byte>>
    {
        public override ReadOnlyMemory<byte> Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && Hex.TryParse(reader.GetString(), out var bytes)
                ? bytes
                : throw new JsonException("bytes are 0x-prefixed hexadecimal");

        public override void Write(
            Utf8JsonWriter writer, ReadOnlyMemory<byte> value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Hex.Format(value.Span));
    }

    private sealed class TopicsConverter : JsonConverter<LogTopics>
    {
        public override LogTopics Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            LogTopics.Create(JsonSerializer.Deserialize<Hash32[]>(ref reader, options)
                ?? throw new JsonException("null is no list of topics"));

        public override void Write(Utf8JsonWriter writer, LogTopics value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.AsSpan().ToArray(), options);
    }

    /// <summary>Lists without holes: a null in them would only be found by whoever reads it.</summary>
    private sealed class ListConverter : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) =>
            typeToConvert.IsGenericType
            && typeToConvert.GetGenericTypeDefinition() == typeof(ValueList<>)
            && typeToConvert != typeof(ValueList<byte>);

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(
                typeof(Items<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;

        private sealed class Items<T> : JsonConverter<ValueList<T>>
        {
            public override ValueList<T> Read(
                ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            {
                var items = JsonSerializer.Deserialize<T[]>(ref reader, options);
                return items is null || Array.Exists(items, item => item is null)
                    ? throw new JsonException("a list is null or holds a null")
                    : new ValueList<T>(items);
            }

            public override void Write(
                Utf8JsonWriter writer, ValueList<T> value, JsonSerializerOptions options) =>
                JsonSerializer.Serialize(writer, value.AsEnumerable(), options);
        }
    }
}
