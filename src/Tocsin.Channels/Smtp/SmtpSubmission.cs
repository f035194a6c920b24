using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Tocsin.Channels.Smtp;

/// <summary>How a connection to a mail server is encrypted.</summary>
internal enum SmtpSecurity
{
    /// <summary>It begins in the clear and must become encrypted before anything is said.</summary>
    StartTls,

    /// <summary>It is encrypted from the first byte on.</summary>
    Tls,

    /// <summary>Not at all; on this machine alone.</summary>
    None,
}

/// <summary>A mail server, and how one signs in to it.</summary>
/// <param name="Password">Of the user; null where there is no signing in.</param>
/// <param name="Authority">Whose certificates are trusted; null for those that this machine trusts.</param>
/// <param name="Networks">Which private networks are meant.</param>
internal sealed record SmtpServer(
    string Host, int Port, SmtpSecurity Security, string? User, string? Password, X509Certificate2? Authority,
    PrivateNetworks Networks)
{
    public override string ToString() => Host;
}

/// <summary>What became of a mail.</summary>
/// <param name="Whole">What is true of all readers; null where each has an answer of their own.</param>
/// <param name="Readers">An answer for each reader, in their order: a good one where the server took the mail for them.
/// </param>
internal sealed record SmtpOutcome(DeliveryResult? Whole, IReadOnlyList<SmtpReply> Readers);

