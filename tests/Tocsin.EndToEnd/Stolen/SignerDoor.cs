using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Tocsin.Recording;
using Tocsin.Signing;

namespace Tocsin.EndToEnd.Stolen;

/// <summary>
/// The signer's socket as somebody uses it who writes what he likes, under the user id that the kernel then tells the
/// signer.
/// </summary>
/// <param name="user">Null for our own.</param>
internal sealed class SignerDoor(string path, int? user = null)
{
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(60);

    /// <summary>What came back; null where the signer closed without an answer.</summary>
    public Task<SignerAnswer?> AskAsync(SignerRequest request, CancellationToken cancellationToken) =>
        SendAsync(JsonSerializer.Serialize(request, EventJson.Options) + "\n", cancellationToken);

    /// <inheritdoc cref="AskAsync"/>
    /// <param name="text">Anything, with or without its end of line.</param>
    public async Task<SignerAnswer?> SendAsync(string text, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(LongestAnswer);
        using var socket = Connect();
        var buffer = new byte[1 << 20];
        var length = 0;
        try
        {
            await WriteAsync(socket, text, deadline.Token);
            int read;
            while ((read = await socket.ReceiveAsync(buffer.AsMemory(length), deadline.Token)) > 0)
                length += read;
        }
        catch (SocketException)
        {
            // It closed while we were still at it; what it said before is there all the same.
        }
        return length == 0
            ? null : JsonSerializer.Deserialize<SignerAnswer>(buffer.AsSpan(0, length), EventJson.Options);
    }

    /// <summary>Connected, with nothing said yet.</summary>
    /// <remarks>The kernel names the thread's user at the moment of connecting (unix(7), SO_PEERCRED).</remarks>
    public Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Exception? fault = null;
        var connecting = new Thread(() =>
        {
            try
            {
                if (user is { } other && syscall(SetResUid, -1, other, -1) != 0)
                    throw new InvalidOperationException($"this thread cannot be user {other}");
                socket.Connect(new UnixDomainSocketEndPoint(path));
            }
            catch (Exception e)
            {
                fault = e;
            }
        });
        connecting.Start();
        connecting.Join();
        return fault is null ? socket : throw new InvalidOperationException("the signer cannot be reached", fault);
    }

    private static async Task WriteAsync(Socket socket, string text, CancellationToken cancellationToken)
    {
        try
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            for (var sent = 0; sent < bytes.Length;)
                sent += await socket.SendAsync(bytes.AsMemory(sent), cancellationToken);
            if (!text.EndsWith('\n'))
                socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // Whom it refuses it does not hear out; why, it said before.
        }
    }

    // The C library's function changes every thread of the process; the kernel's changes the one that calls it.
    private static nint SetResUid => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 117,
        Architecture.Arm64 => 147,
        var other => throw new InvalidOperationException($"nobody wrote down the number of setresuid on {other}"),
    };

#pragma warning disable IDE1006 // The name is that of the C library.
    [DllImport("libc", SetLastError = true)]
    private static extern nint syscall(nint number, nint real, nint effective, nint saved);
#pragma warning restore IDE1006
}
