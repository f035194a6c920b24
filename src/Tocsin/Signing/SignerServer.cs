using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Tocsin.Recording;
using Tocsin.Texts;

namespace Tocsin.Signing;

/// <summary>The signer's Unix socket: one JSON line in, one JSON line out, one request at a time.</summary>
internal sealed class SignerServer(
    Signer signer, SignerPolicy policy, Action<string> tell, TimeProvider? time = null)
    : IDisposable
{
    private const int MaximumRequestBytes = 256 * 1024;
    private const int ClientsAtOnce = 128;
    private const int ClientsOfOneUser = 64;
    private const int LongestReason = 300;
    private const int LinesPerMinute = 60;
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);

    // Twice this and the time that a key may take stay below what a client waits.
    private static readonly TimeSpan TurnTimeout = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim turn = new(1);
    private readonly RequestRate rate = new(time ?? TimeProvider.System);
    private readonly Places places = new(ClientsAtOnce, ClientsOfOneUser);
    private readonly FewLines lines = new(tell, LinesPerMinute, time ?? TimeProvider.System);

    /// <summary>Binds the socket with the rights that the policy gives.</summary>
    /// <exception cref="InputException">The path is too long, not writable, or in use by a living signer.</exception>
    public static Socket Bind(SignerPolicy policy)
    {
        try
        {
            RefuseLivingSigner(policy.SocketPath);
            File.Delete(policy.SocketPath);
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Bind(new UnixDomainSocketEndPoint(policy.SocketPath));
            // With named clients the kernel tells who connects; without, only the signer's own user gets in.
            var everyone =
                UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
            var mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | (policy.Clients is null ? 0 : everyone);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(policy.SocketPath, mode);
            socket.Listen(16);
            return socket;
        }
        catch (Exception e) when (
            e is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InputException($"the signer cannot listen on {policy.SocketPath}: {e.Message}", e);
        }
    }

    public void Dispose()
    {
        turn.Dispose();
        places.Dispose();
    }

    public async Task ServeAsync(Socket listener, CancellationToken cancellationToken)
    {
        var fault = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (true)
        {
            var accepting = listener.AcceptAsync(cancellationToken).AsTask();
            if (await Task.WhenAny(accepting, fault.Task) == fault.Task)
                await fault.Task;
            var client = await accepting;
            // A client that says nothing must not keep the brake from the others.
            var user = PeerUser.Of(client);
            if (places.Take(user))
                _ = ServeAsync(client, user, fault, cancellationToken);
            else
                client.Dispose();
        }
    }

    private async Task ServeAsync(
        Socket client, int? user, TaskCompletionSource fault, CancellationToken cancellationToken)
    {
        try
        {
            using (client)
                await AnswerAsync(client, user, cancellationToken);
            places.Leave(user);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            lines.Tell($"a client left in the middle of a request: {e.Message}");
            places.Leave(user);
        }
        catch (Exception e)
        {
            // What the journal cannot keep must not be signed: the signer stops.
            fault.TrySetException(e);
        }
    }

    private async Task AnswerAsync(Socket client, int? user, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(RequestTimeout);
        await using var stream = new NetworkStream(client);
        var answer = RefuseClient(client)
            ?? await AnswerAsync(await ReadLineAsync(stream, deadline.Token), user, deadline.Token);
        if (answer.Refused is { } refused)
        {
            // Some reasons repeat what the request says: neither a log nor a terminal is to be written to by it.
            answer = new SignerAnswer(Refused: refused with { Reason = Printable(refused.Reason) });
            signer.Refusals.Add(refused.Code);
            lines.Tell($"refused: {answer.Refused!.Reason}");
        }
        var line = JsonSerializer.Serialize(answer, EventJson.Options) + "\n";
        await stream.WriteAsync(Encoding.UTF8.GetBytes(line), deadline.Token);
    }

    private SignerAnswer? RefuseClient(Socket client)
    {
        if (!PeerUser.IsAllowed(client, policy.Clients))
            return new SignerAnswer(
                Refused: new Refusal(SignerRefusal.ClientNotAllowed, "this user may not ask the signer"));
        return rate.Take(PeerUser.Of(client))
            ? null
            : new SignerAnswer(Refused: new Refusal(
                SignerRefusal.TooManyRequests,
                $"this user asks more than {RequestRate.PerSecond} times a second"));
    }

    private async Task<SignerAnswer> AnswerAsync(byte[]? line, int? user, CancellationToken cancellationToken)
    {
        if (line is null)
            return new SignerAnswer(
                Refused: new Refusal(SignerRefusal.Malformed, "a request is one line of JSON of at most 256 KiB"));
        try
        {
            var request = JsonSerializer.Deserialize<SignerRequest>(line, EventJson.Options);
            return request is null
                ? Malformed("the request is null")
                : await AskAsync(request, user, cancellationToken);
        }
        catch (Exception e) when (
            e is JsonException or FormatException or ArgumentException or OverflowException or NullReferenceException)
        {
            return Malformed($"the request cannot be read: {e.Message}");
        }
    }

    // The journal and the nonces are decided on by one request at a time. Of each user only one waits for that, so that
    // whoever asks much and dearly is behind everybody else, and not before them.
    private async Task<SignerAnswer> AskAsync(
        SignerRequest request, int? user, CancellationToken cancellationToken)
    {
        var own = places.TurnOf(user);
        if (!await own.WaitAsync(TurnTimeout, cancellationToken))
            return Busy();
        try
        {
            if (!await turn.WaitAsync(TurnTimeout, cancellationToken))
                return Busy();
            try
            {
                // A client that leaves must not undo half of it; a key that does not answer is given up by itself.
                return await signer.AnswerAsync(request, CancellationToken.None);
            }
            finally
            {
                turn.Release();
            }
        }
        finally
        {
            own.Release();
        }
    }

    // Said before the journal was looked at, so it is no word on whether something was signed.
    private static SignerAnswer Busy() => new(
        Refused: new Refusal(SignerRefusal.TooManyRequests, "the signer waits for whoever holds the key"));

    private static string Printable(string reason)
    {
        var shown = reason.Length > LongestReason ? string.Concat(reason.AsSpan(0, LongestReason), "…") : reason;
        return shown.Any(char.IsControl)
            ? string.Concat(shown.Select(letter => char.IsControl(letter) ? '?' : letter))
            : shown;
    }

    private static SignerAnswer Malformed(string reason) => new(Refused: new Refusal(SignerRefusal.Malformed, reason));

    private static async Task<byte[]?> ReadLineAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaximumRequestBytes];
        var length = 0;
        while (length < buffer.Length)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
                return null;
            var end = Array.IndexOf(buffer, (byte)'\n', length, read);
            length += read;
            if (end >= 0)
                return buffer[..end];
        }
        return null;
    }

    private static void RefuseLivingSigner(string path)
    {
        if (!File.Exists(path))
            return;
        // A socket holds nothing: what does is somebody's file, perhaps the journal, and must not make way.
        if (new FileInfo(path).Length > 0)
            throw new InputException($"{path} is a file, not a socket; name another path for the signer's socket");
        try
        {
            using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            return;
        }
        throw new InputException($"a signer is already listening on {path}");
    }
}
