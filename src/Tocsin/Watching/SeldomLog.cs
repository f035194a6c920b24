using System.Collections.Concurrent;

namespace Tocsin.Watching;

/// <summary>
/// Lines that whoever is outside can cause: of each kind one line in ten seconds at most, with how many were left
/// out. Safe for concurrent use.
/// </summary>
internal sealed class SeldomLog(ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, (long SaidAt, int LeftOut)> kinds = [];

    /// <param name="kind">One of a few names; equal ones share a line.</param>
    public void Warn(string kind, string text) => Say(kind, text, LogLevel.Warning);

    /// <summary>The same for what is as it should be.</summary>
    /// <inheritdoc cref="Warn"/>
    public void Tell(string kind, string text) => Say(kind, text, LogLevel.Information);

    private void Say(string kind, string text, LogLevel level)
    {
        var now = time.GetTimestamp();
        var leftOut = 0;
        var isSaid = false;
        kinds.AddOrUpdate(
            kind,
            _ =>
            {
                (isSaid, leftOut) = (true, 0);
                return (now, 0);
            },
            (_, last) =>
            {
                isSaid = time.GetElapsedTime(last.SaidAt, now) >= Every;
                leftOut = last.LeftOut;
                return isSaid ? (now, 0) : (last.SaidAt, last.LeftOut + 1);
            });
        if (isSaid && leftOut > 0)
            logger.Log(level, "{Text} ({LeftOut} more like it were not told)", text, leftOut);
        else if (isSaid)
            logger.Log(level, "{Text}", text);
    }
}
