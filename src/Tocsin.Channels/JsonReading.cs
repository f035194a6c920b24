using System.Text.Json;

namespace Tocsin.Channels;

/// <summary>Reads JSON of a provider: hostile until it is read.</summary>
internal static class JsonReading
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>Null where it is no JSON.</summary>
    public static JsonElement? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return document.RootElement.Clone();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>What stands at the end of these names; null where nothing does.</summary>
    public static JsonElement? At(this JsonElement element, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out var inner))
                return null;
            element = inner;
        }
        return element;
    }

    /// <summary>Null where there is no text, or half of a pair.</summary>
    public static string? TextAt(this JsonElement element, params ReadOnlySpan<string> names)
    {
        try
        {
            return element.At(names) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Null where there is no whole number.</summary>
    public static long? NumberAt(this JsonElement element, params ReadOnlySpan<string> names) =>
        element.At(names) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value)
            ? value
            : null;
}
