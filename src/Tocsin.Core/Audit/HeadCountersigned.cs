using Tocsin.Incidents;

namespace Tocsin.Audit;

/// <summary>
/// The signer, which is not the server, has seen the log up to here. Who rewrites the log later has not its key.
/// </summary>
/// <param name="SignedAt">By the signer's clock; part of what is signed.</param>
/// <param name="Signature">0x and r, s, v, of the head and that instant.</param>
public sealed record HeadCountersigned(LogHead Head, DateTimeOffset SignedAt, string Signature) : LogEvent;

/// <summary>When the signer is asked to countersign the log's head.</summary>
public static class Countersigning
{
    /// <summary>While anything is recorded.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>While nothing is.</summary>
    public static readonly TimeSpan AtLeastEvery = TimeSpan.FromHours(1);

    /// <summary>True where the head has been without a countersignature for too long, or a decision was taken.
    /// </summary>
    public static bool IsDue(IncidentBook book, LogHead head, DateTimeOffset now)
    {
        if (head.Sequence == 0)
            return false;
        if (book.Countersigned is not { } last)
            return true;
        if (book.Incidents.Values.Any(incident => incident.Decision?.TakenAt > last.At))
            return true;
        // The countersignature is an entry too, and no news.
        var isNews = head.Sequence > last.Event.Head.Sequence + 1;
        var age = (now - last.At).Duration();
        return age >= AtLeastEvery || (isNews && age >= Every);
    }
}
