using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace Tocsin.Channels.Smtp;

/// <summary>
/// Mail by an SMTP server, encrypted or not at all. To one person it carries that person's link; to several it never
/// does. A server that took a mail over has brought it to nobody yet, and may try for days: no mail meets a deadline.
/// </summary>
public sealed partial class Mail : IChannel
{
    public static ChannelKind Kind { get; } = new(
        "email", "Mail, by an SMTP server",
        [
            new("host", FieldForm.Text, "the mail server's name"),
            new("from", FieldForm.Text, "the address it comes from"),
            new("to", FieldForm.Text, "the address of the person, or several with commas between them"),
            new("security", FieldForm.Text, "starttls where left out; tls; or none, on this machine alone", true),
            new("port", FieldForm.Text, "587 with starttls, 465 with tls and 25 with none where left out", true),
            new("user", FieldForm.Text, "who signs in to the server", IsOptional: true),
            new("password", FieldForm.Secret, "that user's password", IsOptional: true),
            new("authority", FieldForm.Text,
                "the absolute path of the certificate of an authority, where this machine does not know it", true),
        ],
        (section, tools) => new Mail(section, tools));

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private readonly string host;
    private readonly string from;
    private readonly string[] to;
    private readonly TimeProvider time;
    private readonly SmtpSubmission submission;

    // By Message-ID: what is settled for some readers while others wait. One lane has a mail, two have the channel.
    private readonly ConcurrentDictionary<string, Dictionary<string, SmtpReply>> settled = [];

    /// <param name="timeout">The limit for one attempt; 30 s where null.</param>
    /// <exception cref="FormatException">A field is not in its form, or a password would go unencrypted.</exception>
    public Mail(ChannelSection section, ChannelTools tools, TimeSpan? timeout = null)
    {
        Name = section.Name;
        host = section["host"];
        from = Address("from", section["from"]);
        to = [.. section["to"].Split(',', StringSplitOptions.TrimEntries).Select(one => Address("to", one)).Distinct()];
        time = tools.Time;
        submission = new SmtpSubmission(
            Server(section, tools.Networks ?? PrivateNetworks.None), time, timeout ?? DefaultTimeout);
    }

    public string Name { get; }

    public bool TakesSeveral => true;

    public async Task<DeliveryResult> DeliverAsync(Message message, CancellationToken ct)
    {
        var alert = message.Alert;
        var id = MailText.Id(Name, alert, from[(from.IndexOf('@') + 1)..]);
        var done = settled.GetOrAdd(id, _ => []);
        string[] open = [.. to.Where(reader => !done.ContainsKey(reader))];
        var mail = MailText.Write(alert, id, from, to, message.Thread, time.GetUtcNow());
        var outcome = await submission.SendAsync(from, open, mail, ct);
        foreach (var (reader, reply) in open.Zip(outcome.Readers))
            if (reply.IsGood || reply.IsPermanent)
                done[reader] = reply;
        var result = outcome.Whole ?? Judge(id, done, outcome.Readers);
        if (result is DeliveryResult.Accepted or DeliveryResult.Permanent)
            settled.TryRemove(id, out _);
        return result;
    }

    // Those who wait are tried again, alone. One who is refused for good makes it a failure, though others have it:
    // else nobody would ever hear that this person gets nothing.
    private DeliveryResult Judge(
        string id, Dictionary<string, SmtpReply> done, IReadOnlyList<SmtpReply> readers)
    {
        var waiting = readers.Where(reply => !reply.IsGood && !reply.IsPermanent).ToList();
        if (waiting.Count > 0)
            return new DeliveryResult.RetryAfter(null, $"{host} did not take {Readers(waiting.Count)}: {waiting[0]}");
        var refused = done.Values.Where(reply => reply.IsPermanent).ToList();
        return refused.Count > 0
            ? new DeliveryResult.Permanent($"{host} refused {Readers(refused.Count)}: {refused[0]}")
            : new DeliveryResult.Accepted($"{host} took it over", id);
    }

    private string Readers(int count) => to.Length == 1 ? "the recipient" : $"{count} of {to.Length} recipients";

    private static SmtpServer Server(ChannelSection section, PrivateNetworks networks)
    {
        var host = section["host"];
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
            throw new FormatException("'host' is no name of a server");
        var (security, port) = section.Find("security") switch
        {
            null or "starttls" => (SmtpSecurity.StartTls, 587),
            "tls" => (SmtpSecurity.Tls, 465),
            "none" when IsOnThisMachine(host) => (SmtpSecurity.None, 25),
            "none" => throw new FormatException("without encryption the mail server must be on this machine"),
            _ => throw new FormatException("'security' is starttls, tls or none"),
        };
        if (section.Find("port") is { } text
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is 0 or > 65535))
            throw new FormatException("'port' is a number from 1 to 65535");
        var (user, password) = (section.Find("user"), section.Find("password"));
        if ((user is null) != (password is null))
            throw new FormatException("'user' and 'password' are given together");
        if (user is not null && security == SmtpSecurity.None)
            throw new FormatException("a password goes to an encrypted mail server alone");
        return new SmtpServer(host, port, security, user, password, Authority(section.Find("authority")), networks);
    }

    private static X509Certificate2? Authority(string? path)
    {
        if (path is null)
            return null;
        try
        {
            if (!Path.IsPathFullyQualified(path))
                throw new FormatException("'authority' is an absolute path");
            // A pipe or a device has no length, and may never answer.
            var file = new FileInfo(path);
            return ((file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo) ?? file).Length > 0
                ? X509CertificateLoader.LoadCertificateFromFile(path)
                : throw new FormatException($"'authority' leads to no certificate: {path}");
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"'authority' leads to no certificate: {path}", e);
        }
    }

    private static bool IsOnThisMachine(string host) => host == "localhost"
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static string Address(string field, string text) => text.Length <= 254 && AddressForm().IsMatch(text)
        ? text
        : throw new FormatException($"'{field}' holds what is no mail address");

    // Less than RFC 5321 allows, and nothing that could end a command or a header.
    [GeneratedRegex(
        @"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
        + @"@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\z")]
    private static partial Regex AddressForm();
}
