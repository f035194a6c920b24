using Tocsin.Communications;
using Tocsin.Incidents;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Communications;

public sealed class DistrustTests
{
    [Fact]
    public void One_way_to_somebody_is_always_left()
    {
        var all = MinimalPlan.Plan.People.SelectMany(person => person.Ways)
            .Concat(MinimalPlan.Plan.Communications.SelectMany(one => new[] { one.Channel, one.Backup }))
            .OfType<string>().Distinct().ToList();

        Assert.Contains("one way to somebody must be left", Judged(all).Refusal, StringComparison.Ordinal);
        Assert.Null(Judged([.. all.Where(one => one != "ben-pager")]).Refusal);

        static JudgementOutcome Judged(List<string> channels) => Distrusting.Distrust(
            IncidentBook.Empty, MinimalPlan.Plan,
            new ChannelJudgement("all", channels.ToValueList(), "ada", "stolen", Anyway: true, Exercise: true), Noon);
    }

    [Fact]
    public void That_a_channel_is_trusted_again_is_told_where_the_warning_was_read()
    {
        var incident = Fold();

        Assert.Contains("spare-room", Told(isTrusted: true));
        Assert.DoesNotContain("spare-room", Told(isTrusted: false));

        IEnumerable<string> Told(bool isTrusted) => Announcements.Of(
            new ChannelJudged(First, "war-room", ["war-room"], "Ada Commander", "it is ours", isTrusted),
            incident, incident, MinimalPlan.Plan).Select(one => one.Channel);
    }

    [Fact]
    public void A_link_that_went_by_a_distrusted_way_stays_void_when_the_plan_is_mended()
    {
        var ada = MinimalPlan.Plan.Person("ada")!;
        var distrusts = Distrusts.None.Apply(
            new ChannelDistrusted("ada-pager", ["ada-pager"], "Ada Commander", "it was stolen", ["ada"]), At(10));
        var mended = ada with { Ways = ["ada-new-pager"] };

        Assert.True(distrusts.IsVoid(mended, At(5)));
        Assert.False(distrusts.IsVoid(mended, At(11)));
        Assert.False(distrusts.IsVoid(MinimalPlan.Plan.Person("ben")!, At(5)));
    }
}
