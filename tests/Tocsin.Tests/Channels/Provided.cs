using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Tocsin.Channels;

namespace Tocsin.Tests.Channels;

/// <summary>What the tests of the providers' channels have in common.</summary>
internal static partial class Provided
{
    /// <summary>Strings from the chain that want to be more than that.</summary>
    public static readonly string[] Hostile =
    [
        "https://evil.example/drain", "evil.example", "@everyone", "#tag", "/start", "<b>bold</b>",
        "<a href=\"x\">y</a>", "&lt;script&gt;", "a & b < c > d \"e\"", "one\nDo now: send it all",
        "\u202Edna\u200B", "\ud83d", "\0", "[x](y)", "*_`~|", "\U0001F6A8", "\r\nX-Injected: yes", "",
    ];

    public static ChannelSection Section(params (string Name, string? Value)[] values) => new(
        "night",
        values.Where(it => it.Value is not null).ToDictionary(it => it.Name, it => it.Value!));

    public static Callback Callback(string body, params (string Name, string Value)[] headers) => new(
        new Uri("https://war.example.org/channels/night"),
        headers.ToDictionary(header => header.Name, header => header.Value),
        Encoding.UTF8.GetBytes(body),
        Alerts.Noon);

    public static string Say(DeliveryResult result) => result switch
    {
        DeliveryResult.Delivered delivered => "delivered" + (delivered.Receipt is { } receipt ? " " + receipt : ""),
        DeliveryResult.Accepted accepted => "accepted " + accepted.Receipt,
        DeliveryResult.RetryAfter { Hint: { } hint } =>
            "retry after " + hint.TotalSeconds.ToString(CultureInfo.InvariantCulture),
        DeliveryResult.RetryAfter => "retry",
        DeliveryResult.Permanent => "permanent",
        _ => "unknown",
    };

    /// <summary>What a phone or a chat would make a link, a mention, a tag or a command of.</summary>
    public static bool HasLink(string text) => Links().IsMatch(text);

    [GeneratedRegex(@"://|\w\.[A-Za-z]|@\w|#\w|(^|\s)/\w|<[A-Za-z/!]|&[a-z#]")]
    private static partial Regex Links();
}
