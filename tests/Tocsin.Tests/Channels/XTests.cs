using Tocsin.Channels;
using Tocsin.Channels.X;
using Tocsin.Communications;
using Tocsin.Demo.Providers;

namespace Tocsin.Tests.Channels;

public sealed class XTests : IDisposable
{
    private readonly HttpClient http = ChannelHttp.Create();
    private readonly ManualClock clock = new(Alerts.Noon);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task What_people_wrote_for_the_world_is_posted_and_nothing_else()
    {
        await using var x = await XFake.StartAsync(clock);

        var told = Told("We stopped the pool. https://status.example.org");

        var result = await Post(x).DeliverAsync(new Message(told), Ct);

        var post = Assert.Single(x.Posts);
        Assert.Equal("We stopped the pool. https://status.example.org", post.Text);
        Assert.Equal(new DeliveryResult.Delivered("127.0.0.1 published it", post.Id), result);
    }

    [Fact]
    public async Task A_later_statement_answers_the_first()
    {
        await using var x = await XFake.StartAsync(clock);

        await Post(x).DeliverAsync(new Message(Told("Second"), "1445880548472328192"), Ct);
        await Post(x).DeliverAsync(new Message(Told("Third"), "no post"), Ct);

        Assert.Equal(["1445880548472328192", null], x.Posts.Select(post => post.ReplyTo));
    }

    [Fact]
    public async Task An_alert_without_words_for_the_public_is_refused_before_anything_is_sent()
    {
        await using var x = await XFake.StartAsync(clock);
        var inside = Alerts.Night with { Statement = new Statement("For the team", false, new UpdateName("team", 1)) };

        Assert.Equal(
            "permanent: only what people wrote for the public is posted on X",
            Say(await Post(x).DeliverAsync(new Message(Alerts.Night), Ct)));
        Assert.StartsWith("permanent", Say(await Post(x).DeliverAsync(new Message(inside), Ct)));
        Assert.StartsWith("permanent", Say(await Post(x).DeliverAsync(new Message(Told("\n")), Ct)));
        Assert.Empty(x.Requests);
    }

    [Fact]
    public async Task A_statement_is_never_cut()
    {
        await using var x = await XFake.StartAsync(clock);

        Assert.Equal(
            "permanent: the statement weighs 281 of 280 characters on X: write a shorter one",
            Say(await Post(x).DeliverAsync(new Message(Told(new string('a', 281))), Ct)));
        Assert.Equal("delivered", Say(await Post(x).DeliverAsync(new Message(Told(new string('a', 280))), Ct)));
        Assert.Single(x.Requests);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("Hello", 5)]
    [InlineData("Störung – “ok”", 14)]
    [InlineData("中文", 4)]
    [InlineData("\U0001F6A8", 2)]
    [InlineData("https://x.y/a", 23)]
    [InlineData("https://status.example.org/incidents/7?lang=en#now", 23)]
    [InlineData("See https://x.y/a, please", 35)]
    [InlineData("example.com", 23)]
    [InlineData("a-name-that-is-longer-than-a-link.example.com", 45)]
    [InlineData("about 1.5 ETH", 13)]
    public void A_post_weighs_what_X_makes_of_it(string text, int weight) => Assert.Equal(weight, XPost.Weight(text));

