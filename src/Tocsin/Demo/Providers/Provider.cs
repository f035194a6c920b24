using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Tocsin.Channels;

namespace Tocsin.Demo.Providers;

/// <param name="Path">With the query, as it was sent.</param>
internal sealed record ProviderRequest(string Method, string Path, Dictionary<string, string> Headers, byte[] Bytes)
{
    /// <exception cref="DecoderFallbackException">It is no UTF-8.</exception>
    public string Body => new UTF8Encoding(false, true).GetString(Bytes);

    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);
}

/// <summary>What came to a provider.</summary>
/// <param name="Channel">The name of the channel that its address was given to.</param>
/// <param name="Key">By which the sender knows it again, where the form has one.</param>
/// <param name="Text">What people read of it.</param>
/// <param name="Faults">What the real one would refuse it for, and what the test did not expect.</param>
/// <param name="IsTaken">True where it took effect.</param>
/// <param name="IsLost">True where it was taken and reached nobody.</param>
internal sealed record Arrival(
    string Channel, string? Key, string Text, ProviderRequest Request, DateTimeOffset At,
    IReadOnlyList<string> Faults, bool IsTaken, bool IsLost)
{
    public string? Fault => Faults.Count > 0 ? Faults[0] : null;

    /// <exception cref="JsonException">It is no JSON.</exception>
    public JsonElement Body => Request.Json;
}

/// <summary>
/// A provider of channels over real HTTP: a file of rules that refuses what the real one refuses. It answers by its
/// script first, and keeps all that came.
/// </summary>
internal abstract class Provider : IAsyncDisposable
{
    private readonly TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<DateTimeOffset> lately = new();
    private ProviderServer? server;

    /// <summary>The path that everything of it begins with: the real one's own.</summary>
    public abstract string Root { get; }

    /// <summary>How many messages the real one takes within a time, by its documentation.</summary>
    public abstract RateLimit Documented { get; }

    /// <summary>What a channel that posts here is called in the configuration.</summary>
    public string Channel { get; init; } = "night";

    public Script Script { get; } = new();

    /// <summary>The most requests that are expected; null where any number may come.</summary>
    public int? Most { get; set; }

    public List<ProviderRequest> Requests { get; } = [];

    /// <summary>Ends when a request has been read, before it is answered.</summary>
    public Task Arrived => arrived.Task;

    public Holds Holds { get; } = new();

    public string Api => (Base.AbsoluteUri + Root.TrimStart('/')).TrimEnd('/');

    protected Uri Base => Server.Address;

    protected TimeProvider Time => Server.Time;

    private ProviderServer Server =>
        server ?? throw new InvalidOperationException("a provider answers where its server is started");

    public void Join(ProviderServer joined) => server = joined;

