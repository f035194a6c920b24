using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tocsin.Channels;

namespace Tocsin.Demo.Providers;

/// <summary>What the Bot API does with sendMessage, after its documentation and its server's words.</summary>
internal sealed partial class TelegramFake : Provider
{
    public const string Token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";

    private static readonly string[] Known =
    [
        "chat_id", "text", "parse_mode", "message_thread_id", "link_preview_options", "reply_parameters",
        "reply_markup",
    ];

    private int last = 100;

    public override string Root => "/bot";

    // "Not more than 20 messages per minute to the same group."
    public override RateLimit Documented { get; } = new(Messages: 20, TimeSpan.FromMinutes(1), Reserved: 0);

    public new string Api => Base.AbsoluteUri.TrimEnd('/');

    /// <summary>Groups that became another.</summary>
    public Dictionary<long, long> Moved { get; } = [];

    /// <summary>True where it reads no markup at all.</summary>
    public bool ReadsNoMarkup { get; set; }

    public static Task<TelegramFake> StartAsync(params Answer[] script) => StartAsync(new TelegramFake(), script);

    public static Answer Refusal(int status, string description, string parameters = "")
    {
        var more = parameters.Length > 0 ? ",\"parameters\":" + parameters : "";
        return new(status, $$"""{"ok":false,"error_code":{{status}},"description":"{{description}}"{{more}}}""");
    }

    /// <summary>The text as it is shown, and the addresses of its links; null where it cannot be read.</summary>
    public static (string Text, List<string> Links)? Parse(string html)
    {
        var text = new StringBuilder();
        var links = new List<string>();
        var open = new Stack<string>();
        var at = 0;
        foreach (Match mark in Marks().Matches(html))
        {
            text.Append(html, at, mark.Index - at);
            at = mark.Index + mark.Length;
            var (name, address) = (mark.Groups["name"].Value, mark.Groups["href"].Value);
            if (mark.Groups["entity"].Success)
                text.Append(Entity(mark.Value));
            else if (mark.Groups["href"].Success != (name == "a" && mark.Value[1] != '/'))
                return null;
            else if (mark.Value[1] != '/')
                open.Push(name);
            else if (!open.TryPop(out var opened) || opened != name)
                return null;
            if (address.Length > 0)
                links.Add(address.Replace("&amp;", "&", StringComparison.Ordinal));
        }
        text.Append(html, at, html.Length - at);
        return open.Count > 0 || Stray(html) ? null : (text.ToString(), links);
    }

    public override Answer TooMany(TimeSpan? wait)
    {
        if (wait is not { } span)
            return Refusal(429, "Too Many Requests");
        var seconds = (int)Math.Ceiling(span.TotalSeconds);
        return Refusal(429, $"Too Many Requests: retry after {seconds}", $$"""{"retry_after":{{seconds}}}""");
    }

    protected override Func<Answer> Judge(ProviderRequest request, List<string> faults)
    {
        if (request.Method != "POST" || request.Path != $"/bot{Token}/sendMessage")
            faults.Add($"{request.Method} {request.Path}");
        var message = request.Json;
        faults.AddRange(UnknownFields(message, Known));
        var asHtml = message.TryGetProperty("parse_mode", out var mode);
        if (asHtml && mode.GetString() != "HTML")
            faults.Add("unsupported parse_mode");
        var text = message.GetProperty("text").GetString()!;
        if (asHtml && ReadsNoMarkup)
            return () => Refusal(400, "Bad Request: can't parse entities: Unsupported start tag");
        var shown = asHtml ? Parse(text)?.Text : text;
        if (shown is null)
            faults.Add("can't parse entities: " + text);
        else if (shown.Trim().Length is 0 or > 4096)
            faults.Add("message is empty or too long: " + shown.Length);
        faults.AddRange(Buttons(message).Where(data => Encoding.UTF8.GetByteCount(data) is 0 or > 64)
            .Select(data => "BUTTON_DATA_INVALID " + data));
        var chat = message.GetProperty("chat_id");
        if (chat.ValueKind == JsonValueKind.Number && Moved.TryGetValue(chat.GetInt64(), out var now))
        {
            return () => Refusal(
                400, "Bad Request: group chat was upgraded to a supergroup chat",
                $$"""{"migrate_to_chat_id":{{now}}}""");
        }
        return () => new Answer(
            200,
            $$$"""{"ok":true,"result":{"message_id":{{{++last}}},"chat":{"id":{{{chat.GetRawText()}}}},"date":1}}""");
    }

    protected override Answer Refused(string fault) =>
        Refusal(400, "Bad Request: " + fault.Replace('"', '\'').Replace('\\', '/').ReplaceLineEndings(" "));

    protected override (string? Key, string Text) Read(ProviderRequest request) =>
        (null, request.Json.GetProperty("text").GetString()!);

    public static IEnumerable<string> Buttons(JsonElement message) =>
        message.TryGetProperty("reply_markup", out var markup)
            ? markup.GetProperty("inline_keyboard").EnumerateArray().SelectMany(row => row.EnumerateArray())
                .Select(button => button.GetProperty("callback_data").GetString()!)
            : [];

    // Nothing may be left of what begins a mark.
    private static bool Stray(string html) => Marks().Replace(html, "").AsSpan().IndexOfAny('<', '&') >= 0;

    private static string Entity(string entity) => entity switch
    {
        "&lt;" => "<",
        "&gt;" => ">",
        "&amp;" => "&",
        _ => "\"",
    };

    [GeneratedRegex("""(?<entity>&(lt|gt|amp|quot);)|</?(?<name>b|code|a)( href="(?<href>[^"<>]*)")?>""")]
    private static partial Regex Marks();
}
