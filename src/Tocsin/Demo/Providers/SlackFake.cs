using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Tocsin.Channels;

namespace Tocsin.Demo.Providers;

/// <summary>
/// Slack's Web API over real HTTP with one workspace: it refuses what Slack refuses, in Slack's words, and fails the
/// test that sent what no correct client sends.
/// </summary>
internal sealed partial class SlackFake : Provider
{
    public const string Token = "xoxb-1234567890-SECRETsecretSECRET";

    // Of the example in Slack's documentation.
    public const string SigningSecret = "8f742231b10e8888abcd99yyyzzz85a5";

    public const string Bot = "U0TOCSIN01";
    public const string WarRoom = "C0WARROOM1";

    private static readonly string[] PostFields =
    [
        "channel", "thread_ts", "reply_broadcast", "text", "blocks", "mrkdwn", "parse", "link_names", "unfurl_links",
        "unfurl_media",
    ];

    private readonly List<(string Method, TaskCompletionSource<Call> Done)> awaited = [];
    private readonly List<ShownMessage> shown = [];
    private readonly List<Room> rooms =
        [new(WarRoom, "war-room") { Members = { "bot" } }, new("C0OUTSIDE1", "outside")];

    public override string Root => "/api/";

    // "No more than one message per second" in a channel, with short bursts.
    public override RateLimit Documented { get; } = new(Messages: 5, TimeSpan.FromSeconds(5), Reserved: 0);

    internal sealed record Room(string Id, string Name)
    {
        public HashSet<string> Members { get; } = [];

        public List<string> Messages { get; } = [];

        /// <summary>What each message shows now, by its ts.</summary>
        public Dictionary<string, JsonElement> Shown { get; } = [];

        public bool IsArchived { get; set; }

        public DateTimeOffset Created { get; init; }

        public string Creator { get; init; } = Bot;
    }

    internal sealed record ShownButton(string Action, string Value, string Text);

    internal sealed record ShownMessage(string Ts, string Text, IReadOnlyList<ShownButton> Buttons);

    internal sealed record Call(string Method, JsonElement Body)
    {
        public bool IsAnswered { get; set; }

        public ProviderRequest? Request { get; init; }

        public string? Text(string name) => Body.TryGetProperty(name, out var value) ? value.ToString() : null;
    }

    public List<Call> Calls { get; } = [];

    public IReadOnlyList<Room> Rooms => rooms;

