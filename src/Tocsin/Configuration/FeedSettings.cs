using System.Text;
using Tocsin.Chains;
using Tocsin.Feeds;
using Tocsin.Texts;

namespace Tocsin.Configuration;

/// <summary>A source of the price of one asset.</summary>
/// <param name="Asset">The asset as the plan names it.</param>
/// <param name="StaleAfter">So long without a price, or with one older than this, it is stale.</param>
/// <param name="At">Where the file describes it.</param>
internal abstract record FeedSettings(string Name, string Asset, TimeSpan StaleAfter, Plans.SourceLine At)
{
    private const int SubscriptionBytesMax = 4096;
    private static readonly string[] Everywhere = ["kind", "asset", "stale_after"];

    private static readonly Dictionary<string, Func<YamlPart, FeedSettings, FeedSettings>> Kinds = new()
    {
        ["http"] = ReadHttp,
        ["websocket"] = ReadWebSocket,
        ["chainlink"] = ReadChainlink,
        ["uniswap-v2"] = (part, common) => ReadPool(part, common, 2),
        ["uniswap-v3"] = (part, common) => ReadPool(part, common, 3),
    };

    private static readonly Dictionary<string, int> KindNumbers =
        Kinds.Keys.Select((kind, number) => (kind, number)).ToDictionary();

    public static FeedSettings Read(string name, YamlPart part)
    {
        if (!Names.IsName(name))
            part.Complain(Names.Expected("a feed", name));
        var common = new UnreadFeedSettings(
            name, part.Required("asset").Line(), part.Required("stale_after").Duration("1s", "30d"), part.At);
        var kind = part.Required("kind");
        return Kinds.TryGetValue(kind.Line(), out var read) ? read(part, common) : Unknown(kind, common);
    }

    private static FeedSettings Unknown(YamlPart kind, FeedSettings common)
    {
        kind.OneOf(KindNumbers);
        return common;
    }

    private static HttpFeedSettings ReadHttp(YamlPart part, FeedSettings common)
    {
        part.Knows([.. Everywhere, "url", "price", "time", "every", "headers"]);
        var every = part.Optional("every")?.Duration("1s", "1h") ?? TimeSpan.FromSeconds(10);
        CheckPace(part, every, common.StaleAfter);
        return new HttpFeedSettings(
            common.Name,
            common.Asset,
            common.StaleAfter,
            part.At,
            Addresses.Reference(part.Required("url"), "http", "https"),
            Message(part),
            every,
            Headers(part));
    }

    private static WebSocketFeedSettings ReadWebSocket(YamlPart part, FeedSettings common)
    {
        part.Knows([.. Everywhere, "url", "price", "time", "every", "headers", "subscribe"]);
        var subscribe = part.Optional("subscribe");
        var text = subscribe?.Text();
        if (text is not null && Encoding.UTF8.GetByteCount(text) > SubscriptionBytesMax)
            subscribe!.Complain($"'subscribe' has more than {SubscriptionBytesMax} bytes");
        if (text is not null && Secret.IsReference(text))
            Secret.CheckFile(subscribe!, subscribe!.Line());
        var every = part.Optional("every")?.Duration("1s", "1h") ?? TimeSpan.FromSeconds(1);
        CheckPace(part, every, common.StaleAfter);
        return new WebSocketFeedSettings(
            common.Name,
            common.Asset,
            common.StaleAfter,
            part.At,
            Addresses.Reference(part.Required("url"), "ws", "wss"),
            text,
            Message(part),
            every,
            Headers(part));
    }

    private static void CheckPace(YamlPart part, TimeSpan every, TimeSpan staleAfter)
    {
        if (every >= staleAfter)
            part.Complain("'every' must be shorter than 'stale_after': the feed would be stale between two prices");
    }

