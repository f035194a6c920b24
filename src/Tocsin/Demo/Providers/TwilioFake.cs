using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.AspNetCore.WebUtilities;
using Tocsin.Channels;

namespace Tocsin.Demo.Providers;

/// <summary>
/// Twilio's messages and calls over real HTTP, as its documentation has them, and strict: it refuses what Twilio
/// refuses, and fails the test that sent it. It makes a second one of whatever is posted twice, as Twilio does.
/// </summary>
internal sealed class TwilioFake : Provider
{
    public const string Account = "AC0123456789abcdef0123456789abcdef";
    public const string Token = "SECRETtokenSECRETtokenSECRET0000";
    public const string Person = "+4915112345678";
    public const string Ours = "+15005550006";

    private static readonly string[] MessageFields =
        ["To", "From", "MessagingServiceSid", "Body", "StatusCallback"];

    private static readonly string[] CallFields = ["To", "From", "Twiml", "Timeout", "StatusCallback"];

    public override string Root => "/2010-04-01/Accounts/";

    // A long code sends one message within a second, and queues the rest.
    public override RateLimit Documented { get; } = new(Messages: 1, TimeSpan.FromSeconds(1), Reserved: 0);

    /// <summary>What becomes of all that is made, for example <c>undelivered</c>: it is posted to the address that was
    /// given for it. Null says nothing of it.</summary>
    public string? Fate { get; set; }

    internal sealed record Made(
        string Sid, string Kind, IReadOnlyDictionary<string, string> Form, DateTimeOffset At, string Status);

    public Uri Address => Base;

    public List<Made> All { get; } = [];

    /// <summary>For example <c>POST Messages</c>.</summary>
    public IEnumerable<string> Asked => Requests.Select(request => $"{request.Method} {Kind(request)}");

    public static Task<TwilioFake> StartAsync(TimeProvider clock) => StartAsync(new TwilioFake(), [], clock);

    public override Answer TooMany(TimeSpan? wait) => Error(429, 20429) with { Headers = Hint(wait) };

    /// <summary>What Twilio posts to an address, signed.</summary>
    public static Callback Callback(
        string url, DateTimeOffset at, IReadOnlyDictionary<string, string> form, string token = Token)
    {
        var body = string.Join('&', form.Select(field =>
            $"{Uri.EscapeDataString(field.Key)}={Uri.EscapeDataString(field.Value).Replace("%20", "+")}"));
        var signed = url + string.Concat(form.OrderBy(field => field.Key, StringComparer.Ordinal)
            .Select(field => field.Key + field.Value));
#pragma warning disable CA5350 // Twilio signs in no other way.
        var signature = HMACSHA1.HashData(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(signed));
#pragma warning restore CA5350
        var headers = new Dictionary<string, string>
        {
            ["content-type"] = "application/x-www-form-urlencoded; charset=UTF-8",
            ["x-twilio-signature"] = Convert.ToBase64String(signature),
        };
        return new Callback(new Uri(url), headers, Encoding.UTF8.GetBytes(body), at);
    }

    protected override IEnumerable<string> WrongForm(ProviderRequest request) => [];