/// <summary>
/// Hands one mail to a server, by RFC 5321 and RFC 6409. The framework's own client is not used: it knows no connection
/// that is encrypted from the beginning (EnableSsl is STARTTLS alone), observes its time limit only where it blocks,
/// does not say of each reader what became of the mail, and its own documentation advises against it.
/// </summary>
internal sealed class SmtpSubmission(SmtpServer server, TimeProvider time, TimeSpan timeout)
{
    private readonly string host = server.Host;

    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public async Task<SmtpOutcome> SendAsync(
        string from, IReadOnlyList<string> to, byte[] mail, CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        var dialogue = new Dialogue(server);
        try
        {
            return await dialogue.RunAsync(from, to, mail, either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return dialogue.Lost($"{host} did not answer within {timeout.TotalSeconds} s");
        }
        catch (AuthenticationException)
        {
            return Whole(new DeliveryResult.RetryAfter(null, $"no trusted encryption with {host}: its certificate?"));
        }
        catch (PrivateNetworkException e)
        {
            return Whole(new DeliveryResult.RetryAfter(null, e.Message));
        }
        catch (SocketException e) when (!dialogue.IsConnected)
        {
            return Whole(new DeliveryResult.RetryAfter(null, $"no connection to {host} ({e.SocketErrorCode})"));
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidDataException)
        {
            return dialogue.Lost($"the connection to {host} was lost");
        }
    }

    private static SmtpOutcome Whole(DeliveryResult result) => new(result, []);

    private sealed class Dialogue(SmtpServer server)
    {
        private SmtpReply? offers;
        private bool isHandedOver;

        public bool IsConnected { get; private set; }

        /// <summary>Whether the server may have the mail depends on how far it was.</summary>
        public SmtpOutcome Lost(string reason) => Whole(
            isHandedOver ? new DeliveryResult.Unknown(reason) : new DeliveryResult.RetryAfter(null, reason));

        public async Task<SmtpOutcome> RunAsync(
            string from, IReadOnlyList<string> to, byte[] mail, CancellationToken ct)
        {
            using var line = await SmtpLine.ConnectAsync(server.Host, server.Port, server.Networks, ct);
            IsConnected = true;
            var refusal = await BeginAsync(line, ct) ?? await SignInAsync(line, ct);
            if (refusal is not null)
                return Whole(refusal);
            var sender = await line.AskAsync($"MAIL FROM:<{from}>", ct);
            if (!sender.IsGood)
                return Whole(Refused("the sender", sender));
            var readers = new List<SmtpReply>();
            foreach (var reader in to)
                readers.Add(await line.AskAsync($"RCPT TO:<{reader}>", ct));
            if (!readers.Any(reader => reader.IsGood))
                return await EndAsync(line, new SmtpOutcome(null, readers), ct);
            var data = await line.AskAsync("DATA", ct);
            if (data.Code != 354)
                return Whole(Refused("the mail", data));
            // The mail holds no line that begins with a full stop.
            await line.WriteAsync(mail, ct);
            // From here on a lost answer says nothing.
            isHandedOver = true;
            var taken = await line.AskAsync(".", ct);
            var outcome = taken.IsGood ? new SmtpOutcome(null, readers) : Whole(Refused("the mail", taken));
            return await EndAsync(line, outcome, ct);
        }

        private async Task<DeliveryResult?> BeginAsync(SmtpLine line, CancellationToken ct)
        {
            if (server.Security == SmtpSecurity.Tls)
                await line.EncryptAsync(server.Host, server.Authority, ct);
            var greeting = await line.ReadAsync(ct);
            if (greeting.Code != 220)
                return Refused("the connection", greeting);
            if (await HelloAsync(line, ct) is { } refusal)
                return refusal;
            if (server.Security != SmtpSecurity.StartTls)
                return null;
            // Whoever is on the way may take the offer out: then nothing is said, neither mail nor password.
            if (!Offers("STARTTLS"))
                return Unencrypted("offers no encryption (STARTTLS)");
            var start = await line.AskAsync("STARTTLS", ct);
            if (start.Code != 220)
                return Unencrypted($"refused encryption: {start}");
            // What came in the clear after this answer would be read as if it had come encrypted (CVE-2011-0411).
            if (line.HasUnread)
                return Unencrypted("said more before encryption than it was asked");
            await line.EncryptAsync(server.Host, server.Authority, ct);
            return await HelloAsync(line, ct);
        }

        private async Task<DeliveryResult?> HelloAsync(SmtpLine line, CancellationToken ct)
        {
            offers = await line.AskAsync("EHLO " + Literal(line.Address), ct);
            return offers.IsGood ? null : Refused("the greeting", offers);
        }

        private async Task<DeliveryResult?> SignInAsync(SmtpLine line, CancellationToken ct)
        {
            if (server.User is null || server.Password is null)
                return null;
            SmtpReply reply;
            if (Offers("AUTH", "PLAIN"))
            {
                reply = await line.AskAsync("AUTH PLAIN " + Base64($"\0{server.User}\0{server.Password}"), ct);
            }
            else if (Offers("AUTH", "LOGIN"))
            {
                reply = await line.AskAsync("AUTH LOGIN", ct);
                if (reply.Code == 334)
                    reply = await line.AskAsync(Base64(server.User), ct);
                if (reply.Code == 334)
                    reply = await line.AskAsync(Base64(server.Password), ct);
            }
            else
            {
                return new DeliveryResult.Permanent($"{server.Host} offers neither AUTH PLAIN nor AUTH LOGIN");
            }
            return reply.IsGood ? null : Refused("user and password", reply);
        }

        // The result is known: an end that goes wrong changes nothing, and nobody waits for it.
        private static async Task<SmtpOutcome> EndAsync(SmtpLine line, SmtpOutcome outcome, CancellationToken ct)
        {
            try
            {
                await line.WriteAsync("QUIT\r\n"u8.ToArray(), ct);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                return outcome;
            }
            return outcome;
        }

        private DeliveryResult Refused(string what, SmtpReply reply) => reply.IsPermanent
            ? new DeliveryResult.Permanent($"{server.Host} refused {what}: {reply}")
            : new DeliveryResult.RetryAfter(null, $"{server.Host} did not take {what}: {reply}");

        private DeliveryResult Unencrypted(string why) =>
            new DeliveryResult.RetryAfter(null, $"{server.Host} {why}: nothing was said to it");

        private bool Offers(string keyword, string? parameter = null) => offers!.Lines.Skip(1)
            .Select(line => line.ToUpperInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Any(words => words.FirstOrDefault() == keyword && (parameter is null || words.Contains(parameter)));

        private static string Literal(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6
            ? address.IsIPv4MappedToIPv6 ? $"[{address.MapToIPv4()}]" : $"[IPv6:{address}]"
            : $"[{address}]";

        private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
    }
}
