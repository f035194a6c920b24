using System.Diagnostics;
using Tocsin.Chain;

namespace Tocsin.EndToEnd.Parts;

/// <summary>Waits for something seen from outside, never for a time, and says what was awaited in vain.</summary>
internal static class Wait
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(20);

    /// <param name="isTrue">May find the server or the node gone: that is an answer too, and means not yet.</param>
    /// <param name="output">What the processes involved said last.</param>
    public static async Task UntilAsync(string what, Func<Task<bool>> isTrue, Func<string> output)
    {
        var began = Stopwatch.GetTimestamp();
        var last = "";
        while (true)
        {
            try
            {
                if (await isTrue())
                    return;
                last = "";
            }
            catch (Exception e) when (
                e is HttpRequestException or NodeException or IOException or TaskCanceledException)
            {
                last = $"; the last look failed: {e.Message}";
            }
            if (Stopwatch.GetElapsedTime(began) > Longest)
                Assert.Fail($"waited {Longest.TotalSeconds:0} s in vain: {what}{last}{Environment.NewLine}{output()}");
            await Task.Delay(LookAgainAfter, TestContext.Current.CancellationToken);
        }
    }

    public static async Task ForAsync(string what, Task happens, Func<string> output)
    {
        try
        {
            await happens.WaitAsync(Longest, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"waited {Longest.TotalSeconds:0} s in vain: {what}{Environment.NewLine}{output()}");
        }
    }
}
