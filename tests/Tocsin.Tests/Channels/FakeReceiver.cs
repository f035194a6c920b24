using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Tocsin.Tests.Channels;

/// <summary>
/// A webhook over real HTTP on the loopback interface. It answers by its script, refuses what the real receiver
/// refuses, and fails the test that sent anything the receiver would refuse or did not expect.
/// </summary>
internal sealed class FakeReceiver : IAsyncDisposable
{
    /// <summary>The part of the address that must never be seen.</summary>
    public const string Secret = "T0SECRET/B0SECRET/xyzSECRETxyz";

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<Answer> script;
    private readonly Func<string, IEnumerable<string>> faults;
    private readonly List<string> violations = [];
    private readonly Task serving;

    private FakeReceiver(Func<string, IEnumerable<string>> faults, Answer[] script)
    {
        this.faults = faults;
        this.script = new Queue<Answer>(script);
        listener.Start();
        serving = ServeAsync();
    }

    /// <summary>How one request is answered; without a status it is not.</summary>
    internal sealed record Answer(int? Status, string Body = "", string Headers = "", bool Drop = false)
    {
        public static readonly Answer Never = new(Status: null);

        public static readonly Answer Dropped = new(Status: null, Drop: true);
    }

    internal sealed record Request(string Method, string Path, Dictionary<string, string> Headers, string Body);

    public List<Request> Requests { get; } = [];

    /// <summary>Ends when a request has been read, before it is answered.</summary>
    public Task Arrived => arrived.Task;

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/services/{Secret}");

    public static FakeReceiver Slack(params Answer[] script) => new(SlackRules.Faults, script);

    public static FakeReceiver Json(params Answer[] script) => new(JsonRules.Faults, script);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await serving;
        stop.Dispose();
        Assert.Empty(violations);
    }

    private async Task ServeAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var client = await listener.AcceptTcpClientAsync(stop.Token);
                await AnswerAsync(client.GetStream());
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or IOException)
            {
                // The test ended, or its client went away: what it should have done it asserts itself.
            }
            catch (Exception e) when (e is FormatException or JsonException or KeyNotFoundException)
            {
                violations.Add("a request that cannot be read: " + e.Message);
            }
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        var request = await ReadAsync(stream);
        Requests.Add(request);
        arrived.TrySetResult();
        var found = Faults(request).ToList();
        violations.AddRange(found);
        var answer = found.Count > 0 ? new Answer(400, "invalid_payload") : script.Dequeue();
        if (answer.Drop)
            return;
        if (answer.Status is null)
            await Task.Delay(Timeout.Infinite, stop.Token);
        var body = Encoding.UTF8.GetBytes(answer.Body);
        var head = $"HTTP/1.1 {answer.Status} Scripted\r\nContent-Length: {body.Length}\r\nConnection: close\r\n" +
            (answer.Headers.Length == 0 ? "" : answer.Headers + "\r\n") + "\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), stop.Token);
        await stream.WriteAsync(body, stop.Token);
    }

    private IEnumerable<string> Faults(Request request)
    {
        if (script.Count == 0)
            yield return "a request that the test did not expect";
        if (request.Method != "POST" || request.Path != "/services/" + Secret)
            yield return $"{request.Method} {request.Path}";
        if (request.Headers.GetValueOrDefault("content-type") != "application/json; charset=utf-8")
            yield return "invalid content type " + request.Headers.GetValueOrDefault("content-type");
        foreach (var unwanted in request.Headers.Keys.Intersect(["cookie", "traceparent", "authorization"]))
            yield return "unwanted header " + unwanted;
        foreach (var fault in faults(request.Body))
            yield return fault;
    }

    private async Task<Request> ReadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, stop.Token);
            head.Append((char)one[0]);
        }
        var lines = head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var start = lines[0].Split(' ');
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2))
            .ToDictionary(pair => pair[0].ToLowerInvariant(), pair => pair[1]);
        var body = new byte[int.Parse(headers.GetValueOrDefault("content-length", "0"), CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, stop.Token);
        return new Request(start[0], start[1], headers, new UTF8Encoding(false, true).GetString(body));
    }
}
