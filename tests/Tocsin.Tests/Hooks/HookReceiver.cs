using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tocsin.Tests.Hooks;

/// <summary>What a hook is sent to, on the loopback interface: it answers by its script, byte for byte.</summary>
internal sealed class HookReceiver : IAsyncDisposable
{
    /// <summary>No answer ever comes.</summary>
    public const string Silence = "silence";

    /// <summary>An answer whose body has no end.</summary>
    public const string Endless = "HTTP/1.1 204 Fine\r\nConnection: close\r\n\r\nendless";

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Queue<string> script;
    private readonly Task serving;

    public HookReceiver(params string[] script)
    {
        this.script = new Queue<string>(script);
        listener.Start();
        serving = ServeAsync();
    }

    /// <summary>Each as its head, with its body after it.</summary>
    public List<string> Requests { get; } = [];

    public string Address => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/hunter2";

    public static string Status(int status, string headers = "") =>
        $"HTTP/1.1 {status} Scripted\r\nContent-Length: 0\r\n{headers}\r\n";

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await serving;
        stop.Dispose();
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
                // The test ended, or the sender went away.
            }
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        Requests.Add(await ReadAsync(stream));
        var answer = script.Count > 0 ? script.Dequeue() : Status(500);
        if (answer == Silence)
            await Task.Delay(Timeout.Infinite, stop.Token);
        do
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), stop.Token);
        }
        while (answer == Endless);
    }

    private async Task<string> ReadAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, stop.Token);
            text.Append((char)one[0]);
        }
        var length = text.ToString().Split("\r\n")
            .Where(line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase))
            .Select(line => int.Parse(line["Content-Length: ".Length..], CultureInfo.InvariantCulture))
            .FirstOrDefault();
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, stop.Token);
        return text.Append(Encoding.UTF8.GetString(body)).ToString();
    }
}
