using Tocsin.Configuration;
using Tocsin.Plans;
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
        var complaints = Complaints($"ada-pager: {{ {channel} }}", ada => ada with { Chat = chat });

        Assert.Equal(isWarned, complaints.Any(one => one.Message.StartsWith(
            "'ada' is reached by 'ada-pager', which has buttons", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("kind: siren, command: /bin/true", true)]
    [InlineData("kind: x, consumer_key: 'file:t', consumer_secret: 'file:t', access_token: 'file:t', "
        + "access_secret: 'file:t'", true)]
    [InlineData("kind: telegram-bot, token: 'file:t', chat: '-100123'", true)]
    [InlineData("kind: telegram-bot, token: 'file:t', chat: '@night'", true)]
    [InlineData("kind: telegram-bot, token: 'file:t', chat: '8877'", false)]
    [InlineData("kind: telegram-bot, token: 'file:t', chat: '-100123', callback_secret: 'file:s'", false)]
    [InlineData("kind: twilio-voice, account: AC1, token: 'file:t', from: '+1', to: '+2'", true)]
    [InlineData("kind: twilio-voice, account: AC1, token: 'file:t', from: '+1', to: '+2', callback: 'https://h/c'",
        false)]
    [InlineData("kind: json-webhook, url: 'file:t'", false)]
    public void Whoever_can_answer_on_none_of_their_ways_is_warned_about(string channel, bool isWarned)
    {
        var horn = $"horn: {{ kind: siren, command: /bin/true }}\n  ada-pager: {{ {channel} }}";

        var told = Complaints(horn, ada => ada with { Ways = ["horn", "ada-pager"] })
            .Where(one => one.Message.Contains("on none of their ways", StringComparison.Ordinal)).ToList();

        Assert.Equal(isWarned ? [MinimalPlan.Plan.People[0].At] : [], told.Select(one => one.At));
        Assert.All(told, one => Assert.StartsWith(
            "'ada' can answer on none of their ways (horn, ada-pager): ", one.Message, StringComparison.Ordinal));
    }

    private IReadOnlyList<Complaint> Complaints(string channels, Func<Person, Person> change)
    {
        folder.Write("t", "x");
        folder.Write("s", "x");
        var plan = MinimalPlan.Plan with
        {
            People = [change(MinimalPlan.Plan.People[0]), .. MinimalPlan.Plan.People.Skip(1)],
        };
        folder.Write(TocsinConfiguration.FileName, $$"""
            listen: http://127.0.0.1:8420
            data: data
            plan: plan
            chain: { id: 31337, rpc: "http://127.0.0.1:8545" }
            channels:
              {{channels}}
            """);
        return ConfigurationCheck.Check(TocsinConfiguration.Load(folder.Path), plan);
    }
}
