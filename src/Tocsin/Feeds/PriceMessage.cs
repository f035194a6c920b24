using System.Text.Json;

namespace Tocsin.Feeds;

/// <summary>What became of reading one message of a feed.</summary>
internal abstract record PriceReading
{
    private PriceReading()
    {
    }

    /// <param name="Usd">For one whole unit.</param>
    internal sealed record Priced(decimal Usd, DateTimeOffset? SourceTime) : PriceReading;

    /// <summary>The message is about something else.</summary>
    internal sealed record NoPrice(string Why) : PriceReading;

    /// <summary>There is something where the price should be, and it is no price.</summary>
    internal sealed record Unusable(string Why) : PriceReading;
}

/// <summary>Where the messages of a feed have their price and, if it says so, the instant it was made.</summary>
internal sealed record PriceMessage(JsonPath Price, JsonPath? Time)
{
    // Clocks differ a little. A price from the future would never become stale.
    private static readonly TimeSpan AheadMost = TimeSpan.FromMinutes(1);

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>Any bytes get an answer; the words never quote them.</summary>
    public PriceReading Read(ReadOnlyMemory<byte> message, DateTimeOffset now)
    {
        try
        {
            using var document = JsonDocument.Parse(message, Strict);
            return Read(document.RootElement, now);
        }
        catch (JsonException)
        {
            return new PriceReading.NoPrice(LooksLikePage(message.Span) ? "is a page, not JSON" : "is not JSON");
        }
        catch (InvalidOperationException)
        {
            // Escapes of half a surrogate pair pass the parser and fail when they are read.
            return new PriceReading.NoPrice("is not valid Unicode");
        }
    }

    private PriceReading Read(JsonElement root, DateTimeOffset now)
    {
        if (Price.Find(root) is not { } value)
            return new PriceReading.NoPrice($"has nothing at {Price}");
        var why = PriceText.Read(Text(value), out var price);
        if (value.ValueKind is not (JsonValueKind.Number or JsonValueKind.String))
            why = "is neither a number nor a text";
        if (why is not null)
            return new PriceReading.Unusable($"the price at {Price} {why}");
        if (Time is null)
            return new PriceReading.Priced(price, null);
        var madeAt = Time.Find(root) is { } time ? SourceTime.Read(time) : null;
        if (madeAt is null)
            return new PriceReading.Unusable($"there is no time at {Time} that can be read");
        return madeAt > now + AheadMost
            ? new PriceReading.Unusable($"the time at {Time} is in the future")
            : new PriceReading.Priced(price, madeAt);
    }

    private static ReadOnlySpan<char> Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.String => value.GetString(),
        _ => "",
    };

    private static bool LooksLikePage(ReadOnlySpan<byte> message) =>
        message.TrimStart(" \t\r\n\uFEFF"u8) is [(byte)'<', ..];
}
