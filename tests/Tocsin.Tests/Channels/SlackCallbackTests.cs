using System.Net;
using Tocsin.Channels;
using Tocsin.Channels.Slack;
using Tocsin.Demo.Providers;
using Tocsin.Paging;

namespace Tocsin.Tests.Channels;

public sealed class SlackCallbackTests : IDisposable
{
    private readonly HttpClient http = ChannelHttp.Create();

    public void Dispose() => http.Dispose();

    // The example of Slack's documentation; what the fake signs is what Slack signs.
    [Fact]
    public void The_published_example_has_the_published_signature() => Assert.Equal(
        "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        SlackFake.Signature(
            "1531420618",
            "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
                + "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
                + "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554"
                + "%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121"
                + ".803a0bc887a14d10d2c447fce8b6703c"));

    [Theory]
    [InlineData("answer-informed", PageAnswer.Informed)]
    [InlineData("answer-able", PageAnswer.AbleToSign)]
    [InlineData("answer-unable", PageAnswer.Unable)]
    public void A_pressed_button_is_the_answer_of_an_account(string action, PageAnswer answer)
    {
        var reading = Hear(SlackFake.Press(action, "INC-7", Alerts.Noon));

        Assert.Equal(
            [
                new CallbackWord.Answered(
                    "INC-7", "U0ADA00001", answer, $"{SlackFake.WarRoom}/1772366400.000001", SlackFake.WarRoom),
            ],
            reading!.Words);
        Assert.Equal(CallbackReply.Ok, reading.Reply);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(300, true)]
    [InlineData(-300, true)]
    [InlineData(301, false)]
    [InlineData(-301, false)]
    public void It_is_at_most_five_minutes_away(int seconds, bool isHeard)
    {
        var press = SlackFake.Press("answer-informed", "INC-7", Alerts.Noon);

        Assert.Equal(isHeard, Hear(press with { At = Alerts.Noon.AddSeconds(seconds) }) is not null);
    }

    [Theory]
    [InlineData("x-slack-signature", null)]
    [InlineData("x-slack-signature", "")]
    [InlineData("x-slack-signature", "v0=")]
    [InlineData("x-slack-signature", "v0=störung")]
    [InlineData("x-slack-signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503")]
    [InlineData("x-slack-request-timestamp", null)]
    [InlineData("x-slack-request-timestamp", "")]
    [InlineData("x-slack-request-timestamp", "1772366401")]
    [InlineData("x-slack-request-timestamp", " 1772366400")]
    [InlineData("x-slack-request-timestamp", "1772366400:")]
    [InlineData("x-slack-request-timestamp", "9223372036854775807")]
    [InlineData("x-slack-request-timestamp", "99999999999999999999")]
    public void What_is_not_proven_is_not_heard(string header, string? value)
    {
        var press = SlackFake.Press("answer-informed", "INC-7", Alerts.Noon);
        var headers = press.Headers.Where(one => one.Key != header).ToDictionary();
        if (value is not null)
            headers[header] = value;

        Assert.Null(Hear(press with { Headers = headers }));
    }

    [Fact]
    public void The_signature_holds_for_each_byte_of_the_body()
    {
        var press = SlackFake.Press("answer-informed", "INC-7", Alerts.Noon);
        var other = press.Body.ToArray();
        other[^1] ^= 1;

        Assert.Null(Hear(press with { Body = other }));
        Assert.Null(Hear(press with { Body = press.Body[..^1] }));
    }

    [Theory]
    [InlineData("-9223372036854775808")]
    [InlineData("1772366400.0")]
    [InlineData("+1772366400")]
    [InlineData("1,772,366,400")]
    public void A_timestamp_is_digits_even_where_it_is_signed(string timestamp) => Assert.Null(
        Hear(SlackFake.Signed(
            "payload=" + WebUtility.UrlEncode(SlackFake.Payload("answer-informed", "INC-7")), Alerts.Noon, timestamp)));

    [Theory]
    [InlineData("")]
    [InlineData("payload")]
    [InlineData("payload=")]
    [InlineData("payload=%7B")]
    [InlineData("payload=[]")]
    [InlineData("payload=%")]
    [InlineData("text={}")]
    [InlineData("payload={}&payload={}")]
    public void What_is_no_form_of_Slacks_is_not_heard(string body) =>
        Assert.Null(Hear(SlackFake.Signed(body, Alerts.Noon)));

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"type":"view_submission","user":{"id":"U0ADA00001"}}""")]
    [InlineData("""{"type":"block_actions"}""")]
    [InlineData("""{"type":"block_actions","user":"U0ADA00001","actions":[]}""")]
    [InlineData("""{"type":"block_actions","user":{"id":"U0ADA00001"},"actions":{}}""")]
    [InlineData("""{"type":"block_actions","user":{"id":"U0ADA00001"},"actions":[1,null,[],{},{"action_id":7}]}""")]
    [InlineData("""{"type":7,"user":{"id":7},"actions":7}""")]
    public void What_is_none_of_ours_is_heard_and_nothing_is_done(string payload)
    {
        var reading = Hear(SlackFake.Signed("payload=" + WebUtility.UrlEncode(payload), Alerts.Noon));

        Assert.Empty(reading!.Words);
    }

    [Theory]
    [InlineData("answer-approve", "INC-7", "U0ADA00001")]
    [InlineData("ANSWER-INFORMED", "INC-7", "U0ADA00001")]
    [InlineData("answer-informed", "", "U0ADA00001")]
    [InlineData("answer-informed", "INC-07", "U0ADA00001")]
    [InlineData("answer-informed", "INC-7 ", "U0ADA00001")]
    [InlineData("answer-informed", "INC-7", "")]
    [InlineData("answer-informed", "INC-7", "ada")]
    [InlineData("answer-informed", "INC-7", "U0ADA\n00001")]
    public void A_button_that_is_not_ours_answers_nothing(string action, string value, string user) =>
        Assert.Empty(Hear(SlackFake.Press(action, value, Alerts.Noon, user))!.Words);

    [Fact]
    public void A_body_without_end_is_not_heard() => Assert.Null(
        Hear(SlackFake.Signed(
            "payload=" + WebUtility.UrlEncode(SlackFake.Payload("answer-informed", "INC-7")) + "&x="
                + new string('x', 1024 * 1024),
            Alerts.Noon)));

    [Fact]
    public void A_string_that_is_no_text_is_no_error()
    {
        var payload = SlackFake.Payload("answer-informed", "INC-7")
            .Replace("INC-7", "\\ud83d", StringComparison.Ordinal);

        Assert.Null(Hear(SlackFake.Signed("payload=" + WebUtility.UrlEncode(payload), Alerts.Noon)));
    }

    [Fact]
    public void The_same_press_has_the_same_key_and_another_has_another()
    {
        var press = Hear(SlackFake.Press("answer-informed", "INC-7", Alerts.Noon));
        var again = Hear(SlackFake.Press("answer-informed", "INC-7", Alerts.Noon.AddSeconds(3)));
        var other = Hear(SlackFake.Press("answer-unable", "INC-7", Alerts.Noon));

        Assert.Equal(press!.ReplayKey, again!.ReplayKey);
        Assert.NotEqual(press.ReplayKey, other!.ReplayKey);
    }

    private CallbackReading? Hear(Callback callback) =>
        new SlackBot(
            "war-room", SlackFake.WarRoom, SlackFake.Token, SlackFake.SigningSecret, http,
            new ManualClock(Alerts.Noon)).Hear(callback);
}
