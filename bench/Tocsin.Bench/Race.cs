using System.Diagnostics;

namespace Tocsin.Bench;

/// <summary>
/// Several ways to do the same work, timed in turns on every item, so that whatever else the machine does meets all of
/// them alike. What counts is the median over the rounds of each item: one piece of work is short against a time slice,
/// so that being interrupted spoils few of them.
/// </summary>
internal sealed class Race(int itemCount, int rounds)
{
    private readonly List<Action<int>> runners = [];
    private readonly List<double[][]> microseconds = [];

    /// <param name="run">Does its work on the item of that number.</param>
    /// <returns>The runner's place, by which it is asked for.</returns>
    public int Add(Action<int> run)
    {
        runners.Add(run);
        microseconds.Add([.. Enumerable.Range(0, itemCount).Select(_ => new double[rounds])]);
        return runners.Count - 1;
    }

    /// <param name="between">Runs untimed before each timed piece of work.</param>
    public void Run(Action? between = null)
    {
        WarmUp(between);
        var random = new Random(0);
        var order = Enumerable.Range(0, runners.Count).ToArray();
        for (var round = 0; round < rounds; round++)
            for (var item = 0; item < itemCount; item++)
            {
                // In no fixed order: whoever comes first finds the item out of the cache.
                random.Shuffle(order);
                foreach (var runner in order)
                {
                    between?.Invoke();
                    var start = Stopwatch.GetTimestamp();
                    runners[runner](item);
                    microseconds[runner][item][round] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
                }
            }
    }

    /// <summary>The time for all items together.</summary>
    public double Microseconds(int runner) => microseconds[runner].Sum(Median);

    /// <summary>How fast a runner is as a share of another.</summary>
    public double Speed(int runner, int against) => Microseconds(against) / Microseconds(runner);

    private void WarmUp(Action? between)
    {
        // Long enough for the code to be compiled for good, in the background, between the two passes.
        for (var pass = 0; pass < 2; pass++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var item = 0; Stopwatch.GetElapsedTime(start).TotalSeconds < 2; item = (item + 1) % itemCount)
                foreach (var run in runners)
                {
                    between?.Invoke();
                    run(item);
                }
        }
    }

    private static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