    /// <summary>Ends the server, and fails who did not expect what came.</summary>
    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Server.AssertNothingUnexpected();
    }

    /// <summary>A server of which this one matters.</summary>
    protected static async Task<T> StartAsync<T>(T provider, Answer[] script, TimeProvider? time = null)
        where T : Provider
    {
        provider.Script.Add(script);
        await ProviderServer.StartAsync(time ?? TimeProvider.System, provider);
        return provider;
    }

    /// <summary>The words for too many requests.</summary>
    /// <param name="wait">How long the sender is told to wait; null where it is not.</param>
    public virtual Answer TooMany(TimeSpan? wait) => new(429, "", Hint(wait));

    public async Task TakeAsync(HttpContext context)
    {
        var request = await ReadAsync(context.Request);
        var number = Holds.Arrive();
        var (instead, answer) = Server.Locked(() => Take(request));
        arrived.TrySetResult();
        if (instead is { CallsBackFirst: true })
            await CallBackAsync(request, instead);
        await GiveAsync(context, answer, instead ?? Answer.Own, number);
        Answered(request);
        if (instead is null or { IsOwn: true, IsLost: false, CallsBackFirst: false })
            context.Response.OnCompleted(() => CallBackAsync(request, instead ?? Answer.Own));
    }

    protected T Locked<T>(Func<T> read) => Server.Locked(read);

    /// <summary>Posts to us as the provider does.</summary>
    protected Task<HttpStatusCode> PostAsync(Callback callback) => Server.PostAsync(callback);

    /// <summary>Notes what is wrong with a request, and gives what is done with it if nothing scripted is.</summary>
    protected abstract Func<Answer> Judge(ProviderRequest request, List<string> faults);

    /// <summary>The real one's form of a refusal.</summary>
    protected abstract Answer Refused(string fault);

    /// <summary>Hears that a request has its answer, or that it will have none.</summary>
    protected virtual void Answered(ProviderRequest request)
    {
    }

    /// <summary>The key and the words of what came.</summary>
    protected virtual (string? Key, string Text) Read(ProviderRequest request) => (null, request.Body);

    /// <summary>What it posts to us by itself once it took a request.</summary>
    protected virtual IEnumerable<Callback> CallsBack(ProviderRequest request) => [];

    protected static IEnumerable<string> UnknownFields(JsonElement said, string[] known) =>
        said.EnumerateObject().Select(field => field.Name).Except(known).Select(name => "unknown field " + name);

    protected virtual IEnumerable<string> WrongForm(ProviderRequest request)
    {
        if (request.Headers.GetValueOrDefault("Content-Type") is var type && type != "application/json; charset=utf-8")
            yield return "content type " + type;
        foreach (var unwanted in request.Headers.Keys.Intersect(["Cookie", "traceparent"]))
            yield return "unwanted header " + unwanted;
    }

    protected static string Hint(TimeSpan? wait) =>
        wait is { } span ? $"Retry-After: {(int)Math.Ceiling(span.TotalSeconds)}" : "";

    private (Answer? Instead, Answer Given) Take(ProviderRequest request)
    {
        Requests.Add(request);
        var faults = new List<string>();
        var (act, key, text) = Judged(request, faults);
        if (Most is { } most && Requests.Count > most)
            faults.Add("a request that nobody expected");
        var instead = Script.Next() ?? TooFast();
        var own = instead is null or { IsDone: true } ? act() : null;
        if (faults.Count > 0)
            own = Refused(faults[0]);
        var given = instead is null or { IsOwn: true } ? own! : instead;
        var isTaken = faults.Count == 0 && request.Method != "GET" && own is { Status: >= 200 and < 300 };
        var isLost = isTaken && instead is { IsLost: true };
        Server.Keep(new Arrival(Channel, key, text, request, Time.GetUtcNow(), faults, isTaken, isLost));
        return (instead, given);
    }

    private (Func<Answer> Act, string? Key, string Text) Judged(ProviderRequest request, List<string> faults)
    {
        try
        {
            faults.AddRange(WrongForm(request));
            var act = Judge(request, faults);
            var (key, text) = Read(request);
            return (act, key, text);
        }
        catch (Exception e) when (e is FormatException or JsonException or KeyNotFoundException
            or InvalidOperationException or ArgumentException)
        {
            faults.Add("it cannot be read: " + e.Message);
            return (() => Refused("unreadable"), null, "");
        }
    }

    // Nobody waits for the whole time: the oldest of the last ones makes room for one.
    private Answer? TooFast()
    {
        var now = Time.GetUtcNow();
        while (lately.TryPeek(out var first) && first + Documented.Per <= now)
            lately.Dequeue();
        if (Server.IsAngry && lately.Count >= Documented.Messages)
            return TooMany(lately.Peek() + Documented.Per - now);
        lately.Enqueue(now);
        return null;
    }

    private async Task CallBackAsync(ProviderRequest request, Answer how)
    {
        foreach (var callback in CallsBack(request).ToList())
        {
            for (var time = 0; time < how.Callbacks; time++)
                await Server.PostAsync(callback);
        }
    }

    private async Task GiveAsync(HttpContext context, Answer answer, Answer how, int number)
    {
        var gone = context.RequestAborted;
        try
        {
            if (how.Delay > TimeSpan.Zero)
                await Holds.HoldAsync(number, how.Delay, Time, gone);
            if (how.IsCut)
                context.Abort();
            else if (answer.Status is { } status)
                await WriteAsync(context, status, answer, how.Drip, number);
            else
                await Holds.HoldAsync(number, Timeout.InfiniteTimeSpan, Time, gone);
        }
        catch (OperationCanceledException)
        {
            // The sender went away: what it makes of that it says itself.
        }
    }

    private async Task WriteAsync(HttpContext context, int status, Answer answer, TimeSpan drip, int number)
    {
        context.Response.StatusCode = status;
        foreach (var line in answer.Headers.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            context.Response.Headers[line.Split(": ", 2)[0]] = line.Split(": ", 2)[1];
        if (answer.Body.Length == 0)
            return;
        context.Response.ContentType = "application/json";
        if (drip == TimeSpan.Zero)
        {
            await context.Response.WriteAsync(answer.Body, context.RequestAborted);
            return;
        }
        foreach (var letter in Encoding.UTF8.GetBytes(answer.Body))
        {
            await context.Response.Body.WriteAsync(new[] { letter }, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Holds.HoldAsync(number, drip, Time, context.RequestAborted);
        }
    }

    private static async Task<ProviderRequest> ReadAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        return new ProviderRequest(
            request.Method,
            request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget,
            request.Headers.ToDictionary(
                header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body.ToArray());
    }
}