    /// <summary>When what is made now is made.</summary>
    public DateTimeOffset Now { get; set; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public HashSet<string> Users { get; } = ["U0ADA00001", "U0BOB00001"];

    /// <summary>Where buttons are posted to, as the app's Interactivity Request URL.</summary>
    public Uri? Interactivity { get; set; }

    /// <summary>What stands in the rooms, the oldest first.</summary>
    public IReadOnlyList<ShownMessage> Seen() => Locked(() => shown.ToList());

    public new Uri Api => new(Base, Root);

    public static Task<SlackFake> StartAsync(params Answer[] script) => StartAsync(new SlackFake(), script);

    public override Answer TooMany(TimeSpan? wait) =>
        new(429, JsonSerializer.Serialize(Refusal("ratelimited")), Hint(wait));

    /// <summary>What Slack posts to us when somebody presses a button.</summary>
    public static Callback Press(
        string action, string value, DateTimeOffset at, string user = "U0ADA00001", string ts = "1772366400.000001") =>
        Signed("payload=" + WebUtility.UrlEncode(Payload(action, value, user, ts)), at);

    /// <summary>A private channel that the bot is in.</summary>
    public void Add(string name, DateTimeOffset created, string creator = Bot) => rooms.Add(
        new Room($"C0NEW{rooms.Count:D5}", name) { Members = { "bot" }, Created = created, Creator = creator });

    /// <summary>The first call of a method, once it was answered.</summary>
    public Task<Call> CalledAsync(string method) => Locked(() =>
    {
        if (Calls.Find(call => call.Method == method && call.IsAnswered) is { } known)
            return Task.FromResult(known);
        var done = new TaskCompletionSource<Call>(TaskCreationOptions.RunContinuationsAsynchronously);
        awaited.Add((method, done));
        return done.Task.WaitAsync(TimeSpan.FromSeconds(60));
    });

    /// <summary>Presses a button of the first message that has it.</summary>
    /// <returns>What we answered Slack.</returns>
    /// <exception cref="InvalidOperationException">There is none, or the app has no such address.</exception>
    public Task<HttpStatusCode> PressAsync(string action, string value, string user)
    {
        var pressed = Seen()
            .FirstOrDefault(message => message.Buttons.Any(it => it.Action == action && it.Value == value));
        if (pressed is null || Interactivity is null)
            throw new InvalidOperationException($"no message has the button '{action}' of {value}");
        return PostAsync(Press(action, value, Time.GetUtcNow(), user, pressed.Ts) with { Url = Interactivity });
    }

    public static string Payload(
        string action, string value, string user = "U0ADA00001", string ts = "1772366400.000001") =>
        JsonSerializer.Serialize(new
        {
            type = "block_actions",
            user = new { id = user, username = "ada", team_id = "T0TEAM0001" },
            trigger_id = "12321423423.333649436676.d8c1bb837935619ccad0f624c448ffb3",
            team = new { id = "T0TEAM0001", domain = "example" },
            channel = new { id = WarRoom },
            message = new { ts, text = "a+b=c & d %41" },
            actions = new[]
            {
                new { type = "button", action_id = action, block_id = "answers", value, action_ts = "1772366401.5" },
            },
        });

    public static Callback Signed(string body, DateTimeOffset at, string? timestamp = null)
    {
        timestamp ??= at.ToUnixTimeSeconds().ToString();
        return new Callback(
            new Uri("https://tocsin.example.org/channels/war-room"),
            new Dictionary<string, string>
            {
                ["content-type"] = "application/x-www-form-urlencoded",
                ["x-slack-request-timestamp"] = timestamp,
                ["x-slack-signature"] = Signature(timestamp, body),
            },
            Encoding.UTF8.GetBytes(body),
            at);
    }

    public static string Signature(string timestamp, string body) => "v0=" + Convert.ToHexStringLower(
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(SigningSecret), Encoding.UTF8.GetBytes($"v0:{timestamp}:{body}")));

    // What only reads takes no JSON.
    protected override IEnumerable<string> WrongForm(ProviderRequest request) =>
        request.Method == "GET" ? [] : base.WrongForm(request);

    protected override void Answered(ProviderRequest request) => Locked(() =>
    {
        foreach (var call in Calls.Where(call => call.Request == request))
        {
            call.IsAnswered = true;
            awaited.Where(one => one.Method == call.Method).ToList().ForEach(one => one.Done.TrySetResult(call));
        }
        return true;
    });

    protected override Func<Answer> Judge(ProviderRequest request, List<string> faults)
    {
        var method = request.Path[Root.Length..].Split('?')[0];
        if (request.Method != (method == "conversations.list" ? "GET" : "POST"))
            faults.Add($"{request.Method} {request.Path}");
        var call = new Call(method, request.Method == "GET" ? default : request.Json) { Request = request };
        Calls.Add(call);
        Func<object> done = request.Headers.GetValueOrDefault("Authorization") != "Bearer " + Token
            ? Error("invalid_auth")
            : method switch
            {
                "chat.postMessage" => () => Post(call, faults),
                "chat.update" => () => Update(call, faults),
                "chat.postEphemeral" => () => Whisper(call, faults),
                "auth.test" => () => new { ok = true, user_id = Bot, user = "tocsin", team_id = "T0TEAM" },
                "conversations.list" => () => List(QueryHelpers.ParseQuery(request.Path.Split('?')[^1]), faults),
                "conversations.create" => () => Create(call, faults),
                "conversations.invite" => () => Invite(call, faults),
                "conversations.archive" => () => Archive(call, faults),
                _ => Error("unknown_method"),
            };
        return () => new Answer(200, JsonSerializer.Serialize(done()));
    }

