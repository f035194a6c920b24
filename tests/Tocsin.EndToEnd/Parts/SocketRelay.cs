using System.Net.Sockets;
using System.Text;

namespace Tocsin.EndToEnd.Parts;

/// <summary>Passes the signer's requests on, and can hold one of them or its answer.</summary>
internal sealed class SocketRelay : IAsyncDisposable
{
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource end = new();
    private readonly string target;
    private readonly Task accepting;

    public SocketRelay(string path, string target)
    {
        (Path, this.target) = (path, target);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(16);
        accepting = AcceptAsync();
    }

    public string Path { get; }

    /// <summary>The message to hold; null for none.</summary>
    public Hold? Hold { get; set; }

    /// <summary>Answers a request in place of the signer; null where the signer answers.</summary>
    public Func<string, string?>? Instead { get; set; }

    public async ValueTask DisposeAsync()
    {
        Hold?.Release(lost: true);
        await end.CancelAsync();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        listener.Dispose();
        end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
            _ = PassAsync(await listener.AcceptAsync(end.Token));
    }

    private async Task PassAsync(Socket client)
    {
        using var closing = client;
        try
        {
            await using var near = new NetworkStream(client);
            using var reader = new StreamReader(near, leaveOpen: true);
            var request = await reader.ReadLineAsync(end.Token) ?? "";
            var hold = Hold;
            if (hold is not null && !await hold.PassAsync(request, null))
                return;
            var answer = Instead?.Invoke(request) ?? await AskAsync(request);
            if (hold is null || await hold.PassAsync(request, answer))
                await near.WriteAsync(Encoding.UTF8.GetBytes(answer), end.Token);
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            // Either end is gone, as it may be here; the other one finds the connection closed.
        }
    }

    private async Task<string> AskAsync(string request)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(target), end.Token);
        await using var far = new NetworkStream(socket);
        await far.WriteAsync(Encoding.UTF8.GetBytes(request + "\n"), end.Token);
        using var reader = new StreamReader(far);
        return await reader.ReadToEndAsync(end.Token);
    }
}
