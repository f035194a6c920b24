using System.Net;
using Microsoft.AspNetCore.Http;
using Tocsin.Channels;
using Tocsin.Channels.Slack;
using Tocsin.Demo.Providers;
using Tocsin.Tests.Channels;
using Tocsin.Tests.Feeds;

namespace Tocsin.Tests.Demo;

public sealed class ProviderServerTests : IDisposable
{
    private readonly HttpClient http = ChannelHttp.Create();
    private readonly ManualTime time = new(Alerts.Noon);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task A_message_to_a_provider_that_nobody_knows_fails_the_test()
    {
        await using var server = await ProviderServer.StartAsync(time);

        using var answer = await http.PostAsync(new Uri(server.Address, "/nowhere"), null, Ct);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Throws<InvalidOperationException>(server.AssertNothingUnexpected);
    }

    [Fact]
    public async Task More_than_was_expected_is_refused_and_fails_the_test()
    {
        await using var server = await ProviderServer.StartAsync(time, new SlackWebhookFake { Most = 1 });

        Assert.IsType<DeliveryResult.Delivered>(await SendAsync(server));
        server.AssertNothingUnexpected();
        Assert.IsNotType<DeliveryResult.Delivered>(await SendAsync(server));
        Assert.Throws<InvalidOperationException>(server.AssertNothingUnexpected);
    }

    [Fact]
    public async Task An_answer_that_nobody_asked_for_fails_the_test()
    {
        await using var server = await ProviderServer.StartAsync(time);
        server.Get<DiscordFake>().Script.Add(new Answer(500));

        Assert.Throws<InvalidOperationException>(server.AssertNothingUnexpected);
    }

    [Fact]
    public async Task Angry_providers_take_what_they_document_and_no_more()
    {
        await using var server = await ProviderServer.StartAsync(time);
        server.IsAngry = true;

        for (var sent = 0; sent < 5; sent++)
            Assert.IsType<DeliveryResult.Delivered>(await SendAsync(server));
        var refused = Assert.IsType<DeliveryResult.RetryAfter>(await SendAsync(server));
        Assert.Equal(TimeSpan.FromSeconds(5), refused.Hint);
        time.Advance(TimeSpan.FromSeconds(5));

        Assert.IsType<DeliveryResult.Delivered>(await SendAsync(server));
        Assert.Equal(6, server.Arrivals.Count(arrival => arrival.IsTaken));
    }

    [Fact]
    public async Task What_came_is_kept_with_its_key_and_its_words()
    {
        await using var server = await ProviderServer.StartAsync(time, new JsonWebhookFake { Channel = "ada" });
        var webhook = new JsonWebhook("ada", server.Get<JsonWebhookFake>().Address, null, http, time);

        await webhook.DeliverAsync(new Message(Alerts.Night), Ct);

        var arrival = Assert.Single(server.Arrivals);
        Assert.Equal(("ada", Alerts.Night.Key, Alerts.Noon), (arrival.Channel, arrival.Key, arrival.At));
        Assert.Contains("Flash-loan attack on the lending pool", arrival.Text, StringComparison.Ordinal);
        Assert.Null(arrival.Fault);
    }

    [Theory]
    [InlineData("lost before", "unknown", 0)]
    [InlineData("lost after", "unknown", 1)]
    [InlineData("lost", "delivered", 1)]
    public async Task A_request_takes_effect_or_does_not_whatever_the_answer(string fault, string expected, int taken)
    {
        await using var server = await ProviderServer.StartAsync(time);
        server.Get<SlackWebhookFake>().Script.Add(fault switch
        {
            "lost before" => Answer.Dropped,
            "lost after" => Answer.DroppedAfter,
            _ => Answer.Lost,
        });

        Assert.Equal(expected, DeliveryWords.Say(await SendAsync(server)));
        Assert.Equal(taken, server.Arrivals.Count(arrival => arrival.IsTaken));
        Assert.Equal(fault == "lost", server.Arrivals[0].IsLost);
    }

