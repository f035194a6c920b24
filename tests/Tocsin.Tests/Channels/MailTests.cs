using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Channels;
using Tocsin.Channels.Smtp;
using Tocsin.Communications;
using Tocsin.Demo.Providers;

namespace Tocsin.Tests.Channels;

public sealed class MailTests : IDisposable
{
    private static readonly Alert Later = Alerts.Night with { Key = "INC-7/worsened/2" };

    private readonly HttpClient http = ChannelHttp.Create();
    private readonly ManualClock clock = new(Alerts.Noon);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-mail-");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        http.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_person_gets_the_facts_and_their_own_link()
    {
        await using var server = new SmtpFake();

        var result = await Mail(server).DeliverAsync(new Message(Alerts.Night), Ct);

        var mail = Assert.Single(server.Mails);
        Assert.Equal("tocsin@example.org", mail.From);
        Assert.Equal(["ada@example.org"], mail.To);
        Assert.Equal("ada@example.org", mail.Headers["To"]);
        Assert.Equal("Sun, 01 Mar 2026 12:00:00 +0000", mail.Headers["Date"]);
        Assert.Equal("SEVERITY 1 · Flash-loan attack on the lending pool", mail.Subject);
        Assert.Equal("auto-generated", mail.Headers["Auto-Submitted"]);
        Assert.Equal(
            """
            SEVERITY 1 · Flash-loan attack on the lending pool

            Do now: Open the war room and approve the pause
            Threat: A loan of 40,000,000 USD moved the price that the pool reads
            Impact: about 1,200,000 USD so far
            Detected: 2026-03-01 03:04:05 UTC
            Lead: CTO: Ada
            Affected: lending pool
            Affected: 0x6e1b0fdc4b1d8d0ac1f4d1f2b19b9c2ea2c5a4bb

            Acknowledge: https://war.example.org/ack/ADA-PRIVATE
            War room: https://war.example.org/i/INC-7?token=read&lang=en

            INC-7 · log head 12:0xab

            """.ReplaceLineEndings("\r\n"),
            mail.Body);
        Assert.Equal(new DeliveryResult.Accepted("127.0.0.1 took it over", mail.Headers["Message-ID"]), result);
    }

    [Fact]
    public async Task Of_several_none_gets_a_link_of_a_person_and_none_sees_the_others()
    {
        await using var server = new SmtpFake();

        await Mail(server, ("to", "ada@example.org, bo@example.org")).DeliverAsync(new Message(Alerts.Night), Ct);

        var mail = Assert.Single(server.Mails);
        Assert.Equal(["ada@example.org", "bo@example.org"], mail.To);
        Assert.Equal("undisclosed-recipients:;", mail.Headers["To"]);
        Assert.DoesNotContain("ADA-PRIVATE", mail.Body);
        Assert.Contains("War room: https://war.example.org/", mail.Body);
    }

    [Fact]
    public async Task The_public_gets_the_words_of_people_alone()
    {
        await using var server = new SmtpFake();
        var told = Alerts.Night with { Statement = new Statement("We are on it.", true, new UpdateName("world", 1)) };

        await Mail(server).DeliverAsync(new Message(told), Ct);

        Assert.Equal("We are on it.\r\n", Assert.Single(server.Mails).Body);
        Assert.Equal("We are on it.", server.Mails[0].Headers["Subject"]);
        Assert.DoesNotContain("lending", server.Mails[0].Text);
    }

    [Fact]
    public async Task Attempts_share_their_message_id_and_later_mails_refer_to_the_first()
    {
        await using var server = new SmtpFake();
        var mail = Mail(server);

        var first = Assert.IsType<DeliveryResult.Accepted>(await mail.DeliverAsync(new Message(Alerts.Night), Ct));
        clock.Advance(TimeSpan.FromMinutes(1));
        await mail.DeliverAsync(new Message(Alerts.Night), Ct);
        await mail.DeliverAsync(new Message(Later, first.Receipt), Ct);

        var ids = server.Mails.Select(one => one.Headers["Message-ID"]).ToList();
        Assert.Equal(ids[0], ids[1]);
        Assert.NotEqual(ids[0], ids[2]);
        Assert.Equal(ids[0], server.Mails[2].Headers["References"]);
        Assert.Equal(ids[0], server.Mails[2].Headers["In-Reply-To"]);
        Assert.DoesNotContain("References", server.Mails[0].Headers.Keys);
    }

