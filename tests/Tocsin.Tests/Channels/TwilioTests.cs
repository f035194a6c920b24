using System.Xml.Linq;
using Tocsin.Channels;
using Tocsin.Channels.Twilio;
using Tocsin.Communications;
using Tocsin.Demo.Providers;
using Tocsin.Findings;
using Tocsin.Paging;

namespace Tocsin.Tests.Channels;

public sealed class TwilioTests : IDisposable
{
    private const string CallbackAt = "https://tocsin.example.org/callbacks/ada-phone";
    private const string Sid = "SM00000000000000000000000000000001";
    private const string CallSid = "CA00000000000000000000000000000001";

    private readonly HttpClient http = ChannelHttp.Create();
    private readonly ManualClock clock = new(Alerts.Noon);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // An hour after noon, as every link here has it.
    private static string SignedAt => $"{CallbackAt}?incident=INC-7&until={Alerts.Noon.ToUnixTimeSeconds() + 3600}";

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task A_message_is_taken_over_and_its_SID_is_the_receipt()
    {
        await using var twilio = await TwilioFake.StartAsync(clock);

        var result = await Sms(twilio).DeliverAsync(new Message(Alerts.Night), Ct);

        var made = Assert.Single(twilio.All);
        Assert.Equal(new DeliveryResult.Accepted("127.0.0.1 took it over", made.Sid), result);
        Assert.Equal(TwilioFake.Ours, made.Form["From"]);
        Assert.StartsWith("SEVERITY 1 - Flash-loan attack on the lending pool\n", made.Form["Body"]);
        Assert.Contains("https://war.example.org/ack/ADA-PRIVATE", made.Form["Body"]);
        Assert.StartsWith(CallbackAt + "?incident=INC-7&until=", made.Form["StatusCallback"]);
    }

    [Fact]
    public async Task A_messaging_service_sends_in_the_place_of_a_number()
    {
        await using var twilio = await TwilioFake.StartAsync(clock);
        var service = "MG0123456789abcdef0123456789abcdef";

        await new TwilioSms(Section(twilio, from: service), Tools).DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal(service, Assert.Single(twilio.All).Form["MessagingServiceSid"]);
    }

