using Tocsin.Chains;
using Tocsin.Findings;
using Tocsin.Storage;

namespace Tocsin.Watching;

/// <summary>
/// Says as a finding that the watch cannot go on, once it failed for a while, and that it can again. Everything else
/// that is wrong with the watch is found by the engine; this is for when the engine itself is not reached.
/// </summary>
internal sealed class Blindness(ChainId chain, FindingDesk desk, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan ToldAfter = TimeSpan.FromSeconds(30);

    private DateTimeOffset? since;
    private Finding? told;

    public void Failed(string reason, BlockRef? last)
    {
        var now = time.GetUtcNow();
        since ??= now;
        if (told is not null || now - since < ToldAfter)
            return;
        var finding = new Finding(
            new FindingId($"watch-blind/{chain}/{since:yyyyMMddTHHmmssZ}"), 1, FindingStatus.Seen, now, chain,
            last ?? default, [], Threat.MonitoringImpaired, Severity.High, 1, $"chain {chain}", [], 0, [],
            "watch", $"The watch has not worked since {since:yyyy-MM-dd HH:mm:ss} UTC: {reason}. "
                + "While this lasts, attacks are not seen.");
        if (TryRecord(finding))
            told = finding;
    }

    /// <summary>Something was taken: the watch works.</summary>
    public void Sees()
    {
        since = null;
        if (told is not { } blind)
            return;
        var over = blind with
        {
            Revision = blind.Revision + 1,
            Status = FindingStatus.Over,
            Time = time.GetUtcNow(),
            Reason = $"The watch works again. {blind.Reason}",
        };
        if (TryRecord(over))
            told = null;
    }

    private bool TryRecord(Finding finding)
    {
        try
        {
            desk.Record([finding], finding.Time, null, null);
            return true;
        }
        catch (StorageException e)
        {
            logger.LogCritical("that the watch is blind cannot be recorded either: {Reason}", e.Message);
            return false;
        }
    }
}
