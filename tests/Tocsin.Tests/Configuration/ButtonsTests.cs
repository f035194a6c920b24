using Tocsin.Configuration;
using Tocsin.Tests.Plans;

namespace Tocsin.Tests.Configuration;

/// <summary>People on a channel with buttons, and whether what they press is theirs.</summary>
public sealed class ButtonsTests : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("kind: slack, channel: C0WARROOM1, token: 'file:t', signing_secret: 'file:s'", "@ada", true)]
    [InlineData("kind: slack, channel: C0WARROOM1, token: 'file:t', signing_secret: 'file:s'", null, true)]
    [InlineData("kind: slack, channel: C0WARROOM1, token: 'file:t', signing_secret: 'file:s'", "@ada, U0ADA", false)]
    [InlineData("kind: slack, channel: C0WARROOM1, token: 'file:t'", null, false)]
    [InlineData("kind: telegram-bot, token: 'file:t', chat: '8877', callback_secret: 'file:s'", null, true)]
    [InlineData("kind: telegram-bot, token: 'file:t', chat: '8877', callback_secret: 'file:s'", "8877", false)]
    [InlineData("kind: json-webhook, url: 'file:t'", null, false)]
    public void Whoever_is_reached_by_buttons_has_an_account_of_them(string channel, string? chat, bool isWarned)
    {
        folder.Write("t", "x");
        folder.Write("s", "x");
        var plan = MinimalPlan.Plan with
        {
            People = [MinimalPlan.Plan.People[0] with { Chat = chat }, .. MinimalPlan.Plan.People.Skip(1)],
        };
        folder.Write(TocsinConfiguration.FileName, $$"""
            listen: http://127.0.0.1:8420
            data: data
            plan: plan
            chain: { id: 31337, rpc: "http://127.0.0.1:8545" }
            channels:
              ada-pager: { {{channel}} }
            """);
        var configuration = TocsinConfiguration.Load(folder.Path);

        var complaints = ConfigurationCheck.Check(configuration, plan);

        Assert.Equal(isWarned, complaints.Any(one => one.Message.StartsWith(
            "'ada' is reached by 'ada-pager', which has buttons", StringComparison.Ordinal)));
    }
}
