using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Tocsin.Api;
using Tocsin.Evm.Inputs;
using Tocsin.Heartbeats;
using Tocsin.Tests.Configuration;
using Tocsin.Texts;

namespace Tocsin.Tests.Heartbeats;

public sealed class BeatTests : IAsyncDisposable
{
    private const string Token = "0123456789abcdef0123456789abcdef";
    private readonly ManualTime time = new();
    private readonly Channel<Arrival> taken = Channel.CreateUnbounded<Arrival>();
    private readonly HttpClient http = new();
    private WebApplication? app;

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (app is not null)
            await app.DisposeAsync();
    }

    [Fact]
    public async Task A_keeper_with_its_token_is_heard()
    {
        await StartAsync();

        using var answer = await BeatAsync("keeper", $"Bearer {Token}");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.True(taken.Reader.TryRead(out var beat));
        Assert.Equal(new Arrival.Beat(time.GetUtcNow(), "keeper"), beat);
    }

    [Theory]
    [InlineData("keeper", null)]
    [InlineData("keeper", "Bearer")]
    [InlineData("keeper", "Bearer ")]
    [InlineData("keeper", "Bearer wrong")]
    [InlineData("keeper", "Basic " + Token)]
    [InlineData("keeper", Token)]
    [InlineData("keeper", "Bearer " + Token + "0")]
    [InlineData("other", "Bearer " + Token)]
    [InlineData("nobody", "Bearer " + Token)]
    [InlineData("nobody", "Bearer ")]
    [InlineData("nobody", null)]
    public async Task A_stranger_does_not_learn_whether_the_name_exists(string name, string? authorization)
    {
        await StartAsync();

        using var answer = await BeatAsync(name, authorization);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
        Assert.Empty(await answer.Content.ReadAsStringAsync(Stop));
        Assert.False(taken.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_keeper_gone_wild_is_slowed_and_another_is_not()
    {
        var desk = Desk();

        Assert.Equal(BeatAnswer.Taken, await desk.TakeAsync("keeper", Token, Stop));
        Assert.Equal(BeatAnswer.TooOften, await desk.TakeAsync("keeper", Token, Stop));
        Assert.Equal(BeatAnswer.Taken, await desk.TakeAsync("other", "other-" + Token, Stop));
        time.Advance(BeatDesk.LeastBetween);
        Assert.Equal(BeatAnswer.Taken, await desk.TakeAsync("keeper", Token, Stop));
        Assert.Equal(3, taken.Reader.Count);
    }

    [Fact]
    public async Task Strangers_who_guess_are_turned_away_and_lock_no_keeper_out()
    {
        var desk = Desk();
        for (var i = 0; i < 60; i++)
        {
            var name = i % 2 == 0 ? "keeper" : "nobody";
            Assert.Equal(BeatAnswer.Unknown, await desk.TakeAsync(name, $"guess {i}", Stop));
        }

        Assert.Equal(BeatAnswer.TooOften, await desk.TakeAsync("keeper", "guess", Stop));
        Assert.Equal(BeatAnswer.TooOften, await desk.TakeAsync("nobody", "guess", Stop));
        Assert.Equal(BeatAnswer.Taken, await desk.TakeAsync("keeper", Token, Stop));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(BeatAnswer.Unknown, await desk.TakeAsync("keeper", "guess", Stop));
    }

    [Fact]
    public async Task The_guards_let_a_keeper_through_and_no_web_site()
    {
        await StartAsync();
        using var request = Request("keeper", $"Bearer {Token}");
        request.Headers.Add("Origin", "https://evil.example");

        using var answer = await http.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.False(taken.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Only_a_post_is_a_beat()
    {
        await StartAsync();
        using var request = Request("keeper", $"Bearer {Token}");
        request.Method = HttpMethod.Get;

        using var answer = await http.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }

    [Fact]
    public void A_token_that_could_be_guessed_is_refused_and_not_shown()
    {
        using var folder = new ConfigurationFolder();
        folder.Write("token", "hunter2");
        var configuration = folder.Load("""
            heartbeats:
              keeper: { every: 5m, token: file:token }
            """);

        var message = Assert.Throws<InputException>(() => BeatDesk.Open(configuration, taken.Writer.WriteAsync, time))
            .Message;

        Assert.Contains("fewer than 16 characters", message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_what_has_a_token_is_heard_over_http()
    {
        using var folder = new ConfigurationFolder();
        folder.Write("token", Token);
        var configuration = folder.Load("""
            heartbeats:
              keeper: { every: 5m, token: file:token }
              bot: { every: 1h, from: "0x00000000000000000000000000000000000000b0" }
            """);
        var desk = BeatDesk.Open(configuration, taken.Writer.WriteAsync, time);

        Assert.Equal(BeatAnswer.Taken, await desk.TakeAsync("keeper", Token, Stop));
        Assert.Equal(BeatAnswer.Unknown, await desk.TakeAsync("bot", "", Stop));
        Assert.Equal(BeatAnswer.Unknown, await desk.TakeAsync("bot", null, Stop));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private BeatDesk Desk() => new(
        new Dictionary<string, string> { ["keeper"] = Token, ["other"] = "other-" + Token },
        taken.Writer.WriteAsync, time);

    private async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        app = builder.Build();
        app.Use(Guards.RefuseStrangers(new Uri("https://tocsin.example")));
        app.MapBeats(Desk());
        await app.StartAsync(Stop);
    }

    private HttpRequestMessage Request(string name, string? authorization)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"{app!.Urls.Single()}/api/beats/{name}");
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return request;
    }

    private async Task<HttpResponseMessage> BeatAsync(string name, string? authorization)
    {
        using var request = Request(name, authorization);
        return await http.SendAsync(request, Stop);
    }
}
