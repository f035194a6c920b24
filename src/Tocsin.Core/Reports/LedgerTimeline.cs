using Tocsin.Decisions;

namespace Tocsin.Reports;

/// <summary>What people decided, as lines that people read.</summary>
internal static class LedgerTimeline
{
    public static string Line(LedgerEvent happened) => happened switch
    {
        LedgerEvent.DecisionOpened opened =>
            $"{opened.By ?? "The plan"} asks for decision {opened.Key}, '{opened.Rule}', open until "
                + $"{opened.Expires:HH:mm:ss} UTC{(opened.Words.Length > 0 ? $": {opened.Words}" : ".")}",
        LedgerEvent.ApprovalGiven { HeardBy: { Count: > 0 } heardBy } approved =>
            $"{approved.By} approved decision {approved.Key} by voice, heard by {string.Join(" and ", heardBy)}.",
        LedgerEvent.ApprovalGiven approved => $"{approved.By} approved decision {approved.Key}.",
        LedgerEvent.Attested heard =>
            $"{heard.By} heard {heard.Of} approve decision {heard.Key} ({heard.Means}): {heard.Words}",
        LedgerEvent.Declined declined => $"{declined.By} declined decision {declined.Key}: {declined.Reason}",
        LedgerEvent.Taken => $"Decision {happened.Key} has all its approvals: it may be carried out.",
        LedgerEvent.Refused => $"Decision {happened.Key} is refused.",
        LedgerEvent.Expired => $"Decision {happened.Key} expired without all its approvals.",
        LedgerEvent.Executed { Transaction: { } transaction } done =>
            $"{done.By} carried out decision {done.Key} by {transaction}: {done.Words}",
        LedgerEvent.Executed done => $"{done.By} carried out decision {done.Key}: {done.Words}",
        LedgerEvent.ActedFirst acted =>
            $"{acted.By} ACTED FIRST on decision {acted.Key}, '{acted.Rule}', to be ratified until "
                + $"{acted.RatifyBy:yyyy-MM-dd HH:mm:ss} UTC: {acted.Reason}",
        LedgerEvent.Ratified => $"Decision {happened.Key} is ratified.",
        LedgerEvent.Unratified late =>
            $"DEVIATION: {late.By} acted first on decision {late.Key}, '{late.Rule}', and {late.Reason}.",
        LedgerEvent.Reviewed read when read.Key.StartsWith("0x", StringComparison.Ordinal) =>
            $"{read.By} read the calls of {read.Key}: {read.Words}",
        LedgerEvent.Reviewed read => $"{read.By} read decision {read.Key}: {read.Words}",
        LedgerEvent.SubstitutePrepared prepared =>
            $"'{prepared.Rule}' has not all its approvals in time: '{prepared.Instead}' is prepared, and its approvers "
                + "are told.",
        _ => throw new InvalidOperationException($"no words for {happened.GetType().Name}"),
    };
}