    private static ChainlinkFeedSettings ReadChainlink(YamlPart part, FeedSettings common) => new(
        common.Name,
        common.Asset,
        common.StaleAfter,
        part.At,
        Addresses.OnChain(part.Knows([.. Everywhere, "at"]).Required("at")));

    private static UniswapFeedSettings ReadPool(YamlPart part, FeedSettings common, int version)
    {
        part.Knows([.. Everywhere, "at", "quote", "twap"]);
        return new UniswapFeedSettings(
            common.Name,
            common.Asset,
            common.StaleAfter,
            part.At,
            version,
            Addresses.OnChain(part.Required("at")),
            Addresses.OnChain(part.Required("quote")),
            part.Optional("twap")?.Duration("1min", "7d"));
    }

    private static PriceMessage Message(YamlPart part) => new(
        Path(part.Required("price")), part.Optional("time") is { } time ? Path(time) : null);

    private static JsonPath Path(YamlPart part)
    {
        var text = part.Line();
        var path = JsonPath.Parse(text, out var fault);
        if (path is null && text.Length > 0)
            part.Complain($"this is not a place such as $.data.prices[0].usd: {fault}");
        return path ?? new JsonPath([]);
    }

    private static ValueList<FeedHeader> Headers(YamlPart part)
    {
        var headers = new List<FeedHeader>();
        foreach (var (name, value) in part.Optional("headers")?.Entries() ?? [])
        {
            var text = value.Line();
            if (text.Length > 0 && FeedHeader.Fault(name, text) is { } fault)
                value.Complain(fault);
            Secret.CheckFile(value, text);
            headers.Add(new FeedHeader(name, text));
        }
        return headers.ToValueList();
    }
}

/// <summary>What feeds of every kind say; alone it stands for one whose kind was complained about.</summary>
internal sealed record UnreadFeedSettings(string Name, string Asset, TimeSpan StaleAfter, Plans.SourceLine At)
    : FeedSettings(Name, Asset, StaleAfter, At);

/// <summary>A price that is asked for.</summary>
/// <param name="Url">Its address, or a reference to it.</param>
internal sealed record HttpFeedSettings(
    string Name,
    string Asset,
    TimeSpan StaleAfter,
    Plans.SourceLine At,
    string Url,
    PriceMessage Message,
    TimeSpan Every,
    ValueList<FeedHeader> Headers)
    : FeedSettings(Name, Asset, StaleAfter, At);

/// <summary>A price that is sent to us.</summary>
/// <param name="Url">Its address, or a reference to it.</param>
/// <param name="Subscribe">What is sent once connected, or a reference to it; null for nothing.</param>
/// <param name="Every">At most one price is taken in so long: the last.</param>
internal sealed record WebSocketFeedSettings(
    string Name,
    string Asset,
    TimeSpan StaleAfter,
    Plans.SourceLine At,
    string Url,
    string? Subscribe,
    PriceMessage Message,
    TimeSpan Every,
    ValueList<FeedHeader> Headers)
    : FeedSettings(Name, Asset, StaleAfter, At);

/// <summary>A Chainlink aggregator proxy, read at each block.</summary>
/// <param name="Contract">It answers <c>latestRoundData()</c> and <c>decimals()</c>.</param>
internal sealed record ChainlinkFeedSettings(
    string Name, string Asset, TimeSpan StaleAfter, Plans.SourceLine At, Address Contract)
    : FeedSettings(Name, Asset, StaleAfter, At);

/// <summary>A pool of Uniswap, read at each block. Its quote token counts as one US dollar.</summary>
/// <param name="Version">2 or 3.</param>
/// <param name="Quote">The token that the price is counted in.</param>
/// <param name="Twap">The mean over so long; null for the price at the block.</param>
internal sealed record UniswapFeedSettings(
    string Name,
    string Asset,
    TimeSpan StaleAfter,
    Plans.SourceLine At,
    int Version,
    Address Contract,
    Address Quote,
    TimeSpan? Twap)
    : FeedSettings(Name, Asset, StaleAfter, At);
