using Tocsin.Deadlines;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.Plans;
using Tocsin.Reports;
using Tocsin.UserReports;

namespace Tocsin.Pages;

/// <summary>How well the installation sees its chain.</summary>
/// <param name="Block">The newest block that was read; null where none was yet.</param>
/// <param name="Age">How long ago that block was made; null where none was read yet.</param>
/// <param name="Preview">What the newest block shows by itself while those before it are being taken.</param>
public sealed record WatchLine(string Chain, ulong? Block, TimeSpan? Age, string? Preview = null)
{
    /// <summary>From this age on a page says that the watch is blind.</summary>
    public static readonly TimeSpan BlindAfter = TimeSpan.FromSeconds(30);

    /// <summary>What keeps alerts from people now: silences, and channels that are distrusted.</summary>
    public ValueList<string> Weakened { get; init; } = [];

    public bool IsBlind => Block is null || Age is not { } age || age > BlindAfter;
}

public sealed record IncidentListView(IReadOnlyList<Incident> Incidents, WatchLine Watch, DateTimeOffset Now);

/// <summary>One finding as it was last told.</summary>
/// <param name="Incident">Null where it woke nobody.</param>
/// <param name="Opened">True where it opened that incident; false where it joined it.</param>
public sealed record FindingRow(Finding Finding, IncidentId? Incident, bool Opened)
{
    /// <summary>It woke nobody, because too little speaks for it.</summary>
    public bool IsUnsure => Incident is null && Finding.Confidence < DetectionLimits.Default.Confidence;
}

/// <summary>What detectors said lately.</summary>
/// <param name="Rows">Newest first.</param>
/// <param name="Older">How many of the same days are left out.</param>
public sealed record FindingListView(
    IReadOnlyList<FindingRow> Rows, int Older, WatchLine Watch, DateTimeOffset Now)
{
    /// <summary>So many days are looked back.</summary>
    public const int Days = 7;

    private const int MostRows = 200;

    public static FindingListView Of(IncidentBook book, WatchLine watch, DateTimeOffset now)
    {
        var late = book.Findings.Values
            .Where(recorded => now - recorded.Finding.Time <= TimeSpan.FromDays(Days))
            .OrderByDescending(recorded => recorded.Finding.Time)
            .ThenBy(recorded => recorded.Finding.Id.Value, StringComparer.Ordinal)
            .ToList();
        var rows = late.Take(MostRows).Select(recorded => new FindingRow(
            recorded.Finding, recorded.Incident, IsOpener(book, recorded))).ToList();
        return new FindingListView(rows, late.Count - rows.Count, watch, now);
    }

    private static bool IsOpener(IncidentBook book, FindingRecorded recorded) =>
        recorded.Incident is { } id && book[id]?.Findings[0].Id == recorded.Finding.Id;
}

/// <summary>All that a war room shows.</summary>
/// <param name="Plan">The plan that was in force when the incident opened.</param>
/// <param name="Timeline">The incident's events, oldest first.</param>
/// <param name="TypedDataJson">The decision as EIP-712 typed data; null where there is none to sign.</param>
/// <param name="Message">What became of the form that was just sent.</param>
/// <param name="Still">True where the reader asked that the page does not reload itself without scripts.</param>
/// <param name="AfterPause">What follows the pause; null where nothing was paused.</param>
/// <param name="HasSigner">False where nothing can be signed here, so that no decision is ever prepared.</param>
public sealed record WarRoomView(
    Incident Incident,
    Plan Plan,
    IReadOnlyList<Happened> Timeline,
    IReadOnlyList<Deadline> Deadlines,
    WatchLine Watch,
    string? TypedDataJson,
    string AntiforgeryFieldName,
    string AntiforgeryToken,
    string? Message,
    DateTimeOffset Now,
    bool Still = false,
    bool HasSigner = true,
    AfterPause? AfterPause = null)
{
    /// <summary>Of this page.</summary>
    public required Uri Address { get; init; }

    /// <summary>True where tokens are configured: whoever speaks as one of several shows theirs.</summary>
    public bool AsksTokens { get; init; }

    /// <summary>The place in the log up to which the reader knows the incident, as their browser says; 0 for nothing of
    /// it.</summary>
    public long LastHere { get; init; }
}

/// <summary>The page behind a personal link. Without incident or person the link is no longer valid.</summary>
/// <param name="Title">What the incident is about, in words.</param>
/// <param name="Said">What was just recorded; null where nothing was.</param>
/// <param name="Refusal">Why nothing was recorded; null where nothing was refused.</param>
/// <param name="MaySign">True for an approver: whether they can sign now is asked too.</param>
public sealed record AcknowledgeView(
    string? IncidentId,
    string? Person,
    string? Title,
    PageAnswer? Said,
    string Token,
    string AntiforgeryFieldName,
    string AntiforgeryToken,
    bool MaySign = false,
    string? Refusal = null)
{
    /// <summary>True where it only proves that alerts arrive.</summary>
    public bool IsCanary { get; init; }
}

/// <param name="Html">Markup that was made from our own Markdown with raw HTML disabled; it is shown as it is.</param>
public sealed record ReportView(
    string IncidentId, string Html, WatchLine Watch, bool Exercise = false, string? Procedure = null);

/// <param name="Status">The HTTP status, for example 404.</param>
public sealed record MessageView(int Status, string Title, string Text);

/// <summary>The form with which people report something.</summary>
/// <param name="Kinds">What can be reported: its name, and the words for people.</param>
/// <param name="Before">What was just refused, to be corrected; null for an empty form.</param>
/// <param name="Dropped">How many were not taken because too many came at once.</param>
/// <param name="Message">Why it was refused.</param>
public sealed record UserReportView(
    IReadOnlyList<(string Name, string Words)> Kinds,
    IReadOnlyList<string> Subjects,
    SubmittedReport? Before,
    bool IsTaken,
    long Dropped,
    string AntiforgeryFieldName,
    string AntiforgeryToken,
    string? Message);
