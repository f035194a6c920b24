using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Tocsin.Recording;

namespace Tocsin.Signing;

/// <summary>The signer did not answer, or not in its own words.</summary>
internal sealed class SignerUnreachableException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The server's side of the signer's socket. Each request is a connection of its own.</summary>
internal sealed class SignerClient(string socketPath)
{
    private const int MaximumAnswerBytes = 64 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private long underWay;
    private long notGranted;

    /// <summary>
    /// Requests of ours that the signer may have counted as refused: it refused them, its answer was lost, or they are
    /// under way.
    /// </summary>
    public (long Settled, long UnderWay) PerhapsRefused =>
        (Interlocked.Read(ref notGranted), Interlocked.Read(ref underWay));

    /// <exception cref="SignerUnreachableException">Nobody listens, or the answer is not one.</exception>
    public async Task<SignerAnswer> AskAsync(SignerRequest request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref underWay);
        var granted = false;
        try
        {
            var answer = await ExchangeAsync(request, cancellationToken);
            granted = answer.Refused is null;
            return answer;
        }
        finally
        {
            // In this order it is never in neither: what is ours is never taken for a stranger's.
            if (!granted)
                Interlocked.Increment(ref notGranted);
            Interlocked.Decrement(ref underWay);
        }
    }

    private async Task<SignerAnswer> ExchangeAsync(SignerRequest request, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Timeout);
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), deadline.Token);
            await using var stream = new NetworkStream(socket);
            await SendAsync(stream, JsonSerializer.Serialize(request, EventJson.Options) + "\n", deadline.Token);
            var answer = JsonSerializer.Deserialize<SignerAnswer>(
                await ReadAsync(stream, deadline.Token), EventJson.Options);
            return answer ?? throw new SignerUnreachableException("the signer answered nothing");
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SignerUnreachableException(
                $"the signer on {socketPath} did not answer within {Timeout.TotalSeconds:0} s", e);
        }
        catch (Exception e) when (e is SocketException or IOException or JsonException or ArgumentException)
        {
            throw new SignerUnreachableException(
                $"the signer on {socketPath} cannot be reached ({e.Message}): is 'tocsin signer' running, and may this "
                    + "user connect?",
                e);
        }
    }

    private static async Task SendAsync(Stream stream, string line, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(line), cancellationToken);
        }
        catch (IOException)
        {
            // A signer that refuses us does not read on; its answer, which says why, is there to be read all the same.
        }
    }

    // To the end of the line: behind the answer of a signer that did not read on, the connection is reset.
    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaximumAnswerBytes];
        var length = 0;
        int read;
        while ((read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken)) > 0)
        {
            length += read;
            if (buffer[length - 1] == (byte)'\n')
                break;
            if (length == buffer.Length)
                throw new IOException("the answer is longer than 64 KiB");
        }
        return buffer[..length];
    }
}