    [Fact]
    public async Task A_late_answer_waits_for_the_clock()
    {
        await using var server = await ProviderServer.StartAsync(time);
        var slack = server.Get<SlackWebhookFake>();
        slack.Script.Add(Answer.Late(TimeSpan.FromSeconds(7)));
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        slack.Holds.Began += () => held.TrySetResult();

        var sending = SendAsync(server);
        await held.Task.WaitAsync(Ct);
        Assert.False(sending.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(7));

        Assert.IsType<DeliveryResult.Delivered>(await sending);
    }

    [Theory]
    [InlineData(false, "answered, called, called")]
    [InlineData(true, "called, answered")]
    public async Task Twilio_tells_what_became_of_a_message_twice_or_too_early(bool isFirst, string expected)
    {
        var seen = new List<string>();
        var last = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var clock = new ManualClock(Alerts.Noon);
        var section = new Dictionary<string, string>
        {
            ["account"] = TwilioFake.Account,
            ["token"] = TwilioFake.Token,
            ["from"] = TwilioFake.Ours,
            ["to"] = TwilioFake.Person,
        };
        await using var ours = await LoopbackServer.StartAsync(context =>
        {
            lock (seen)
                seen.Add("called");
            if (seen.Count(word => word == "called") == (isFirst ? 1 : 2))
                last.TrySetResult();
            context.Response.StatusCode = StatusCodes.Status200OK;
            return Task.CompletedTask;
        });
        await using var twilio = await TwilioFake.StartAsync(clock);
        twilio.Fate = "delivered";
        twilio.Script.Add(isFirst ? Answer.CallbackFirst : Answer.CallbackTwice);
        section["api"] = twilio.Address.AbsoluteUri;
        section["callback"] = new Uri(ours.Address, "/callbacks/sms").AbsoluteUri;
        var sms = ChannelKind.All["twilio-sms"].Create(
            new ChannelSection("sms", section), new ChannelTools(http, clock));

        await sms.DeliverAsync(new Message(Alerts.Night), Ct);
        lock (seen)
            seen.Add("answered");
        await last.Task.WaitAsync(Ct);

        // Which of an answer and what follows it is seen first says nothing.
        Assert.Equal(expected, string.Join(", ", isFirst ? seen : seen.Order()));
    }

    [Fact]
    public async Task The_page_of_Slack_shows_what_came_and_its_buttons_are_pressed_as_Slack_posts_them()
    {
        Callback? heard = null;
        await using var ours = await LoopbackServer.StartAsync(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            heard = new Callback(
                new Uri("https://tocsin.example.org/callbacks/war-room"),
                context.Request.Headers.ToDictionary(
                    header => header.Key.ToLowerInvariant(), header => header.Value.ToString()),
                body.ToArray(), time.GetUtcNow());
        });
        await using var server = await ProviderServer.StartAsync(time);
        var slack = server.Get<SlackFake>();
        slack.Interactivity = ours.Address;
        var bot = new SlackBot(
            "war-room", SlackFake.WarRoom, SlackFake.Token, SlackFake.SigningSecret, http, time, slack.Api);
        await bot.DeliverAsync(new Message(Alerts.Night with { Title = "<b>Title</b>" }), Ct);

        var page = await http.GetStringAsync(server.Address, Ct);
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string> { ["action"] = "answer-informed", ["value"] = "INC-7" });
        using var pressed = await http.PostAsync(new Uri(server.Address, "/press"), form, Ct);

        Assert.DoesNotContain("<b>Title", page, StringComparison.Ordinal);
        Assert.Contains("name=\"value\" value=\"INC-7\"", page, StringComparison.Ordinal);
        Assert.Contains("Tocsin answered 200", await pressed.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Single(bot.Hear(heard!)!.Words);
        server.AssertNothingUnexpected();
    }

    private Task<DeliveryResult> SendAsync(ProviderServer server) =>
        new SlackWebhook("war-room", server.Get<SlackWebhookFake>().Address, http, time)
            .DeliverAsync(new Message(Alerts.Night), Ct);
}
