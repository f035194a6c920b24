using Tocsin.Channels;
using Tocsin.Communications;
using Tocsin.Configuration;
using Tocsin.Delivery;
using Tocsin.Findings;
using Tocsin.Hosting;
using Tocsin.Reachability;
using Tocsin.Recording;
using Tocsin.Storage;
using Tocsin.Tests.Configuration;
using Tocsin.Tests.Incidents;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Storage;

namespace Tocsin.Tests.Reachability;

/// <summary>What people are told of the ways by which alerts reach them.</summary>
public sealed class ChannelDeskTests : IDisposable
{
    private static readonly Uri Nowhere = new("http://127.0.0.1/");

    private readonly StoreFolder store = new();
    private readonly ConfigurationFolder folder = new();
    private readonly ManualTime time = new(Story.Noon);
    private readonly HttpClient http = new();
    private readonly Logbook logbook;

    public ChannelDeskTests() =>
        logbook = new Logbook(store.Open(), new Links(_ => Nowhere, (_, _, _) => Nowhere, Nowhere), time);

    public void Dispose()
    {
        logbook.Dispose();
        http.Dispose();
        folder.Dispose();
        store.Dispose();
    }

    [Fact]
    public void A_test_on_its_way_is_told_with_the_last_word_of_its_receiver()
    {
        var desk = Desk("ada-pager: { kind: json-webhook, url: 'http://127.0.0.1:9' }");
        Assert.Equal("never tried", Assert.Single(desk.List()).Words);

        var sent = Assert.NotNull(desk.Test("ada-pager", "ada", Severity.Critical).Sent);
        Assert.Equal(
            "CANARY-1 is on its way since 12:00:00 UTC; never tried", Assert.Single(desk.List()).Words);
        logbook.Settle(
            [new OutboxOutcome(CanaryWords.KeyOf(sent, "ada-pager"), false, time.GetUtcNow(), "nobody answers there")],
            _ => []);
        Assert.Equal(
            "CANARY-1 is on its way since 12:00:00 UTC (nobody answers there); never tried",
            Assert.Single(desk.List()).Words);
        logbook.Record((_, _) => [new CanaryEvent.Lost(sent, "410")]);

        Assert.Equal("0 of 1 arrived; 410", Assert.Single(desk.List()).Words);
    }

    [Theory]
    [InlineData("ada-pager: { kind: json-webhook, url: 'http://127.0.0.1:9' }", true)]
    [InlineData("war-room: { kind: json-webhook, url: 'http://127.0.0.1:9' }", false)]
    [InlineData("ada-pager: { kind: siren, command: /bin/true }", false)]
    [InlineData("ada-pager: { kind: telegram-bot, token: 'file:token', chat: '8877' }", true)]
    [InlineData("ada-pager: { kind: telegram-bot, token: 'file:token', chat: '-100123' }", false)]
    [InlineData(
        "war-room: { kind: telegram-bot, token: 'file:token', chat: '-1', callback_secret: 'file:secret' }", true)]
    public void Somebody_can_answer_where_a_provider_is_heard_or_their_own_way_lets_them(
        string channel, bool canAnswer)
    {
        folder.Write("token", "12345:hunter2");
        folder.Write("secret", "0123456789abcdef");

        Assert.Equal(canAnswer, Assert.Single(Desk(channel).List()).CanAnswer);
    }

    private ChannelDesk Desk(string channel)
    {
        logbook.Adopt(MinimalPlan.Read());
        folder.Write(
            TocsinConfiguration.FileName,
            ConfigurationFolder.Least.Replace("channels: {}", $"channels:\n  {channel}", StringComparison.Ordinal)
                + ConfigurationFolder.Chain);
        var configuration = TocsinConfiguration.Load(folder.Path);
        var tools = new ChannelTools(http, time);
        return new ChannelDesk(
            logbook,
            [
                .. configuration.Channels.Select(
                    one => Installation.CreateChannel(one, tools, configuration, new Hush())),
            ],
            configuration);
    }
}
