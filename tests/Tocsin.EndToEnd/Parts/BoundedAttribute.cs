using System.Reflection;
using Xunit.v3;

namespace Tocsin.EndToEnd.Parts;

/// <summary>
/// Ends the whole run, and names the test, when one takes longer than any may. Otherwise one that hangs is only known
/// as a run that somebody had to kill.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class BoundedAttribute : BeforeAfterTestAttribute, IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(6);

    private readonly Timer timer;
    private string running = "";

    public BoundedAttribute() =>
        timer = new Timer(
            _ => Environment.FailFast($"{running} has not ended within {Longest.TotalMinutes:0} min"), null,
            Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        running = test.TestDisplayName;
        timer.Change(Longest, Timeout.InfiniteTimeSpan);
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test) =>
        timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Dispose() => timer.Dispose();
}
