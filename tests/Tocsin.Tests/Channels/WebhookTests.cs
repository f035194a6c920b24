using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Tocsin.Channels;
using Tocsin.Channels.Slack;
using Tocsin.Demo.Providers;

namespace Tocsin.Tests.Channels;

public sealed class WebhookTests : IDisposable
{
    private const string SigningSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private readonly HttpClient http = ChannelHttp.Create();
    private readonly ManualClock clock = new(Alerts.Noon);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => http.Dispose();

    [Theory]
    [InlineData(200, "ok", "", "delivered")]
    [InlineData(200, "ok\n", "", "delivered")]
    [InlineData(200, """{"ok":true}""", "", "retry")]
    [InlineData(200, "<html>sign in to the hotel network</html>", "", "retry")]
    [InlineData(204, "", "", "retry")]
    [InlineData(302, "", "Location: http://127.0.0.1:1/", "retry")]
    [InlineData(400, "invalid_payload", "", "permanent: invalid_payload")]
    [InlineData(403, "action_prohibited", "", "permanent: action_prohibited")]
    [InlineData(404, "no_service", "", "permanent: no_service")]
    [InlineData(410, "channel_is_archived", "", "permanent: channel_is_archived")]
    [InlineData(403, "<html>blocked by a proxy</html>", "", "retry")]
    [InlineData(407, "", "", "retry")]
    [InlineData(408, "timeout", "", "retry")]
    [InlineData(429, """{"retry_after":7,"ok":false,"error":"rate_limited"}""", "Retry-After: 7", "retry after 7")]
    [InlineData(429, "rate_limited", "", "retry")]
    [InlineData(500, "rollup_error", "", "retry")]
    [InlineData(503, "", "Retry-After: Sun, 01 Mar 2026 12:01:30 GMT", "retry after 90")]
    public async Task Slack_answers_mean(int status, string body, string headers, string expected)
    {
        await using var receiver = await SlackWebhookFake.StartAsync(new Answer(status, body, headers));

        Assert.Equal(expected, Say(await Slack(receiver).DeliverAsync(new Message(Alerts.Night), Ct)));
    }

    [Theory]
    [InlineData(200, "", "delivered")]
    [InlineData(202, "", "delivered")]
    [InlineData(204, "", "delivered")]
    [InlineData(301, "Location: http://127.0.0.1:1/", "retry")]
    [InlineData(308, "Location: http://127.0.0.1:1/", "retry")]
    [InlineData(400, "", "retry")]
    [InlineData(401, "", "retry")]
    [InlineData(404, "", "retry")]
    [InlineData(410, "", "permanent")]
    [InlineData(429, "Retry-After: 3", "retry after 3")]
    [InlineData(429, "Retry-After: soon", "retry")]
    [InlineData(429, "Retry-After: -3", "retry")]
    [InlineData(500, "", "retry")]
    [InlineData(502, "Retry-After: Sun, 01 Mar 2026 12:00:20 GMT", "retry after 20")]
    [InlineData(503, "Retry-After: Sun, 01 Mar 2026 11:00:00 GMT", "retry after 0")]
    public async Task Json_webhook_answers_mean(int status, string headers, string expected)
    {
        await using var receiver = await JsonWebhookFake.StartAsync(new Answer(status, "", headers));

        Assert.Equal(expected, Say(await Json(receiver).DeliverAsync(new Message(Alerts.Night), Ct)).Split(": ")[0]);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var elsewhere = await JsonWebhookFake.StartAsync(); // fails the test if anyone comes
        await using var receiver = await JsonWebhookFake.StartAsync(
            new Answer(307, "", "Location: " + elsewhere.Address));

        var result = await Json(receiver).DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.IsType<DeliveryResult.RetryAfter>(result);
        Assert.StartsWith("127.0.0.1 answered 307, a redirect, which is not followed", result.Reason);
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task A_receiver_that_never_answers_leaves_it_unknown_after_the_time_limit()
    {
        await using var receiver = await SlackWebhookFake.StartAsync(Answer.Never);

        var delivery = Slack(receiver).DeliverAsync(new Message(Alerts.Night), Ct);
        await receiver.Arrived;
        clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.False(delivery.IsCompleted);
        clock.Advance(TimeSpan.FromTicks(1));

        var result = Assert.IsType<DeliveryResult.Unknown>(await delivery);
        Assert.Equal("127.0.0.1 did not answer within 10 s", result.Reason);
    }

    [Fact]
    public async Task A_lost_connection_leaves_it_unknown()
    {
        await using var receiver = await SlackWebhookFake.StartAsync(Answer.Dropped);

        Assert.IsType<DeliveryResult.Unknown>(await Slack(receiver).DeliverAsync(new Message(Alerts.Night), Ct));
    }

    [Fact]
    public async Task A_refused_connection_is_tried_again()
    {
        var result = await Json(ClosedPort()).DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal(new DeliveryResult.RetryAfter(null, "no connection to 127.0.0.1 (ConnectionError)"), result);
    }

    [Fact]
    public async Task Cancellation_by_the_caller_is_no_result()
    {
        await using var receiver = await JsonWebhookFake.StartAsync(Answer.Never);
        using var stopping = new CancellationTokenSource();

        var delivery = Json(receiver).DeliverAsync(new Message(Alerts.Night), stopping.Token);
        await receiver.Arrived;
        await stopping.CancelAsync();

        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => delivery);
        Assert.DoesNotContain("SECRET", cancelled.ToString());
    }

