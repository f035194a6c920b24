using System.Text.Json;

namespace Tocsin.Evm.Abi;

/// <summary>
/// The entries of ABI JSON. What is not as the specification says ends in an <see cref="AbiException"/>.
/// </summary>
internal static class AbiJson
{
    private const int MaxLength = 4 << 20;

    // Each tuple takes two levels, its components and the object within.
    private const int MaxJsonDepth = (2 * AbiType.MaxDepth) + 8;

    public static JsonDocument ParseDocument(string json)
    {
        if (json.Length > MaxLength)
            throw new AbiException($"an ABI of {json.Length} characters is longer than {MaxLength}");
        try
        {
            var options = new JsonDocumentOptions { MaxDepth = MaxJsonDepth, AllowDuplicateProperties = false };
            return JsonDocument.Parse(json, options);
        }
        catch (Exception exception)
            when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new AbiException($"the ABI is not JSON: {exception.Message}", exception);
        }
    }

    public static IEnumerable<JsonElement> Entries(JsonElement root) =>
        root.ValueKind == JsonValueKind.Array
            ? root.EnumerateArray()
            : throw new AbiException($"an ABI is a JSON array of entries, not {Kind(root.ValueKind)}");

    /// <summary>The kind of an entry; an entry that says nothing is a function.</summary>
    public static string Kind(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object)
            throw new AbiException($"an ABI entry is a JSON object, not {Kind(entry.ValueKind)}");
        return entry.TryGetProperty("type", out _) ? Text(entry, "type") : "function";
    }

    public static AbiFunction ReadFunction(JsonElement entry) => InContext(entry, name =>
        new AbiFunction(name, ReadParameters(entry, "inputs", false), ReadParameters(entry, "outputs", false)));

    public static AbiEvent ReadEvent(JsonElement entry) => InContext(entry, name =>
        new AbiEvent(name, ReadParameters(entry, "inputs", allowIndexed: true), Flag(entry, "anonymous")));

    public static AbiError ReadError(JsonElement entry) => InContext(entry, name =>
        new AbiError(name, ReadParameters(entry, "inputs", allowIndexed: false)));

    public static ValueList<AbiParameter> ReadParameters(JsonElement entry, string property, bool allowIndexed)
    {
        if (!entry.TryGetProperty(property, out var list))
            return [];
        if (list.ValueKind != JsonValueKind.Array)
            throw new AbiException($"'{property}' is a JSON array, not {Kind(list.ValueKind)}");
        return list.EnumerateArray().Select(element => ReadParameter(element, allowIndexed)).ToValueList();
    }

    private static AbiParameter ReadParameter(JsonElement element, bool allowIndexed)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new AbiException($"a parameter is a JSON object, not {Kind(element.ValueKind)}");
        var components = element.TryGetProperty("components", out _)
            ? ReadParameters(element, "components", allowIndexed: false)
            : null;
        var reader = new SignatureReader(Text(element, "type"), components);
        var type = reader.ReadType();
        reader.ExpectEnd();
        var name = element.TryGetProperty("name", out _) ? Text(element, "name") : "";
        return new AbiParameter(
            name.Length == 0 ? name : Identifier(name), type, allowIndexed && Flag(element, "indexed"));
    }

    private static T InContext<T>(JsonElement entry, Func<string, T> read)
    {
        var name = Identifier(Text(entry, "name"));
        try
        {
            return read(name);
        }
        catch (AbiException exception)
        {
            throw new AbiException($"ABI entry '{name}': {exception.Message}", exception);
        }
    }

    /// <summary>
    /// Names become part of what is hashed and of what people read, so they hold no other characters.
    /// </summary>
    private static string Identifier(string text)
    {
        var reader = new SignatureReader(text);
        var name = reader.ReadName();
        reader.ExpectEnd();
        return name;
    }

    private static string Text(JsonElement element, string property)
    {
        if (!element.TryGetProperty(property, out var value) || value.ValueKind != JsonValueKind.String)
            throw new AbiException($"'{property}' is missing or no text");
        return value.GetString()!;
    }

    private static bool Flag(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) && value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            var other => throw new AbiException($"'{property}' is true or false, not {Kind(other)}"),
        };

    private static string Kind(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