    // The first word is Slack's own.
    protected override Answer Refused(string fault) => new(
        200,
        JsonSerializer.Serialize(
            Refusal(fault.Split(':')[0] is var word && !word.Contains(' ') ? word : "invalid_arguments")));

    protected override (string? Key, string Text) Read(ProviderRequest request) =>
        (null, request.Method == "GET" ? "" : BlockKit.Text(request.Json));

    private object Post(Call call, List<string> faults)
    {
        Expect(call, faults, PostFields);
        var room = rooms.Find(room => room.Id == call.Text("channel"));
        if (room is null)
            return Refusal("channel_not_found");
        if (room.IsArchived)
            return Refusal("is_archived");
        if (!room.Members.Contains("bot"))
            return Refusal("not_in_channel");
        if (call.Text("text") is not { Length: > 0 and <= 4000 })
            faults.Add("no_text");
        if (call.Body.TryGetProperty("blocks", out var blocks))
            faults.AddRange(Faults(blocks));
        if (call.Text("thread_ts") is { } thread && (!Ts().IsMatch(thread) || !room.Messages.Contains(thread)))
            faults.Add("a reply to what is not there: " + thread);
        if (call.Text("reply_broadcast") is not null && call.Text("thread_ts") is null)
            faults.Add("reply_broadcast without thread_ts");
        var ts = $"{1772366400 + Calls.Count}.{Calls.Count:D6}";
        room.Messages.Add(ts);
        room.Shown[ts] = call.Body;
        shown.Add(new ShownMessage(ts, BlockKit.Text(call.Body), [.. ButtonsOf(call.Body)]));
        return new { ok = true, channel = room.Id, ts, message = new { text = call.Text("text"), ts } };
    }

    private object Update(Call call, List<string> faults)
    {
        Expect(call, faults, "channel", "ts", "text", "blocks", "parse", "link_names");
        var room = rooms.Find(room => room.Id == call.Text("channel"));
        if (room is null || call.Text("ts") is not { } ts || !room.Messages.Contains(ts))
            return Refusal("message_not_found");
        if (call.Text("text") is not { Length: > 0 and <= 4000 })
            faults.Add("no_text");
        faults.AddRange(Faults(call.Body.GetProperty("blocks")));
        room.Shown[ts] = call.Body;
        var place = shown.FindIndex(message => message.Ts == ts);
        shown[place] = new ShownMessage(ts, BlockKit.Text(call.Body), [.. ButtonsOf(call.Body)]);
        return new { ok = true, channel = room.Id, ts, text = call.Text("text") };
    }

    private object Whisper(Call call, List<string> faults)
    {
        Expect(call, faults, "channel", "user", "text");
        if (!Users.Contains(call.Text("user") ?? ""))
            return Refusal("user_not_in_channel");
        return new { ok = true, message_ts = $"{1772366400 + Calls.Count}.{Calls.Count:D6}" };
    }

    private object List(Dictionary<string, StringValues> query, List<string> faults)
    {
        if (query.GetValueOrDefault("types") != "private_channel")
            faults.Add("types");
        var from = int.TryParse(query.GetValueOrDefault("cursor"), out var place) ? place : 0;
        var listed = rooms.Where(room => room.Members.Contains("bot") && !room.IsArchived).ToList();
        return new
        {
            ok = true,
            channels = listed.Skip(from).Take(1).Select(room => new
            {
                id = room.Id,
                name = room.Name,
                creator = room.Creator,
                created = room.Created.ToUnixTimeSeconds(),
            }),
            response_metadata = new { next_cursor = from + 1 < listed.Count ? $"{from + 1}" : "" },
        };
    }

