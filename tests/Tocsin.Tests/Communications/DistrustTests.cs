using Tocsin.Communications;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Communications;

public sealed class DistrustTests
{
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
