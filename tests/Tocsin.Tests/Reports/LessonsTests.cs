using Tocsin.Findings;
using Tocsin.Reports;

namespace Tocsin.Tests.Reports;

public sealed class LessonsTests
{
    [Fact]
    public void Every_threat_has_something_that_would_have_prevented_it() =>
        Assert.All(Enum.GetValues<Threat>(), threat => Assert.NotEmpty(Lessons.Prevention(threat)));
}
