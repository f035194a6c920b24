using Tocsin.Chains;
using Tocsin.Findings;
using Tocsin.Storage;

namespace Tocsin.Watching;

/// <summary>
/// Says as a finding that the watch cannot go on, once it failed for a while, and that it can again; and that inputs
/// were lost, on whose account it goes on. Everything else that is wrong with the watch is found by the engine; this is
/// for what the engine itself cannot see.
/// </summary>
internal sealed class Blindness(ChainId chain, FindingDesk desk, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan ToldAfter = TimeSpan.FromSeconds(30);

    // Also those of an earlier run that ended before it could say that they were over.
    private readonly List<Finding> lasting =
        [.. desk.Lasting($"inputs-lost/{chain}/"), .. desk.Lasting($"watch-blind/{chain}/")];

    private DateTimeOffset? since;
    private Finding? told;

    public void Failed(string reason, BlockRef? last)
    {
        var now = time.GetUtcNow();
        since ??= now;
        if (told is not null || now - since < ToldAfter)
            return;
        var finding = Impaired(
            $"watch-blind/{chain}/{since:yyyyMMddTHHmmssZ}", Severity.High, last,
            $"The watch has not worked since {since:yyyy-MM-dd HH:mm:ss} UTC: {reason}. "
            + "While this lasts, attacks are not seen.");
        if (TryRecord(finding))
            told = finding;
    }

    /// <summary>Something of the input log is lost, and the watch goes on without it.</summary>
    public void Lost(string what)
    {
        logger.LogError("{What}", what);
        var finding = Impaired(
            $"inputs-lost/{chain}/{time.GetUtcNow():yyyyMMddTHHmmss.fffffffZ}", Severity.Elevated, null,
            $"Inputs of the watch are lost: {what}.");
        if (TryRecord(finding))
            lasting.Add(finding);
    }

    /// <summary>Something was taken: the watch works.</summary>
    public void Sees()
    {
        since = null;
        if (told is { } blind && TryRecord(Over(blind, "The watch works again.")))
            told = null;
        lasting.RemoveAll(lost => TryRecord(Over(lost, "The watch went on.")));
    }

    private Finding Impaired(string id, Severity severity, BlockRef? last, string reason) => new(
        new FindingId(id), 1, FindingStatus.Seen, time.GetUtcNow(), chain, last ?? default, [],
        Threat.MonitoringImpaired, severity, 1, $"chain {chain}", [], 0, [], "watch", reason);

    private Finding Over(Finding finding, string because) => finding with
    {
        Revision = finding.Revision + 1,
        Status = FindingStatus.Over,
        Time = time.GetUtcNow(),
        Reason = $"{because} {finding.Reason}",
    };

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
