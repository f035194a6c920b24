using System.Collections.Concurrent;
using System.Reflection;
using Xunit.v3;

namespace Tocsin.EndToEnd.Parts;

/// <summary>
/// Ends the whole run, and names the test, when one takes longer than any may. Otherwise one that hangs is only known
/// as a run that somebody had to kill.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class BoundedAttribute : BeforeAfterTestAttribute
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(6);

    private readonly ConcurrentDictionary<string, Timer> running = new();

    public override void Before(MethodInfo methodUnderTest, IXunitTest test) =>
        running[test.UniqueID] = new Timer(
            _ => Environment.FailFast($"{test.TestDisplayName} has not ended within {Longest.TotalMinutes:0} min"),
            null, Longest, Timeout.InfiniteTimeSpan);

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (running.TryRemove(test.UniqueID, out var timer))
            timer.Dispose();
    }
}
