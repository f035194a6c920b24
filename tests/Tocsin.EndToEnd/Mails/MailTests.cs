using System.Text;
using Tocsin.Channels;
using Tocsin.Channels.Smtp;
using Tocsin.Communications;
using Tocsin.Findings;

namespace Tocsin.EndToEnd.Mails;

/// <summary>Alerts by a real mail server.</summary>
public sealed class MailTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private MailServer? server;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => server = await MailServer.StartAsync(Ct);

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }

    [Fact]
    public async Task An_alert_arrives_encrypted_and_what_follows_it_hangs_below_it()
    {
        var mail = Mail(server!.Authority, MailServer.Password, "ada@example.org");

        var first = Assert.IsType<DeliveryResult.Accepted>(
            await mail.DeliverAsync(new Message(Night("INC-7/1/mail", "Flash-loan attack")), Ct));
        await mail.DeliverAsync(new Message(Night("INC-7/2/mail", "contained"), first.Receipt), Ct);

        var kept = await server.KeptAsync(2, Ct);
        Assert.Contains("with esmtpsa", kept[0], StringComparison.Ordinal);
        Assert.Contains("Flash-loan attack", Text(kept[0]), StringComparison.Ordinal);
        Assert.Contains(first.Receipt, Header(kept[0], "Message-ID"), StringComparison.Ordinal);
        Assert.Contains(first.Receipt, Header(kept[1], "In-Reply-To"), StringComparison.Ordinal);
        Assert.NotEqual(Header(kept[0], "Message-ID"), Header(kept[1], "Message-ID"));
    }

    [Fact]
    public async Task The_same_alert_again_is_the_same_mail()
    {
        var mail = Mail(server!.Authority, MailServer.Password, "ada@example.org");
        var alert = new Message(Night("INC-7/1/mail", "Flash-loan attack"));

        await mail.DeliverAsync(alert, Ct);
        await mail.DeliverAsync(alert, Ct);

        var kept = await server.KeptAsync(2, Ct);
        Assert.Equal(Header(kept[0], "Message-ID"), Header(kept[1], "Message-ID"));
    }

    [Fact]
    public async Task A_wrong_password_and_a_recipient_who_is_refused_are_told_and_nothing_is_sent()
    {
        var stranger = await Mail(server!.Authority, "wrong", "ada@example.org").DeliverAsync(One, Ct);
        var refused = await Mail(server.Authority, MailServer.Password, "ada@refused.example").DeliverAsync(One, Ct);

        Assert.DoesNotContain("wrong", stranger.Reason, StringComparison.Ordinal);
        Assert.IsNotType<DeliveryResult.Accepted>(stranger);
        Assert.IsType<DeliveryResult.Permanent>(refused);
        await Mail(server.Authority, MailServer.Password, "ben@example.org").DeliverAsync(One, Ct);
        Assert.Contains("ben@example.org", Assert.Single(await server.KeptAsync(1, Ct)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_ends_the_attempt_before_the_password_goes()
    {
        var result = await Mail(null, MailServer.Password, "ada@example.org").DeliverAsync(One, Ct);

        Assert.Contains("certificate", Assert.IsType<DeliveryResult.RetryAfter>(result).Reason,
            StringComparison.Ordinal);
    }

    private static Message One => new(Night("INC-7/1/mail", "Flash-loan attack"));

    private Mail Mail(string? authority, string password, string to)
    {
        var values = new Dictionary<string, string>
        {
            ["host"] = "localhost",
            ["port"] = server!.Port.ToString(),
            ["user"] = MailServer.User,
            ["password"] = password,
            ["from"] = "tocsin@example.org",
            ["to"] = to,
        };
        if (authority is not null)
            values["authority"] = authority;
        return new Mail(
            new ChannelSection("mail", values), new ChannelTools(ChannelHttp.Create(), TimeProvider.System));
    }

    private static string Text(string mail) => Encoding.UTF8.GetString(
        Convert.FromBase64String(mail[(mail.IndexOf("\n\n", StringComparison.Ordinal) + 2)..]));

    private static string Header(string mail, string name) =>
        mail.Split('\n').First(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase));

    private static Alert Night(string key, string title) => new(
        key, "INC-7", AlertReason.Opened, Severity.Critical, Noon, title, "A loan moved the price.", "about 40 USD",
        ["vault"], "Open the war room.", "Ada (commander)", new Uri("https://war.example.org/incidents/INC-7"), null,
        "41:0xabc", Exercise: false);
}
