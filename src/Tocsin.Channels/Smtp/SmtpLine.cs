using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace Tocsin.Channels.Smtp;

/// <summary>What an SMTP server answered: its words are not kept, since they may repeat anything.</summary>
/// <param name="Status">The enhanced status of RFC 3463, for example 5.1.1; empty where there is none.</param>
/// <param name="Lines">Without the code; for what a greeting offers.</param>
internal sealed record SmtpReply(int Code, string Status, IReadOnlyList<string> Lines)
{
    public bool IsGood => Code is >= 200 and < 300;

    public bool IsPermanent => Code is >= 500 and < 600;

    public override string ToString() => Status.Length == 0 ? $"{Code}" : $"{Code} {Status}";
}

/// <summary>A connection to an SMTP server: one command, one reply, all of it bounded.</summary>
internal sealed partial class SmtpLine(TcpClient client) : IDisposable
{
    private const int LineMost = 2000;
    private const int LinesMost = 100;

    private readonly byte[] buffer = new byte[4096];
    private Stream stream = client.GetStream();
    private int start;
    private int end;

    /// <summary>True where the server said more than was asked: what is read before encryption could be anybody's.
    /// </summary>
    public bool HasUnread => end > start || client.Available > 0;

    /// <summary>Ours, on this connection.</summary>
    public IPAddress Address => ((IPEndPoint)client.Client.LocalEndPoint!).Address;

    /// <exception cref="SocketException">There is no connection.</exception>
    /// <exception cref="PrivateNetworkException">It is in a private network that nobody named.</exception>
    public static async Task<SmtpLine> ConnectAsync(
        string host, int port, PrivateNetworks networks, CancellationToken ct) =>
        new(new TcpClient { Client = await networks.ConnectAsync(host, port, ct) });

    /// <param name="authority">Whose certificates are trusted; null for those that this machine trusts.</param>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The certificate is not trusted.
    /// </exception>
    public async Task EncryptAsync(string host, X509Certificate2? authority, CancellationToken ct)
    {
        var secure = new SslStream(stream);
        stream = secure;
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (authority is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.Add(authority);
        }
        await secure.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = host, CertificateChainPolicy = policy }, ct);
    }

    /// <summary>Sends a line and waits for what is said to it.</summary>
    /// <exception cref="InvalidDataException">The reply is none of SMTP's.</exception>
    public async Task<SmtpReply> AskAsync(string command, CancellationToken ct)
    {
        await WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"), ct);
        return await ReadAsync(ct);
    }

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        await stream.WriteAsync(bytes, ct);
        await stream.FlushAsync(ct);
    }

    /// <exception cref="InvalidDataException">The reply is none of SMTP's.</exception>
    public async Task<SmtpReply> ReadAsync(CancellationToken ct)
    {
        var lines = new List<string>();
        var code = "";
        while (lines.Count < LinesMost)
        {
            var line = await ReadLineAsync(ct);
            if (line.Length < 3 || !line.Take(3).All(char.IsAsciiDigit) || (code.Length > 0 && line[..3] != code)
                || (line.Length > 3 && line[3] is not (' ' or '-')))
                break;
            code = line[..3];
            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] == ' ')
                return new SmtpReply(int.Parse(code), Enhanced().Match(lines[0]).Value, lines);
        }
        throw new InvalidDataException("no reply of SMTP");
    }

    public void Dispose()
    {
        stream.Dispose();
        client.Dispose();
    }

    private async Task<string> ReadLineAsync(CancellationToken ct)
    {
        var line = new StringBuilder();
        while (line.Length <= LineMost)
        {
            if (start == end)
            {
                start = 0;
                end = await stream.ReadAsync(buffer, ct);
                if (end == 0)
                    throw new EndOfStreamException();
            }
            var letter = (char)buffer[start++];
            if (letter == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append(letter);
        }
        throw new InvalidDataException("a line that is too long");
    }

    [GeneratedRegex(@"^[245]\.[0-9]{1,3}\.[0-9]{1,3}(?= |$)")]
    private static partial Regex Enhanced();
}