    private static IEnumerable<ShownButton> ButtonsOf(JsonElement message) =>
        message.TryGetProperty("blocks", out var blocks)
            ? blocks.EnumerateArray().Where(block => block.GetProperty("type").GetString() == "actions")
                .SelectMany(block => block.GetProperty("elements").EnumerateArray())
                .Select(button => new ShownButton(
                    button.GetProperty("action_id").GetString()!, button.GetProperty("value").GetString()!,
                    button.GetProperty("text").GetProperty("text").GetString()!))
            : [];

    private object Create(Call call, List<string> faults)
    {
        Expect(call, faults, "name", "is_private");
        var name = call.Text("name") ?? "";
        if (name.Length is 0 or > 80 || name.Any(letter => !char.IsAsciiLetterLower(letter)
            && !char.IsAsciiDigit(letter) && letter is not ('-' or '_')))
            return Refusal("invalid_name_specials");
        if (rooms.Exists(room => room.Name == name)) // an archived one keeps its name
            return Refusal("name_taken");
        var made = new Room($"C0NEW{rooms.Count:D5}", name) { Members = { "bot" }, Created = Now };
        rooms.Add(made);
        return new { ok = true, channel = new { id = made.Id, name, is_private = true } };
    }

    private object Invite(Call call, List<string> faults)
    {
        Expect(call, faults, "channel", "users");
        if (rooms.Find(room => room.Id == call.Text("channel")) is not { } room)
            return Refusal("channel_not_found");
        if (room.IsArchived)
            return Refusal("is_archived");
        foreach (var user in call.Text("users")!.Split(','))
        {
            if (!Users.Contains(user))
                return Refusal("user_not_found");
            if (!room.Members.Add(user))
                return Refusal("already_in_channel");
        }
        return new { ok = true, channel = new { id = room.Id } };
    }

    private object Archive(Call call, List<string> faults)
    {
        Expect(call, faults, "channel");
        if (rooms.Find(room => room.Id == call.Text("channel")) is not { } room)
            return Refusal("channel_not_found");
        if (room.IsArchived)
            return Refusal("already_archived");
        room.IsArchived = true;
        return new { ok = true };
    }

    private static IEnumerable<string> Faults(JsonElement blocks)
    {
        if (blocks.GetArrayLength() is 0 or > 50)
            yield return "invalid_blocks: their number";
        foreach (var block in blocks.EnumerateArray())
        {
            var faults = block.GetProperty("type").GetString() == "actions" ? Actions(block) : BlockKit.Block(block);
            foreach (var fault in faults)
                yield return "invalid_blocks: " + fault;
        }
    }

    private static IEnumerable<string> Actions(JsonElement block)
    {
        if (block.GetProperty("block_id").GetString() is not { Length: > 0 and <= 255 })
            yield return "block_id";
        var buttons = block.GetProperty("elements").EnumerateArray().ToList();
        if (buttons.Count is 0 or > 25)
            yield return "the number of elements";
        if (buttons.DistinctBy(button => button.GetProperty("action_id").GetString()).Count() != buttons.Count)
            yield return "an action_id that is there twice";
        foreach (var button in buttons)
        {
            if (button.GetProperty("type").GetString() != "button")
                yield return "no button";
            if (button.GetProperty("action_id").GetString() is not { Length: > 0 and <= 255 })
                yield return "action_id";
            if (button.GetProperty("value").GetString() is not { Length: > 0 and <= 2000 })
                yield return "value";
            if (button.GetProperty("text").GetProperty("type").GetString() != "plain_text"
                || button.GetProperty("text").GetProperty("text").GetString() is not { Length: > 0 and <= 75 })
                yield return "text of a button";
        }
    }

    private static void Expect(Call call, List<string> faults, params string[] fields) => faults.AddRange(
        call.Body.EnumerateObject().Where(field => !fields.Contains(field.Name))
            .Select(field => "unknown " + field.Name));

    private static Func<object> Error(string word) => () => Refusal(word);

    private static object Refusal(string word) => new { ok = false, error = word };

    [GeneratedRegex(@"^\d{10}\.\d{6}$")]
    private static partial Regex Ts();
}