    protected override Func<Answer> Judge(ProviderRequest request, List<string> faults)
    {
        var expected = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Account}:{Token}"));
        if (request.Headers.GetValueOrDefault("Authorization") != expected
            || request.Path[Root.Length..].Split('/')[0] != Account)
        {
            return () => Error(401, 20003);
        }
        if (request.Method == "GET")
            return () => List(request);
        var form = Form(request);
        if (Fault(Kind(request), form) is { } fault)
            faults.Add($"{fault.Code}: {fault.What}");
        return () => faults.Count > 0 ? Refused(faults[0]) : Create(Kind(request), form);
    }

    protected override Answer Refused(string fault) =>
        Error(400, int.TryParse(fault.Split(':')[0], out var code) ? code : 20001);

    protected override (string? Key, string Text) Read(ProviderRequest request) =>
        (null, request.Method == "GET" ? "" : Form(request).GetValueOrDefault("Body") ?? Form(request)["Twiml"]);

    protected override IEnumerable<Callback> CallsBack(ProviderRequest request)
    {
        if (Fate is not { } fate || request.Method != "POST" || All is not [.., var made]
            || !made.Form.TryGetValue("StatusCallback", out var to))
        {
            return [];
        }
        var (sid, status) = made.Kind == "Calls" ? ("CallSid", "CallStatus") : ("MessageSid", "MessageStatus");
        var form = new Dictionary<string, string>
        {
            ["AccountSid"] = Account,
            [sid] = made.Sid,
            [status] = fate,
            ["To"] = made.Form["To"],
            ["From"] = made.Form.GetValueOrDefault("From", Ours),
        };
        return [Callback(to, Time.GetUtcNow(), form)];
    }

    private static string Kind(ProviderRequest request) => request.Path.Split('?')[0].Split('/')[^1].Split('.')[0];

    private static Dictionary<string, string> Form(ProviderRequest request) =>
        request.Headers.GetValueOrDefault("Content-Type") == "application/x-www-form-urlencoded"
            ? QueryHelpers.ParseQuery(request.Body).ToDictionary(field => field.Key, field => field.Value.ToString())
            : [];

    private Answer Create(string kind, Dictionary<string, string> form)
    {
        All.Add(Make(kind, form));
        return new Answer(201, JsonSerializer.Serialize(Shown(All[^1])));
    }

    private Answer List(ProviderRequest request)
    {
        var (kind, query) = (Kind(request), QueryHelpers.ParseQuery(request.Path[request.Path.IndexOf('?')..]));
        var size = int.Parse(query["PageSize"].ToString());
        var found = All.Where(one => one.Kind == kind && one.Form["To"] == query["To"]).Reverse().Take(size)
            .Select(Shown);
        return new Answer(200, JsonSerializer.Serialize(new Dictionary<string, object>
        {
            [kind == "Calls" ? "calls" : "messages"] = found.ToArray(),
            ["page"] = 0,
        }));
    }

    private static (int Code, string What)? Fault(string kind, Dictionary<string, string> form)
    {
        var known = kind == "Calls" ? CallFields : MessageFields;
        if (form.Keys.Except(known).FirstOrDefault() is { } unknown)
            return (20001, $"unknown field {unknown}");
        if (!Regex.IsMatch(form.GetValueOrDefault("To", ""), "^\\+[1-9][0-9]{6,14}$"))
            return (21211, "invalid To");
        if (form.ContainsKey("From") == form.ContainsKey("MessagingServiceSid"))
            return (21603, "one of From and MessagingServiceSid");
        if (form.TryGetValue("StatusCallback", out var callback)
            && !(Uri.TryCreate(callback, UriKind.Absolute, out var uri)
                && uri.Scheme.StartsWith("http", StringComparison.Ordinal)))
            return (21609, "invalid StatusCallback");
        if (kind != "Calls")
        {
            return form.GetValueOrDefault("Body", "").Length is 0 or > 1600 ? (21617, "length of the body") : null;
        }
        if (form.GetValueOrDefault("Twiml", "").Length is 0 or > 4000)
            return (21205, "length of Twiml");
        return IsTwiml(XDocument.Parse(form["Twiml"]).Root!) ? null : (12100, "no TwiML");
    }

    private static bool IsTwiml(XElement root)
    {
        string[] verbs = ["Say", "Gather"];
        return root.Name == "Response" && root.Elements().All(verb => verbs.Contains(verb.Name.LocalName))
            && root.Elements("Gather").All(gather => gather.Elements().All(verb => verb.Name == "Say")
                && Uri.TryCreate(gather.Attribute("action")?.Value, UriKind.Absolute, out _));
    }

    private Made Make(string kind, Dictionary<string, string> form) => new(
        (kind == "Calls" ? "CA" : "SM") + All.Count.ToString("x32"), kind, form, Time.GetUtcNow(), "queued");

    private static Dictionary<string, object?> Shown(Made made) => new()
    {
        ["sid"] = made.Sid,
        ["status"] = made.Status,
        ["to"] = made.Form["To"],
        ["from"] = made.Form.GetValueOrDefault("From"),
        ["body"] = made.Form.GetValueOrDefault("Body"),
        ["date_created"] = made.At.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'"),
        ["error_code"] = null,
    };

    private static Answer Error(int status, int code) => new(
        status,
        JsonSerializer.Serialize(
            new
            {
                code,
                message = $"about {Person}",
                more_info = $"https://www.twilio.com/docs/errors/{code}",
                status,
            }));
}