    [Theory]
    [InlineData(429, """{"code":20429,"message":"Too Many Requests","status":429}""", "7", "retry after 7")]
    [InlineData(429, "", null, "retry")]
    [InlineData(400, """{"code":21606,"message":"M","status":400}""", null, "permanent: error 21606")]
    [InlineData(400, """{"code":21610,"message":"M","status":400}""", null, "permanent: error 21610")]
    [InlineData(400, """{"code":21611,"message":"M","status":400}""", null, "retry")]
    [InlineData(401, """{"code":20003,"message":"M","status":401}""", null, "permanent: error 20003")]
    [InlineData(404, """{"code":20404,"message":"M","status":404}""", null, "permanent: error 20404")]
    [InlineData(403, "<html>blocked by a proxy</html>", null, "retry")]
    [InlineData(302, "", null, "retry")]
    [InlineData(201, "{}", null, "unknown")]
    [InlineData(200, "<html>sign in to the hotel network</html>", null, "unknown")]
    [InlineData(201, """{"sid":"SM1"}""", null, "unknown")]
    [InlineData(500, """{"code":20500,"message":"M","status":500}""", null, "unknown")]
    [InlineData(503, "", null, "unknown")]
    public async Task Answers_mean(int status, string body, string? retryAfter, string expected)
    {
        await using var twilio = await TwilioFake.StartAsync(clock);
        twilio.Script.Add(new Answer(status, body, retryAfter is null ? "" : "Retry-After: " + retryAfter));

        var result = await Sms(twilio).DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal(expected, Say(result));
        Assert.DoesNotContain("SECRET", result.Reason);
        Assert.DoesNotContain(TwilioFake.Person, result.Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Silence_leaves_it_unknown_and_Twilio_is_asked_before_it_is_sent_again(bool isMade)
    {
        await using var twilio = await TwilioFake.StartAsync(clock);
        twilio.Script.Add(new Answer { IsDone = isMade });
        var sms = Sms(twilio);

        var first = sms.DeliverAsync(new Message(Alerts.Night), Ct);
        await twilio.Arrived;
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.IsType<DeliveryResult.Unknown>(await first);
        var second = Assert.IsType<DeliveryResult.Accepted>(await sms.DeliverAsync(new Message(Alerts.Night), Ct));

        Assert.Equal(Assert.Single(twilio.All).Sid, second.Receipt);
        string[] expected = isMade
            ? ["POST Messages", "GET Messages"]
            : ["POST Messages", "GET Messages", "POST Messages"];
        Assert.Equal(expected, twilio.Asked);
    }

    [Fact]
    public async Task A_message_to_the_same_telephone_about_something_else_is_no_proof()
    {
        await using var twilio = await TwilioFake.StartAsync(clock);
        var sms = Sms(twilio);
        await sms.DeliverAsync(new Message(Alerts.Night with { Key = "INC-7/worsened/2" }), Ct);
        twilio.Script.Add(Answer.Dropped);

        Assert.IsType<DeliveryResult.Unknown>(await sms.DeliverAsync(new Message(Alerts.Night), Ct));
        await sms.DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal(2, twilio.All.Count);
    }

    [Theory]
    [InlineData(500, "retry", 1)]
    [InlineData(429, "retry", 1)]
    [InlineData(403, "accepted", 2)]
    [InlineData(200, "accepted", 2)]
    public async Task Who_may_not_look_can_still_send(int status, string expected, int made)
    {
        await using var twilio = await TwilioFake.StartAsync(clock);
        twilio.Script.Add(new Answer(500) { IsDone = true });
        twilio.Script.Add(new Answer(status, "{}"));
        var sms = Sms(twilio);

        await sms.DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal(expected, Say(await sms.DeliverAsync(new Message(Alerts.Night), Ct)));
        Assert.Equal(made, twilio.All.Count);
    }

    [Fact]
    public async Task A_call_that_is_just_being_made_is_not_taken_for_one_that_is_in_doubt()
    {
        await using var twilio = await TwilioFake.StartAsync(clock);
        var voice = Voice(twilio);
        twilio.Script.Add(new Answer(502));
        Assert.IsType<DeliveryResult.Unknown>(await voice.DeliverAsync(new Message(Alerts.Night), Ct));
        clock.Advance(TimeSpan.FromSeconds(1));
        var hangs = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        twilio.Holds.Began += () => hangs.TrySetResult();
        twilio.Script.Add(Answer.Own with { Delay = TimeSpan.FromSeconds(5) });
        var other = voice.DeliverAsync(new Message(Alerts.Night with { Key = "INC-8/opened/1" }), Ct);
        await hangs.Task.WaitAsync(Ct);

        var said = await voice.DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Contains("another is on its way", Assert.IsType<DeliveryResult.RetryAfter>(said).Reason,
            StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.IsType<DeliveryResult.Accepted>(await other);
    }

    [Fact]
    public async Task A_call_about_something_else_is_not_taken_for_one_that_is_in_doubt()
    {
        await using var twilio = await TwilioFake.StartAsync(clock);
        var voice = Voice(twilio);
        twilio.Script.Add(new Answer(502));
        Assert.IsType<DeliveryResult.Unknown>(await voice.DeliverAsync(new Message(Alerts.Night), Ct));
        clock.Advance(TimeSpan.FromSeconds(1));
        var other = Alerts.Night with { Key = "INC-8/opened/1", Incident = "INC-8" };
        var first = Assert.IsType<DeliveryResult.Accepted>(await voice.DeliverAsync(new Message(other), Ct));
        clock.Advance(TimeSpan.FromSeconds(1));
        var again = Assert.IsType<DeliveryResult.Accepted>(await voice.DeliverAsync(new Message(Alerts.Night), Ct));

        Assert.Equal(2, twilio.All.Count);
        Assert.NotEqual(first.Receipt, again.Receipt);
    }

    [Fact]
    public async Task A_call_is_known_by_its_numbers_and_its_time()
    {
        await using var twilio = await TwilioFake.StartAsync(clock);
        var voice = Voice(twilio);
        await voice.DeliverAsync(new Message(Alerts.Night), Ct);
        clock.Advance(TimeSpan.FromMinutes(5));
        var later = Alerts.Night with { Key = "INC-7/worsened/2" };
        twilio.Script.Add(new Answer(502) { IsDone = true });

        Assert.IsType<DeliveryResult.Unknown>(await voice.DeliverAsync(new Message(later), Ct));
        clock.Advance(TimeSpan.FromSeconds(2));
        var result = Assert.IsType<DeliveryResult.Accepted>(await voice.DeliverAsync(new Message(later), Ct));

        Assert.Equal(2, twilio.All.Count);
        Assert.Equal(twilio.All[1].Sid, result.Receipt);
    }

    [Fact]
    public async Task A_call_says_what_it_is_twice_and_asks_for_a_key()
    {
        await using var twilio = await TwilioFake.StartAsync(clock);

        await Voice(twilio).DeliverAsync(new Message(Alerts.Night with { Exercise = true }), Ct);

        var gather = XDocument.Parse(Assert.Single(twilio.All).Form["Twiml"]).Root!.Element("Gather")!;
        Assert.Equal("1", gather.Attribute("numDigits")!.Value);
        Assert.Equal(SignedAt, gather.Attribute("action")!.Value);
        var said = gather.Element("Say")!;
        Assert.Equal("2", said.Attribute("loop")!.Value);
        Assert.StartsWith("This is Tocsin. EXERCISE. SEVERITY 1. Flash-loan attack on the lending pool", said.Value);
        Assert.EndsWith("Press 9 if you are unable to help.", said.Value);
    }

    [Fact]
    public async Task A_call_of_any_words_is_one_that_Twilio_takes()
    {
        await using var twilio = await TwilioFake.StartAsync(clock);
        string[] texts = [new('&', 100_000), "</Say><Dial>+1900</Dial>\uFFFF\0", "\ud83d", ""];

        foreach (var text in texts)
            await Voice(twilio).DeliverAsync(new Message(Alerts.With(text)), Ct);

        Assert.Equal(texts.Length, twilio.All.Count);
    }

    [Fact]
    public void Addresses_of_a_chain_are_said_by_their_end() => Assert.Contains(
        "to address ending in a 5 b b. ",
        TwilioVoice.Spoken(Alerts.Night with { Title = "Sent to 0x6e1b0fdc4b1d8d0ac1f4d1f2b19b9c2ea2c5a5bb" }));

    [Fact]
    public async Task Without_an_address_for_callbacks_no_key_is_asked_for()
    {
        await using var twilio = await TwilioFake.StartAsync(clock);
        var voice = new TwilioVoice(Section(twilio, callback: null), Tools);

        await voice.DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.DoesNotContain("Gather", Assert.Single(twilio.All).Form["Twiml"]);
        Assert.DoesNotContain("StatusCallback", twilio.All[0].Form.Keys);
    }

    [Fact]
    public async Task The_public_hears_the_words_of_people_alone()
    {
        await using var twilio = await TwilioFake.StartAsync(clock);
        var told = Alerts.Night with { Statement = new Statement("We are on it.", true, new UpdateName("status", 1)) };

        await Sms(twilio).DeliverAsync(new Message(told), Ct);
        await Voice(twilio).DeliverAsync(new Message(told), Ct);

        Assert.Equal("We are on it.", twilio.All[0].Form["Body"]);
        Assert.Equal("We are on it.", XDocument.Parse(twilio.All[1].Form["Twiml"]).Root!.Value);
    }

    [Fact]
    public void A_telephone_takes_fifteen_calls_an_hour_of_which_some_are_kept_for_severity_1()
    {
        var budget = new RateBudget(Voice(new Uri("http://127.0.0.1:1")).Limit);
        for (var call = 0; call < 9; call++)
            budget.Sent(Alerts.Noon);

        Assert.Equal(Alerts.Noon.AddHours(1), budget.MayAt(Severity.High, Alerts.Noon));
        for (var call = 0; call < 6; call++)
        {
            Assert.Equal(Alerts.Noon, budget.MayAt(Severity.Critical, Alerts.Noon));
            budget.Sent(Alerts.Noon);
        }
        Assert.Equal(Alerts.Noon.AddHours(1), budget.MayAt(Severity.Critical, Alerts.Noon));
    }

    [Theory]
    [InlineData("delivered", null, "arrived")]
    [InlineData("read", null, "arrived")]
    [InlineData("undelivered", "30003", "undelivered (error 30003)")]
    [InlineData("failed", "30008; x", "failed")]
    [InlineData("canceled", null, "canceled")]
    [InlineData("queued", null, "")]
    [InlineData("sending", null, "")]
    [InlineData("sent", null, "")]
    public void Delivered_alone_has_arrived(string status, string? error, string expected)
    {
        var form = Form(("MessageSid", Sid), ("MessageStatus", status));
        if (error is not null)
            form["ErrorCode"] = error;

        var reading = Sms(Nowhere).Hear(TwilioFake.Callback(SignedAt, Alerts.Noon, form))!;

        Assert.Equal(expected, string.Join(",", reading.Words.Select(word => word switch
        {
            CallbackWord.Arrived { Receipt: Sid } => "arrived",
            CallbackWord.NotArrived { Receipt: Sid } lost => lost.Why,
            _ => "?",
        })));
        Assert.Equal($"{Sid}/{status}", reading.ReplayKey);
    }

    [Theory]
    [InlineData("1", PageAnswer.Informed)]
    [InlineData("2", PageAnswer.AbleToSign)]
    [InlineData("9", PageAnswer.Unable)]
    public void A_key_answers_for_the_number_that_was_called(string digits, PageAnswer answer)
    {
        var form = Form(("CallSid", CallSid), ("CallStatus", "in-progress"), ("Digits", digits));

        var reading = Voice(Nowhere).Hear(TwilioFake.Callback(SignedAt, Alerts.Noon, form))!;

        Assert.Equal(
            [
                new CallbackWord.Arrived(CallSid),
                new CallbackWord.Answered("INC-7", TwilioFake.Person, answer),
            ],
            reading.Words);
        Assert.Equal("text/xml", reading.Reply.ContentType);
        Assert.Equal("Response", XDocument.Parse(reading.Reply.Body).Root!.Name);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("12")]
    [InlineData("")]
    public void Any_other_key_answers_nothing(string digits)
    {
        var form = Form(("CallSid", CallSid), ("Digits", digits));

        var reading = Voice(Nowhere).Hear(TwilioFake.Callback(SignedAt, Alerts.Noon, form))!;

        Assert.Equal([new CallbackWord.Arrived(CallSid)], reading.Words);
    }

    [Theory]
    [InlineData("completed", 0)]
    [InlineData("ringing", 0)]
    [InlineData("busy", 1)]
    [InlineData("no-answer", 1)]
    [InlineData("failed", 1)]
    [InlineData("canceled", 1)]
    public void A_call_that_was_picked_up_is_no_proof_that_a_person_heard_it(string status, int lost)
    {
        var form = Form(("CallSid", CallSid), ("CallStatus", status));

        var reading = Voice(Nowhere).Hear(TwilioFake.Callback(SignedAt, Alerts.Noon, form))!;

        Assert.Equal(lost, reading.Words.Count(word => word is CallbackWord.NotArrived));
        Assert.Equal(lost, reading.Words.Count);
    }

    public static TheoryData<string, Callback> Forged()
    {
        var form = Form(("MessageSid", Sid), ("MessageStatus", "delivered"));
        var good = TwilioFake.Callback(SignedAt, Alerts.Noon, form);
        static Dictionary<string, string> Signed(string signature) => new() { ["x-twilio-signature"] = signature };
        return new TheoryData<string, Callback>
        {
            { "another token", TwilioFake.Callback(SignedAt, Alerts.Noon, form, "another") },
            { "no signature", good with { Headers = new Dictionary<string, string>() } },
            { "no Base64", good with { Headers = Signed("?") } },
            { "an empty signature", good with { Headers = Signed("") } },
            { "another incident", good with { Url = new Uri(SignedAt.Replace("INC-7", "INC-8")) } },
            { "another scheme", good with { Url = new Uri(SignedAt.Replace("https:", "http:")) } },
            { "more fields", good with { Body = (byte[])[.. good.Body.Span, .. "&Digits=1"u8] } },
            { "too late", good with { At = Alerts.Noon.AddSeconds(3601) } },
            { "no end", TwilioFake.Callback(CallbackAt, Alerts.Noon, form) },
            { "a field twice", good with { Body = (byte[])[.. good.Body.Span, .. "&MessageSid=1"u8] } },
            { "too long", good with { Body = new byte[70_000] } },
            {
                "another account",
                TwilioFake.Callback(
                    SignedAt, Alerts.Noon, new Dictionary<string, string>(form) { ["AccountSid"] = "AC1" })
            },
            {
                "another telephone",
                TwilioFake.Callback(
                    SignedAt, Alerts.Noon, new Dictionary<string, string>(form) { ["To"] = "+15005550001" })
            },
        };
    }

    [Theory]
    [MemberData(nameof(Forged), DisableDiscoveryEnumeration = true)]
    public void What_is_not_proven_is_not_heard(string why, Callback callback)
    {
        Assert.True(Sms(Nowhere).Hear(callback) is null, why);
        Assert.True(Voice(Nowhere).Hear(callback) is null, why);
    }

    [Theory]
    [InlineData("https://tocsin.example.org:443/callbacks/ada-phone")]
    [InlineData("https://tocsin.example.org/callbacks/ada-phone")]
    public void The_default_port_may_be_signed_or_not(string signed)
    {
        var form = Form(("MessageSid", Sid), ("MessageStatus", "delivered"));
        var query = new Uri(SignedAt).Query;

        var callback = TwilioFake.Callback(signed + query, Alerts.Noon, form) with { Url = new Uri(SignedAt) };

        Assert.NotNull(Sms(Nowhere).Hear(callback));
    }

    // The example of Twilio's own documentation and libraries.
    [Fact]
    public void The_published_example_gives_the_published_signature() => Assert.Equal(
        "0/KCTR6DLpKmkAf8muzZqo1nDgQ=",
        TwilioSignature.Of(
            "https://mycompany.com/myapp.php?foo=1&bar=2",
            new Dictionary<string, string>
            {
                ["CallSid"] = "CA1234567890ABCDE",
                ["From"] = "+12349013030",
                ["To"] = "+18005551212",
                ["Caller"] = "+12349013030",
                ["Digits"] = "1234",
            },
            "12345"));

    [Theory]
    [InlineData("account", "AC1")]
    [InlineData("account", "SECRETtokenSECRETtokenSECRET0000")]
    [InlineData("to", "0151 12345678")]
    [InlineData("from", "Tocsin\r\n")]
    public void A_field_in_another_form_is_refused_without_repeating_it(string field, string value)
    {
        var values = Values(Nowhere);
        values[field] = value;

        var refusal = Assert.Throws<FormatException>(
            () => new TwilioVoice(new ChannelSection("ada-phone", values), Tools));

        Assert.Contains($"'{field}'", refusal.Message);
        Assert.DoesNotContain(value, refusal.Message);
    }

    private static readonly Uri Nowhere = new("http://127.0.0.1:1");

    private ChannelTools Tools => new(http, clock);

    private TwilioSms Sms(TwilioFake twilio) => new(Section(twilio), Tools);

    private TwilioSms Sms(Uri api) => new(new ChannelSection("ada-phone", Values(api)), Tools);

    private TwilioVoice Voice(TwilioFake twilio) => Voice(twilio.Address);

    private TwilioVoice Voice(Uri api) => new(new ChannelSection("ada-phone", Values(api)), Tools);

    private static ChannelSection Section(
        TwilioFake twilio, string from = TwilioFake.Ours, string? callback = CallbackAt)
    {
        var values = Values(twilio.Address);
        values["from"] = from;
        if (callback is null)
            values.Remove("callback");
        return new ChannelSection("ada-phone", values);
    }

    private static Dictionary<string, string> Values(Uri api) => new()
    {
        ["account"] = TwilioFake.Account,
        ["token"] = TwilioFake.Token,
        ["from"] = TwilioFake.Ours,
        ["to"] = TwilioFake.Person,
        ["callback"] = CallbackAt,
        ["api"] = api.AbsoluteUri,
    };

    private static Dictionary<string, string> Form(params (string Name, string Value)[] fields)
    {
        var form = fields.ToDictionary(field => field.Name, field => field.Value);
        form["AccountSid"] = TwilioFake.Account;
        form["To"] = TwilioFake.Person;
        form["From"] = TwilioFake.Ours;
        return form;
    }

    private static string Say(DeliveryResult result) => result switch
    {
        DeliveryResult.Accepted => "accepted",
        DeliveryResult.RetryAfter { Hint: { } hint } => $"retry after {hint.TotalSeconds}",
        DeliveryResult.RetryAfter => "retry",
        DeliveryResult.Permanent => "permanent: " + result.Reason.Split(": ")[^1],
        DeliveryResult.Unknown => "unknown",
        _ => throw new InvalidOperationException("a result that Twilio never gives"),
    };
}
