using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace Tocsin.Demo.Providers;

/// <summary>
/// A mail server on the loopback interface, strict: it keeps the order of RFC 5321, takes no password and no mail in
/// the clear where it offers encryption, and fails the test that sent a bare line end, a line that is too long, a
/// header twice or a byte that is not ASCII.
/// </summary>
internal sealed class SmtpFake : IAsyncDisposable
{
    public const string User = "tocsin";
    public const string Password = "SECRETpassword";

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> violations = [];
    private readonly Task serving;

    public SmtpFake()
    {
        listener.Start();
        serving = ServeAsync();
    }

    internal sealed record Taken(string From, IReadOnlyList<string> To, string Text)
    {
        public IReadOnlyDictionary<string, string> Headers => Regex.Replace(Text.Split("\r\n\r\n")[0], "\r\n ", " ")
            .Split("\r\n").Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1]);

        public string Body => Encoding.UTF8.GetString(Convert.FromBase64String(Text.Split("\r\n\r\n", 2)[1]));

        public string Subject => string.Concat(Headers["Subject"].Split(' ').Select(word =>
            Encoding.UTF8.GetString(Convert.FromBase64String(word["=?utf-8?B?".Length..^2]))));
    }

    /// <summary>The authority that this server's certificate comes from.</summary>
    public static X509Certificate2 Authority { get; } = MakeAuthority();

    private static readonly X509Certificate2 Certificate = MakeCertificate();

    public bool OffersStartTls { get; init; } = true;

    public bool IsTlsFromTheStart { get; init; }

    /// <summary>The mechanisms of signing in; empty where nobody has to.</summary>
    public string Mechanisms { get; init; } = "";

    /// <summary>What follows the answer to STARTTLS in the clear.</summary>
    public string Injected { get; init; } = "";

    /// <summary>Answers in the place of its own, by how the command begins; an empty one ends the connection, and null
    /// is silence. The end of a mail is the command ".".</summary>
    public Dictionary<string, string?> Script { get; } = [];

    /// <summary>What the mails to come meet, each in its turn; for what a single command meets see
    /// <see cref="Script"/>.</summary>
    public Script MailScript { get; } = new();

    public Holds Holds { get; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Hears of each mail that was taken, and whether it is brought to anybody.</summary>
    public Action<Taken, bool>? Took { get; init; }

    public List<Taken> Mails { get; } = [];

    public List<string> Commands { get; } = [];

    public Task Arrived => arrived.Task;

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public IReadOnlyList<string> Violations => violations;

    public async Task StopAsync()
    {
        await stop.CancelAsync();
        // Stopped under an accept that is about to begin it would throw.
        await serving;
        listener.Stop();
        stop.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (violations.Count > 0)
            throw new InvalidOperationException(string.Join(Environment.NewLine, violations));
    }

    private async Task ServeAsync()
    {
        var sessions = new List<Task>();
        try
        {
            while (true)
                sessions.Add(TalkAsync(await listener.AcceptTcpClientAsync(stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(sessions);
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        try
        {
            using (client)
                await new Session(this, client.GetStream()).RunAsync();
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException
            or AuthenticationException)
        {
            // The test ended, or its client went away: what it should have done it asserts itself.
        }
    }

    private sealed class Session(SmtpFake fake, Stream stream)
    {
        private readonly List<string> to = [];
        private Stream stream = stream;
        private bool isEncrypted;
        private bool hasGreeted;
        private bool isSignedIn = fake.Mechanisms.Length == 0;
        private string? from;

        public async Task RunAsync()
        {
            if (fake.IsTlsFromTheStart)
                await EncryptAsync();
            if (!await SayAsync("CONNECT", "220 mail.example.org ESMTP"))
                return;
            while (await ReadLineAsync() is { } line)
            {
                fake.Commands.Add(line.StartsWith("AUTH PLAIN", StringComparison.Ordinal) ? "AUTH PLAIN" : line);
                if (line.Length > 510)
                    fake.violations.Add("a command that is too long");
                if (!await AnswerAsync(line))
                    return;
            }
        }

        private async Task<bool> AnswerAsync(string line)
        {
            switch (line.Split(' ', ':')[0])
            {
                case "EHLO":
                    if (!Regex.IsMatch(line, @"^EHLO \[[0-9.]+\]$"))
                        fake.violations.Add(line);
                    hasGreeted = true;
                    return await SayAsync(line, Offers());
                case "STARTTLS" when fake.OffersStartTls && !isEncrypted && hasGreeted:
                    if (!await SayAsync(line, "220 go ahead" + fake.Injected))
                        return false;
                    if (fake.Script.ContainsKey(line) || fake.Injected.Length > 0)
                        return true;
                    hasGreeted = false; // RFC 3207: what was said in the clear is forgotten
                    await EncryptAsync();
                    return true;
                case "AUTH" when isEncrypted && hasGreeted && !isSignedIn:
                    return await SignInAsync(line);
                case "MAIL" when hasGreeted && isSignedIn && from is null && MayTalk:
                    from = Regex.Match(line, "^MAIL FROM:<([^<> ]+)>$").Groups[1].Value;
                    return await SayAsync(line, from.Length > 0 ? "250 2.1.0 Ok" : "501 5.1.7 syntax");
                case "RCPT" when from is not null:
                    return await TakeReaderAsync(line);
                case "DATA" when to.Count > 0:
                    return await TakeMailAsync();
                case "QUIT":
                    await WriteAsync("221 2.0.0 Bye\r\n");
                    return false;
                default:
                    fake.violations.Add("out of order: " + line);
                    await WriteAsync("503 5.5.1 out of order\r\n");
                    return true;
            }
        }

        private bool MayTalk => isEncrypted || !(fake.OffersStartTls || fake.IsTlsFromTheStart);

        private string Offers()
        {
            var offers = new List<string> { "mail.example.org", "SIZE 10240000" };
            if (fake.OffersStartTls && !isEncrypted)
                offers.Add("STARTTLS");
            if (fake.Mechanisms.Length > 0 && isEncrypted)
                offers.Add("AUTH " + fake.Mechanisms);
            return string.Join(
                "\r\n", offers.Select((offer, at) => $"250{(at + 1 < offers.Count ? '-' : ' ')}{offer}"));
        }

        private async Task<bool> SignInAsync(string line)
        {
            var plain = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{User}\0{Password}"));
            if (fake.Mechanisms.Contains("PLAIN"))
            {
                isSignedIn = line == "AUTH PLAIN " + plain;
            }
            else
            {
                await WriteAsync("334 VXNlcm5hbWU6\r\n");
                var user = await ReadLineAsync();
                await WriteAsync("334 UGFzc3dvcmQ6\r\n");
                var password = await ReadLineAsync();
                isSignedIn = line == "AUTH LOGIN"
                    && user == Convert.ToBase64String(Encoding.UTF8.GetBytes(User))
                    && password == Convert.ToBase64String(Encoding.UTF8.GetBytes(Password));
            }
            return await SayAsync(line, isSignedIn ? "235 2.7.0 Ok" : $"535 5.7.8 {line}");
        }

        private async Task<bool> TakeReaderAsync(string line)
        {
            var reader = Regex.Match(line, "^RCPT TO:<([^<> ]+)>$").Groups[1].Value;
            if (!fake.Script.Keys.Any(key => line.StartsWith(key, StringComparison.Ordinal)))
                to.Add(reader);
            return await SayAsync(line, "250 2.1.5 Ok");
        }

        private async Task<bool> TakeMailAsync()
        {
            var number = fake.Holds.Arrive();
            var fault = fake.MailScript.Next() ?? Answer.Own;
            if (!fault.IsDone)
                return await RefuseAsync(fault, number);
            if (!await SayAsync("DATA", "354 End data with <CR><LF>.<CR><LF>"))
                return false;
            if (fake.Script.ContainsKey("DATA"))
                return true;
            var text = new StringBuilder();
            while (await ReadLineAsync() is { } line)
            {
                if (line == ".")
                {
                    fake.violations.AddRange(Faults(text.ToString()));
                    if (fake.Script.GetValueOrDefault(".") is null or "")
                        Keep(new Taken(from!, [.. to], text.ToString()), fault.IsLost);
                    if (fault.IsCut)
                        return false;
                    if (fault.Delay > TimeSpan.Zero)
                        await fake.Holds.HoldAsync(number, fault.Delay, fake.Time, fake.stop.Token);
                    (from, var count) = (null, to.Count);
                    to.Clear();
                    return fault.Drip == TimeSpan.Zero
                        ? await SayAsync(".", $"250 2.0.0 queued for {count}")
                        : await DripAsync($"250 2.0.0 queued for {count}\r\n", fault.Drip, number);
                }
                if (line.StartsWith('.'))
                    fake.violations.Add("a line that begins with a full stop");
                text.Append(line).Append("\r\n");
            }
            return false;
        }

        private void Keep(Taken mail, bool isLost)
        {
            fake.Mails.Add(mail);
            fake.Took?.Invoke(mail, isLost);
        }

        // What a status of HTTP says, in the words of mail, which has no hint of a time.
        private async Task<bool> RefuseAsync(Answer fault, int number)
        {
            if (fault.IsCut)
                return false;
            if (fault.Status is not { } status)
            {
                await fake.Holds.HoldAsync(number, Timeout.InfiniteTimeSpan, fake.Time, fake.stop.Token);
                return false;
            }
            await WriteAsync(status switch
            {
                429 => "451 4.7.1 too many mails, try again later\r\n",
                >= 500 => "451 4.3.0 local error\r\n",
                _ => "554 5.7.1 refused\r\n",
            });
            return true;
        }

        private async Task<bool> DripAsync(string text, TimeSpan pause, int number)
        {
            foreach (var letter in text)
            {
                await WriteAsync(letter.ToString());
                await fake.Holds.HoldAsync(number, pause, fake.Time, fake.stop.Token);
            }
            return true;
        }

        /// <summary>False where the connection ends.</summary>
        private async Task<bool> SayAsync(string command, string own)
        {
            var answer = own;
            foreach (var (begin, instead) in fake.Script)
            {
                if (!command.StartsWith(begin, StringComparison.Ordinal))
                    continue;
                if (instead is null)
                {
                    fake.arrived.TrySetResult();
                    await Task.Delay(Timeout.Infinite, fake.stop.Token);
                }
                if (instead!.Length == 0)
                    return false;
                answer = instead;
            }
            await WriteAsync(answer + "\r\n");
            return true;
        }

        private async Task EncryptAsync()
        {
            var secure = new SslStream(stream);
            await secure.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificate = Certificate }, fake.stop.Token);
            (stream, isEncrypted) = (secure, true);
        }

        private async Task WriteAsync(string text)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(text), fake.stop.Token);
            await stream.FlushAsync(fake.stop.Token);
        }

        private async Task<string?> ReadLineAsync()
        {
            var line = new StringBuilder();
            var one = new byte[1];
            while (await stream.ReadAsync(one, fake.stop.Token) == 1)
            {
                if (one[0] == '\n')
                {
                    if (line.Length == 0 || line[^1] != '\r')
                        fake.violations.Add("a bare line feed");
                    return line.ToString().TrimEnd('\r');
                }
                if (one[0] is > 126 || (line.Length > 0 && line[^1] == '\r'))
                    fake.violations.Add("a bare carriage return, or no ASCII");
                line.Append((char)one[0]);
            }
            return null;
        }
    }

    private static IEnumerable<string> Faults(string text)
    {
        var parts = text.Split("\r\n\r\n", 2);
        var lines = parts[0].Split("\r\n");
        foreach (var line in lines.Where(line => line.Length > 998 || !Regex.IsMatch(line, "^([A-Za-z-]+: .+| .+)$")))
            yield return "header line: " + line;
        var names = lines.Where(line => line[0] != ' ').Select(line => line.Split(':')[0].ToLowerInvariant()).ToList();
        foreach (var name in names.GroupBy(name => name).Where(group => group.Count() > 1))
            yield return "a header twice: " + name.Key;
        string[] needed = ["date", "from", "to", "subject", "message-id", "mime-version", "content-type"];
        foreach (var missing in needed.Except(names))
            yield return "no header " + missing;
        foreach (Match word in Regex.Matches(parts[0], @"=\?[^ ]*"))
        {
            if (word.Length > 75)
                yield return "an encoded word that is too long";
        }
        foreach (var line in parts[1].Split("\r\n").Where(line => line.Length > 76))
            yield return "a line of Base64 that is too long: " + line;
    }

    private static X509Certificate2 MakeAuthority()
    {
        var request = new CertificateRequest(
            "CN=Authority of a mail server", ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(From, Until);
    }

    private static X509Certificate2 MakeCertificate()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        return request.Create(Authority, From, Until, [1, 2, 3]).CopyWithPrivateKey(key);
    }

    private static DateTimeOffset From => new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static DateTimeOffset Until => new(2120, 1, 1, 0, 0, 0, TimeSpan.Zero);
}
