using Tocsin.Plans;

namespace Tocsin.Tests.Plans;

/// <summary>What is meant for us must not be read by the world, nor the other way round.</summary>
public sealed class PublicChannelTests
{
    [Theory]
    [InlineData("status", "war-room", "channel 'war-room'", "'responders' alone")]
    [InlineData("spare-room", null, "channel 'spare-room'", "'responders' alone")]
    [InlineData("ada-pager", null, "channel 'ada-pager'", "'ada' alone")]
    public void A_channel_of_public_words_that_is_also_ours_is_a_warning_with_its_line(
        string channel, string? backup, string names, string carries)
    {
        var read = Read(channel, backup);

        var complaint = Assert.Single(Warnings(read));
        Assert.Contains(names, complaint.Message, StringComparison.Ordinal);
        Assert.Contains(carries, complaint.Message, StringComparison.Ordinal);
        Assert.Equal(read.Plan.Communications[1].At, complaint.At);
    }

    [Fact]
    public void Channels_of_their_own_are_right() => Assert.Empty(Warnings(Read("status", "status-spare")));

    private static IEnumerable<Complaint> Warnings(ReadPlan read) => PlanCheck.Check(read.Plan, null)
        .Where(complaint => complaint.Level == ComplaintLevel.Warning
            && complaint.Message.Contains("which is public", StringComparison.Ordinal));

    private static ReadPlan Read(string channel, string? backup) => MinimalPlan.With(
        "    backup: spare-room\n",
        $$"""
              backup: spare-room
            - { id: users, audience: users, when: every, every: 4h, channel: {{channel}}, writer: engineer,
                approver: commander, public: true{{(backup is null ? "" : $", backup: {backup}")}} }

          """);
}
