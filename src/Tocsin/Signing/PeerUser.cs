using System.Buffers.Binary;
using System.Net.Sockets;

namespace Tocsin.Signing;

/// <summary>Who is at the other end of a Unix socket, as the kernel says (unix(7), SO_PEERCRED).</summary>
internal static class PeerUser
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    /// <param name="users">User ids that may connect; null leaves it to the socket file's permissions.</param>
    public static bool IsAllowed(Socket client, ValueList<int>? users) =>
        users is null || (Of(client) is { } user && users.Contains(user));

    /// <summary>The user id; null on systems that do not say.</summary>
    public static int? Of(Socket client)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        // struct ucred { pid_t pid; uid_t uid; gid_t gid; }
        Span<byte> credentials = stackalloc byte[12];
        client.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
        return BitConverter.IsLittleEndian
            ? BinaryPrimitives.ReadInt32LittleEndian(credentials[4..])
            : BinaryPrimitives.ReadInt32BigEndian(credentials[4..]);
    }
}