    [Fact]
    public async Task An_endless_answer_is_read_no_further_than_needed()
    {
        await using var receiver = await SlackWebhookFake.StartAsync(
            new Answer(200, "ok" + new string(' ', 1_000_000)));

        Assert.Equal("delivered", Say(await Slack(receiver).DeliverAsync(new Message(Alerts.Night), Ct)));
    }

    [Fact]
    public async Task The_secret_address_is_in_no_result()
    {
        Answer[] script =
        [
            new(200, "ok"), new(302, "", "Location: /x"), new(400, "no_service"), new(404, SlackWebhookFake.Secret),
            new(500, SlackWebhookFake.Secret), Answer.Dropped,
        ];
        await using var slackReceiver = await SlackWebhookFake.StartAsync(script);
        await using var jsonReceiver = await JsonWebhookFake.StartAsync(script);
        List<IChannel> channels = [Json(ClosedPort())];
        foreach (var _ in script)
            channels.AddRange([Slack(slackReceiver), Json(jsonReceiver)]);

        foreach (var channel in channels)
        {
            var result = await channel.DeliverAsync(new Message(Alerts.Night), Ct);
            Assert.DoesNotContain("SECRET", result.ToString());
            Assert.DoesNotContain("SECRET", channel.ToString());
        }
    }

    [Theory]
    [InlineData("ftp://example.org/T0SECRET")]
    [InlineData("/relative/T0SECRET")]
    public void An_address_of_another_kind_is_refused_without_repeating_it(string address)
    {
        var uri = new Uri(address, UriKind.RelativeOrAbsolute);

        var refusal = Assert.Throws<ArgumentException>(() => new SlackWebhook("war-room", uri, http, clock));

        Assert.DoesNotContain("SECRET", refusal.ToString());
    }

    [Fact]
    public async Task Attempts_share_their_key_and_are_signed_as_Standard_Webhooks_prescribes()
    {
        await using var receiver = await JsonWebhookFake.StartAsync(new Answer(500), new Answer(200));
        var webhook = new JsonWebhook("ada", receiver.Address, WebhookSecret.Parse(SigningSecret), http, clock);

        await webhook.DeliverAsync(new Message(Alerts.Night), Ct);
        clock.Advance(TimeSpan.FromSeconds(1));
        await webhook.DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal(["1772366400", "1772366401"], receiver.Requests.Select(it => it.Headers["webhook-timestamp"]));
        foreach (var request in receiver.Requests)
        {
            Assert.Equal("INC-7/opened/1", request.Headers["idempotency-key"]);
            Assert.Equal("INC-7/opened/1", request.Headers["webhook-id"]);
            var signed = $"INC-7/opened/1.{request.Headers["webhook-timestamp"]}.{request.Body}";
            var key = Convert.FromBase64String(SigningSecret["whsec_".Length..]);
            var expected = "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(signed)));
            Assert.Equal(expected, request.Headers["webhook-signature"]);
        }
    }