    [Theory]
    [InlineData(403, """{"detail":"not permitted","status":403}""", "permanent: 127.0.0.1 refused it with 403")]
    [InlineData(401, """{"title":"Unauthorized","status":401}""", "permanent: 127.0.0.1 refused it with 401")]
    [InlineData(400, """{"errors":[],"title":"Invalid Request"}""", "permanent: 127.0.0.1 refused it with 400")]
    [InlineData(403, "<html>blocked by a proxy</html>", "retry")]
    [InlineData(302, "", "retry")]
    [InlineData(500, "", "unknown")]
    [InlineData(503, """{"title":"Service Unavailable"}""", "unknown")]
    [InlineData(200, "<html>sign in to the hotel network</html>", "unknown")]
    [InlineData(201, """{"data":{}}""", "unknown")]
    [InlineData(429, "", "retry")]
    [InlineData(429, "", "retry after 90", "x-rate-limit-remaining: 0", "x-rate-limit-reset: 1772366490")]
    [InlineData(429, "", "retry after 0", "x-rate-limit-reset: 1772366000")]
    [InlineData(429, "", "retry after 3600", "x-rate-limit-remaining: 9", "x-rate-limit-reset: 1772366490",
        "x-user-limit-24hour-remaining: 0", "x-user-limit-24hour-reset: 1772370000")]
    [InlineData(429, "", "retry", "x-rate-limit-reset: soon")]
    [InlineData(429, "", "retry", "x-rate-limit-reset: 9223372036854775807")]
    [InlineData(429, "", "retry after 7", "Retry-After: 7")]
    public async Task Answers_mean(int status, string body, string expected, params string[] headers)
    {
        await using var x = await XFake.StartAsync(clock);
        x.Script.Add(new Answer(status, body, string.Join('\n', headers)));

        Assert.Equal(expected, Say(await Post(x).DeliverAsync(new Message(Told("Words")), Ct)));
    }

    [Fact]
    public async Task After_a_lost_answer_a_duplicate_proves_that_it_was_published()
    {
        await using var x = await XFake.StartAsync(clock);
        x.Script.Add(Answer.DroppedAfter);
        var post = Post(x);

        Assert.Equal("unknown", Say(await post.DeliverAsync(new Message(Told("Words")), Ct)));
        Assert.Equal("delivered", Say(await post.DeliverAsync(new Message(Told("Words")), Ct)));
        Assert.Single(x.Posts);
    }

    [Fact]
    public async Task A_duplicate_of_something_else_is_a_refusal()
    {
        await using var x = await XFake.StartAsync(clock);
        await Post(x).DeliverAsync(new Message(Told("Words")), Ct);

        var again = Told("Words") with { Key = "INC-7/update/2" };

        Assert.Equal(
            "permanent: 127.0.0.1 has published the same words already",
            Say(await Post(x).DeliverAsync(new Message(again), Ct)));
    }

    [Fact]
    public async Task No_secret_is_in_any_result()
    {
        await using var x = await XFake.StartAsync(clock);
        x.Script.Add(new Answer(400, """{"detail":"SECRETconsumerkey"}"""));

        var result = await Post(x).DeliverAsync(new Message(Told("Words")), Ct);

        Assert.DoesNotContain("SECRET", result.ToString());
        Assert.DoesNotContain("SECRET", Keys().ToString());
    }

    // The example of the provider's own documentation of signing.
    [Fact]
    public void The_published_example_gives_the_published_signature()
    {
        var address = new Uri("https://api.twitter.com/1.1/statuses/update.json");
        var oauth = new OAuth(
            "xvz1evFS4wEEPTGEFPHBog", "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
            "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb", "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE");

        Assert.Equal(
            "hCtSmYh+iHYCEqBWrE7C7hYmtUk=",
            oauth.Sign("POST", address, new Dictionary<string, string>
            {
                ["status"] = "Hello Ladies + Gentlemen, a signed OAuth request!",
                ["include_entities"] = "true",
                ["oauth_consumer_key"] = "xvz1evFS4wEEPTGEFPHBog",
                ["oauth_nonce"] = "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg",
                ["oauth_signature_method"] = "HMAC-SHA1",
                ["oauth_timestamp"] = "1318622958",
                ["oauth_token"] = "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
                ["oauth_version"] = "1.0",
            }));
    }

    private XPost Post(XFake x) => new("world", Keys(), x.Address, http, clock);

    private static OAuth Keys() =>
        new(XFake.ConsumerKey, XFake.ConsumerSecret, XFake.AccessToken, XFake.AccessSecret);

    private static Alert Told(string words) =>
        Alerts.Night with { Statement = new Statement(words, true, new UpdateName("world", 1)) };

    private static string Say(DeliveryResult result) => result switch
    {
        DeliveryResult.Delivered => "delivered",
        DeliveryResult.RetryAfter { Hint: { } hint } => $"retry after {hint.TotalSeconds}",
        DeliveryResult.RetryAfter => "retry",
        DeliveryResult.Permanent => "permanent: " + result.Reason,
        DeliveryResult.Unknown => "unknown",
        _ => throw new InvalidOperationException("a result that X never gives"),
    };
}
