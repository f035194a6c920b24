using Tocsin.Channels;
using Tocsin.Commands;
using Tocsin.Findings;
using Tocsin.Reachability;
using Tocsin.Tests.Incidents;
using Tocsin.Tests.Tidy;

namespace Tocsin.Tests.Commands;

/// <summary>What the terminal says of a test.</summary>
public sealed class ChannelCommandTests
{
    public static TheoryData<DeliveryResult, string> Results => new()
    {
        { new DeliveryResult.Delivered("it has it"), "delivered" },
        { new DeliveryResult.Accepted("it took it over", "r"), "accepted" },
        { new DeliveryResult.RetryAfter(null, "it is busy"), "retry" },
        { new DeliveryResult.Unknown("no answer came"), "unknown" },
        { new DeliveryResult.Permanent("it refused it"), "refused" },
    };

    [Theory]
    [MemberData(nameof(Results))]
    public void What_became_of_an_attempt_has_the_name_that_the_table_explains(DeliveryResult result, string word)
    {
        Assert.Equal(word, ChannelCommand.Word(result));
        Assert.Contains($"\n| {word} | ", Repository.Text("docs/delivery.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_what_is_lost_it_says_what_may_follow()
    {
        var lost = new Canary(new CanaryId(1), "night", null, Severity.Critical, "ada", Story.Noon, Why: "410");

        Assert.Equal(
            ["LOST: 410", "what is lost is a finding of the watch, and may open an incident"],
            ChannelCommand.Outcome(lost, untilAnswered: false, TimeSpan.FromMinutes(1)).Split(Environment.NewLine));
    }
}