    [Fact]
    public async Task While_a_secret_is_changed_both_sign()
    {
        var fresh = "whsec_" + Convert.ToBase64String(new byte[32]);
        foreach (var known in new[] { SigningSecret, fresh })
        {
            await using var receiver = new JsonWebhookFake { Most = 1, Signing = WebhookSecret.Parse(known) };
            await ProviderServer.StartAsync(clock, receiver);
            var webhook = new JsonWebhook(
                "ada", receiver.Address, WebhookSecret.Parse(fresh), http, clock,
                oldSecret: WebhookSecret.Parse(SigningSecret));

            await webhook.DeliverAsync(new Message(Alerts.Night), Ct);

            Assert.Equal(2, receiver.Requests[0].Headers["webhook-signature"].Split(' ').Length);
        }
    }

    [Fact]
    public async Task Without_a_secret_nothing_is_signed()
    {
        await using var receiver = await JsonWebhookFake.StartAsync(new Answer(200));

        await Json(receiver).DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.DoesNotContain("webhook-signature", receiver.Requests[0].Headers.Keys);
    }

    [Theory]
    [InlineData("INC-7/opened.1")]
    [InlineData("INC-7\r\nX-Injected: yes")]
    [InlineData("Störung")]
    [InlineData("")]
    public async Task A_key_that_no_header_can_hold_goes_as_its_hash(string key)
    {
        await using var receiver = await JsonWebhookFake.StartAsync(new Answer(200), new Answer(200));

        await Json(receiver).DeliverAsync(new Message(Alerts.Night with { Key = key }), Ct);
        await Json(receiver).DeliverAsync(new Message(Alerts.Night with { Key = key }), Ct);

        var sent = receiver.Requests.Select(request => request.Headers["idempotency-key"]).Distinct();
        Assert.Matches("^sha256-[0-9a-f]{64}$", Assert.Single(sent));
        Assert.DoesNotContain("x-injected", receiver.Requests[0].Headers.Keys);
    }

    // The example of the specification's own libraries.
    [Fact]
    public void The_published_example_gives_the_published_signature()
    {
        var signature = WebhookSecret.Parse(SigningSecret)
            .Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}"""u8);

        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", signature);
    }

    [Theory]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_")]
    [InlineData("whsec_c2hvcnQ=")]
    [InlineData("whsec_not base64 at all, SECRET")]
    [InlineData(SigningSecret + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    public void Another_secret_is_refused_without_repeating_it(string text)
    {
        var refusal = Assert.Throws<FormatException>(() => WebhookSecret.Parse(text));

        Assert.Equal("a webhook secret is whsec_ followed by 24 to 64 bytes in Base64", refusal.Message);
    }

    private SlackWebhook Slack(SlackWebhookFake receiver) => new("war-room", receiver.Address, http, clock);

    private JsonWebhook Json(JsonWebhookFake receiver) => Json(receiver.Address);

    private JsonWebhook Json(Uri address) => new("ada", address, secret: null, http, clock);

    private static Uri ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        return new Uri($"http://127.0.0.1:{port}/{SlackWebhookFake.Secret}");
    }

    private static string Say(DeliveryResult result) => result switch
    {
        DeliveryResult.Delivered => "delivered",
        DeliveryResult.RetryAfter { Hint: { } hint } => $"retry after {hint.TotalSeconds}",
        DeliveryResult.RetryAfter => "retry",
        DeliveryResult.Permanent => "permanent: " + result.Reason.Split(": ")[^1],
        DeliveryResult.Unknown => "unknown",
        _ => throw new InvalidOperationException("a new result needs a word"),
    };
}