    [Theory]
    [InlineData("1445880548472328192")]
    [InlineData("<x@y>\r\nBcc: eve@example.org")]
    [InlineData("<0123456789012345678901234567890123456789@example.org>\n")]
    public async Task A_receipt_that_is_no_message_id_is_left_out(string thread)
    {
        await using var server = new SmtpFake();

        await Mail(server).DeliverAsync(new Message(Alerts.Night, thread), Ct);

        Assert.DoesNotContain("References", Assert.Single(server.Mails).Headers.Keys);
    }

    [Fact]
    public void A_message_id_is_of_one_alert_one_channel_and_one_installation()
    {
        string[] ids =
        [
            MailText.Id("ada", Alerts.Night, "example.org"),
            MailText.Id("bo", Alerts.Night, "example.org"),
            MailText.Id("ada", Later, "example.org"),
            MailText.Id("ada", Alerts.Night with { LogHead = "12:0xac" }, "example.org"),
            MailText.Id("ada", Alerts.Night with { WarRoom = new Uri("https://staging.example.org") }, "example.org"),
        ];

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches("^<[0-9a-f]{40}@example.org>$", id));
    }

    [Fact]
    public void No_string_ends_a_header_or_a_line_or_the_mail()
    {
        string[] pieces =
            ["\r\n", "\n.\r\n", "\r\nBcc: eve@example.org\r\n", ".", "=?utf-8?Q?x?=", "中", "\ud83d", "\0"];
        var texts = Gen.Elements(pieces).ListOf().Select(string.Concat);

        Prop.ForAll(Arb.From(texts), text =>
        {
            var bytes = MailText.Write(
                Alerts.With(text), "<id@example.org>", "t@example.org", ["ada@example.org"], null, Alerts.Noon);
            var lines = System.Text.Encoding.Latin1.GetString(bytes).Split("\r\n");
            return lines.All(line => line.Length <= 998 && !line.StartsWith('.'))
                && lines.All(line => line.All(letter => letter is >= ' ' and <= '~'))
                && lines.Count(line => line.Length == 0) == 2
                && !lines.Any(line => line.StartsWith("Bcc", StringComparison.OrdinalIgnoreCase));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task A_string_from_the_chain_becomes_no_link_and_no_line()
    {
        await using var server = new SmtpFake();
        var alert = Alerts.With("x\r\nAcknowledge: https://evil.example") with { Acknowledge = null };

        await Mail(server).DeliverAsync(new Message(alert), Ct);

        Assert.Contains("Threat: x  Acknowledge: https: //evil. example\r\n", server.Mails[0].Body);
        Assert.DoesNotContain("\r\nAcknowledge:", server.Mails[0].Body);
        Assert.DoesNotContain("evil.example", server.Mails[0].Body);
    }

    [Theory]
    [InlineData("CONNECT", "421 4.3.2 full", "retry: did not take the connection: 421 4.3.2")]
    [InlineData("CONNECT", "554 5.7.1 go away", "permanent: refused the connection: 554 5.7.1")]
    [InlineData("EHLO", "502 no", "permanent: refused the greeting: 502")]
    [InlineData("STARTTLS", "454 4.7.0 not now", "retry: refused encryption: 454 4.7.0: nothing was said to it")]
    [InlineData("MAIL", "452 4.3.1 full", "retry: did not take the sender: 452 4.3.1")]
    [InlineData("MAIL", "550 5.7.1 SECRETpassword", "permanent: refused the sender: 550 5.7.1")]
    [InlineData("RCPT", "450 4.2.0 greylisted", "retry: did not take the recipient: 450 4.2.0")]
    [InlineData("RCPT", "550 5.1.1 unknown", "permanent: refused the recipient: 550 5.1.1")]
    [InlineData("RCPT", "550-5.1.1 unknown\r\n550 5.1.1 here", "permanent: refused the recipient: 550 5.1.1")]
    [InlineData("DATA", "451 4.3.0 later", "retry: did not take the mail: 451 4.3.0")]
    [InlineData(".", "451 4.3.0 later", "retry: did not take the mail: 451 4.3.0")]
    [InlineData(".", "554 5.7.1 spam", "permanent: refused the mail: 554 5.7.1")]
    [InlineData("MAIL", "", "retry: lost")]
    [InlineData("MAIL", "hello", "retry: lost")]
    [InlineData("MAIL", "250-a\r\n550 b", "retry: lost")]
    [InlineData("DATA", "", "retry: lost")]
    [InlineData(".", "", "unknown: lost")]
    [InlineData(".", "what?", "unknown: lost")]
    public async Task Answers_mean(string command, string answer, string expected)
    {
        await using var server = new SmtpFake();
        server.Script[command] = answer;

        Assert.Equal(expected, Say(await Mail(server).DeliverAsync(new Message(Alerts.Night), Ct)));
    }

    [Fact]
    public async Task An_endless_answer_is_read_no_further_than_needed()
    {
        await using var server = new SmtpFake();
        server.Script["EHLO"] = new string('2', 1_000_000);

        Assert.Equal("retry: lost", Say(await Mail(server).DeliverAsync(new Message(Alerts.Night), Ct)));
    }

    [Theory]
    [InlineData("CONNECT", "retry: did not answer")]
    [InlineData("RCPT", "retry: did not answer")]
    [InlineData("DATA", "retry: did not answer")]
    [InlineData(".", "unknown: did not answer")]
    public async Task Silence_leaves_it_unknown_only_once_the_mail_was_handed_over(string command, string expected)
    {
        await using var server = new SmtpFake();
        server.Script[command] = null;

        var delivery = Mail(server).DeliverAsync(new Message(Alerts.Night), Ct);
        await server.Arrived;
        clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(expected, Say(await delivery));
    }

    [Fact]
    public async Task Cancellation_by_the_caller_is_no_result()
    {
        await using var server = new SmtpFake();
        server.Script["MAIL"] = null;
        using var stopping = new CancellationTokenSource();

        var delivery = Mail(server).DeliverAsync(new Message(Alerts.Night), stopping.Token);
        await server.Arrived;
        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => delivery);
    }

    [Fact]
    public async Task Who_waits_is_tried_again_and_who_has_it_gets_no_second_one()
    {
        await using var server = new SmtpFake();
        server.Script["RCPT TO:<bo@"] = "450 4.2.0 greylisted";
        var mail = Mail(server, ("to", "ada@example.org,bo@example.org,cy@example.org"));

        var first = await mail.DeliverAsync(new Message(Alerts.Night), Ct);
        server.Script.Clear();
        var second = await mail.DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal("retry: did not take 1 of 3 recipients: 450 4.2.0", Say(first));
        Assert.Equal("accepted", Say(second));
        Assert.Equal(
            ["ada@example.org,cy@example.org", "bo@example.org"],
            server.Mails.Select(one => string.Join(',', one.To)));
        Assert.Single(server.Mails.Select(it => it.Headers["Message-ID"]).Distinct());
    }

    [Fact]
    public async Task One_who_is_refused_for_good_makes_it_a_failure_though_the_others_have_it()
    {
        await using var server = new SmtpFake();
        server.Script["RCPT TO:<bo@"] = "550 5.1.1 unknown";
        server.Script["RCPT TO:<cy@"] = "450 4.2.0 greylisted";
        var mail = Mail(server, ("to", "ada@example.org,bo@example.org,cy@example.org"));

        var first = await mail.DeliverAsync(new Message(Alerts.Night), Ct);
        server.Script.Remove("RCPT TO:<cy@");
        var second = await mail.DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.StartsWith("retry", Say(first));
        Assert.Equal("permanent: refused 1 of 3 recipients: 550 5.1.1", Say(second));
        Assert.Equal(["ada@example.org", "cy@example.org"], server.Mails.SelectMany(it => it.To));
    }

    [Fact]
    public async Task Without_an_offer_of_encryption_nothing_is_said()
    {
        await using var server = new SmtpFake { OffersStartTls = false };

        Assert.Equal(
            "retry: offers no encryption (STARTTLS): nothing was said to it",
            Say(await Mail(server).DeliverAsync(new Message(Alerts.Night), Ct)));
        Assert.All(server.Commands, command => Assert.StartsWith("EHLO", command));
    }

    [Theory]
    [InlineData("\r\n250 injected")]
    [InlineData("\r\nx")]
    public async Task What_is_injected_before_encryption_ends_the_conversation(string injected)
    {
        await using var server = new SmtpFake { Injected = injected };

        Assert.Equal(
            "retry: said more before encryption than it was asked: nothing was said to it",
            Say(await Mail(server).DeliverAsync(new Message(Alerts.Night), Ct)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_certificate_of_somebody_else_is_not_trusted(bool isTlsFromTheStart)
    {
        await using var server = new SmtpFake
        {
            IsTlsFromTheStart = isTlsFromTheStart,
            OffersStartTls = !isTlsFromTheStart,
            Mechanisms = "PLAIN",
        };
        var mail = Mail(
            server, ("authority", ""), ("security", isTlsFromTheStart ? "tls" : "starttls"), ("user", SmtpFake.User),
            ("password", SmtpFake.Password));

        var result = await mail.DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal(
            new DeliveryResult.RetryAfter(null, "no trusted encryption with 127.0.0.1: its certificate?"), result);
        Assert.DoesNotContain("AUTH PLAIN", server.Commands);
    }

    [Theory]
    [InlineData(true, "PLAIN LOGIN")]
    [InlineData(true, "LOGIN")]
    [InlineData(false, "LOGIN PLAIN")]
    [InlineData(false, "")]
    public async Task One_signs_in_once_it_is_encrypted(bool isTlsFromTheStart, string mechanisms)
    {
        await using var server = new SmtpFake
        {
            IsTlsFromTheStart = isTlsFromTheStart,
            OffersStartTls = !isTlsFromTheStart,
            Mechanisms = mechanisms,
        };
        (string, string)[] signIn = [("user", SmtpFake.User), ("password", SmtpFake.Password)];
        var mail = Mail(
            server, [("security", isTlsFromTheStart ? "tls" : "starttls"), .. mechanisms.Length > 0 ? signIn : []]);

        Assert.Equal("accepted", Say(await mail.DeliverAsync(new Message(Alerts.Night), Ct)));
    }

    [Theory]
    [InlineData("PLAIN", "permanent: refused user and password: 535 5.7.8")]
    [InlineData("LOGIN", "permanent: refused user and password: 535 5.7.8")]
    [InlineData("GSSAPI", "permanent: offers neither AUTH PLAIN nor AUTH LOGIN")]
    public async Task A_wrong_password_is_said_without_repeating_it(string mechanisms, string expected)
    {
        await using var server = new SmtpFake { Mechanisms = mechanisms };
        var mail = Mail(server, ("user", SmtpFake.User), ("password", "SECRETwrong"));

        var result = await mail.DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal(expected, Say(result));
        Assert.DoesNotContain("SECRET", result.ToString());
        Assert.DoesNotContain("U0VDUkVU", result.ToString());
    }

    [Fact]
    public async Task On_this_machine_it_may_go_unencrypted()
    {
        await using var server = new SmtpFake { OffersStartTls = false };

        Assert.Equal(
            "accepted", Say(await Mail(server, ("security", "none")).DeliverAsync(new Message(Alerts.Night), Ct)));
    }

    [Fact]
    public async Task A_refused_connection_is_tried_again()
    {
        int port;
        await using (var server = new SmtpFake())
            port = server.Port;
        var values = Values(port);

        var result = await new Mail(new ChannelSection("ada", values), new ChannelTools(http, clock))
            .DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal(new DeliveryResult.RetryAfter(null, "no connection to 127.0.0.1 (ConnectionRefused)"), result);
    }

    [Theory]
    [InlineData("host", "mail example", "'host' is no name of a server")]
    [InlineData("to", "ada", "'to' holds what is no mail address")]
    [InlineData("to", "ada@example.org,", "'to' holds what is no mail address")]
    [InlineData("to", "ada@example.org>\r\nRCPT TO:<eve@example.org", "'to' holds what is no mail address")]
    [InlineData("from", "Tocsin <t@example.org>", "'from' holds what is no mail address")]
    [InlineData("from", "t@example.org\n", "'from' holds what is no mail address")]
    [InlineData("security", "ssl", "'security' is starttls, tls or none")]
    [InlineData("port", "0", "'port' is a number from 1 to 65535")]
    [InlineData("port", "+25", "'port' is a number from 1 to 65535")]
    [InlineData("user", "tocsin", "'user' and 'password' are given together")]
    [InlineData("authority", "ca.pem", "'authority' is an absolute path")]
    [InlineData("authority", "/dev/zero", "'authority' leads to no certificate: /dev/zero")]
    [InlineData("authority", "/nonexistent/ca.pem", "'authority' leads to no certificate: /nonexistent/ca.pem")]
    public void A_field_in_another_form_is_refused(string field, string value, string expected)
    {
        var values = Values(port: 25);
        values[field] = value;

        Assert.Equal(expected, Refusal(values));
    }

    [Fact]
    public void Without_encryption_nothing_leaves_this_machine_and_no_password_is_sent()
    {
        var values = Values(port: 25);
        values["security"] = "none";
        values["host"] = "mail.example.org";
        Assert.Equal("without encryption the mail server must be on this machine", Refusal(values));

        values["host"] = "localhost";
        values["user"] = "tocsin";
        values["password"] = "SECRET";
        Assert.Equal("a password goes to an encrypted mail server alone", Refusal(values));
    }

    private string Refusal(Dictionary<string, string> values) => Assert.Throws<FormatException>(
        () => new Mail(new ChannelSection("ada", values), new ChannelTools(http, clock))).Message;

    private Mail Mail(SmtpFake server, params (string Name, string Value)[] fields)
    {
        var values = Values(server.Port);
        foreach (var (name, value) in fields)
        {
            if (value.Length > 0)
                values[name] = value;
            else
                values.Remove(name);
        }
        return new Mail(new ChannelSection("ada", values), new ChannelTools(http, clock));
    }

    private Dictionary<string, string> Values(int port)
    {
        var authority = Path.Combine(folder.FullName, "authority.pem");
        File.WriteAllText(authority, SmtpFake.Authority.ExportCertificatePem());
        return new Dictionary<string, string>
        {
            ["host"] = "127.0.0.1",
            ["port"] = port.ToString(CultureInfo.InvariantCulture),
            ["from"] = "tocsin@example.org",
            ["to"] = "ada@example.org",
            ["authority"] = authority,
        };
    }

    private static string Say(DeliveryResult result)
    {
        var reason = result.Reason.Replace("127.0.0.1 ", "");
        if (reason.EndsWith("lost", StringComparison.Ordinal))
            reason = "lost";
        if (reason.StartsWith("did not answer", StringComparison.Ordinal))
            reason = "did not answer";
        return result switch
        {
            DeliveryResult.Accepted => "accepted",
            DeliveryResult.RetryAfter => "retry: " + reason,
            DeliveryResult.Permanent => "permanent: " + reason,
            DeliveryResult.Unknown => "unknown: " + reason,
            _ => throw new InvalidOperationException("a result that mail never has"),
        };
    }
}
