using System.Text;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Monitoring;
using Tocsin.Evm;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Detection.Operations;

/// <inheritdoc cref="UserReportsSettings"/>
internal sealed class UserReports(UserReportsSettings settings, Watch watch) : Detector
{
    private const int OfOneKindMax = 100;
    private const int ReportsMax = 1_000;
    private const int ExcerptMax = 160;

    // Troubles are counted for all detectors together: those that anybody can make up must not take others' place.
    private const int ClustersMax = 32;
    private const decimal SureOfOne = 0.3m;
    private const decimal SureOfSeveral = 0.5m;
    private const decimal SureOfMany = 0.7m;

    private static readonly TimeSpan CountsFor = TimeSpan.FromHours(1);

    // A name that nobody watches would make a trouble of its own for each that somebody thinks of.
    private readonly HashSet<string> subjects =
    [
        .. watch.Contracts.Select(contract => contract.Name),
        .. watch.Assets.Select(asset => asset.Name),
        .. watch.Pools.Select(pool => pool.Name),
    ];

    private readonly List<KnownReport> reports = [];
    private int uncounted;

    public override void Arrived(Arrival arrival, ArrivalScene scene)
    {
        if (arrival is not Arrival.Reported reported)
            return;
        // What was told by a clock that was later set back cannot be held against this one.
        reports.RemoveAll(known => scene.Now - known.At >= CountsFor || known.At > scene.Now);
        uncounted = reports.Count == 0 ? 0 : uncounted;
        var report = Known(reported, scene.Now);
        if (!IsKnownCluster(report) && reports.DistinctBy(known => (known.Kind, known.Subject)).Count() >= ClustersMax)
            report = report with { Subject = "" };
        if (reports.Exists(known => IsSame(known, report)))
            return;
        var alike = reports.Where(known => known.Kind == report.Kind && known.Subject == report.Subject).ToList();
        if (alike.Count >= OfOneKindMax || reports.Count >= ReportsMax)
        {
            uncounted = Math.Min(uncounted + 1, int.MaxValue - 1);
            return;
        }
        reports.Add(report);
        alike.Add(report);
        Tell(alike, scene);
    }

    public override DetectorState Snapshot() => new UserReportsState(reports.ToValueList(), uncounted);

    public override void Restore(DetectorState state)
    {
        if (state is not UserReportsState known)
            return;
        reports.Clear();
        reports.AddRange(known.Reports);
        uncounted = known.Uncounted;
    }

    private KnownReport Known(Arrival.Reported reported, DateTimeOffset now) => new(
        now,
        reported.What,
        subjects.Contains(reported.Subject) ? reported.Subject : "",
        ExcerptOf(reported.Text),
        Keccak256.Hash(Plain(reported.Text)),
        Plain(reported.Contact ?? "") is { Length: > 0 } contact ? Keccak256.Hash(contact) : null,
        reported.Transaction);

    private bool IsKnownCluster(KnownReport report) =>
        reports.Exists(known => known.Kind == report.Kind && known.Subject == report.Subject);

    private static bool IsSame(KnownReport one, KnownReport other) =>
        one.Kind == other.Kind && one.Subject == other.Subject
        && (one.Text == other.Text
            || (one.Contact is { } contact && contact == other.Contact)
            || (one.Transaction is { } transaction && transaction == other.Transaction));

    // Letters and digits alone, so that a space or a full stop more does not make another report.
    private static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            if (Rune.IsLetterOrDigit(rune))
                plain.Append(Rune.ToLowerInvariant(rune));
        // A text of signs alone is still one text.
        return plain.Length > 0 ? plain.ToString() : text.Trim();
    }

    private static string ExcerptOf(string text)
    {
        var line = Words.Quote(text);
        if (line.Length <= ExcerptMax)
            return line;
        // Never half of a surrogate pair.
        var cut = char.IsHighSurrogate(line[ExcerptMax - 1]) ? ExcerptMax - 1 : ExcerptMax;
        return line[..cut] + "…";
    }

    private void Tell(List<KnownReport> alike, ArrivalScene scene)
    {
        var (first, count) = (alike[0], alike.Count);
        var (severity, sure) = count >= settings.Many ? (Severity.High, SureOfMany)
            : count >= settings.Several ? (Severity.Elevated, SureOfSeveral)
            : (Severity.Minor, SureOfOne);
        var key = new ConditionKey("user-reports", $"{NameOf(first.Kind)}/{first.Subject}");
        var subject = first.Subject.Length == 0 ? "user reports" : $"user reports on {first.Subject}";
        scene.Present(
            new Trouble(key, Threat.UserReports, severity, sure, subject, WordsOf(alike)),
            isNews: IsDoubled(count, settings.Many));
        scene.Absent(key, $"Nobody reported it for {Words.Length(CountsFor)}.", CountsFor);
    }

    // A finding that many already told is told again when they are twice as many, and again.
    private static bool IsDoubled(int count, int many) =>
        count > many && count % many == 0 && int.IsPow2(count / many);

    private string WordsOf(List<KnownReport> alike)
    {
        var first = alike[0];
        var who = Words.Count(alike.Count, "report says", "reports say");
        var where = first.Subject.Length == 0 ? "" : $" ({first.Subject})";
        var transaction = alike.Find(report => report.Transaction is not null)?.Transaction;
        return $"{who} within an hour: {SentenceOf(first.Kind)}{where}. The first: '{first.Excerpt}'"
            + (transaction is null ? "." : $"; transaction {transaction} is named.")
            + (uncounted == 0
                ? ""
                : $" {Words.Count(uncounted, "further report was", "further reports were")} dropped.")
            + " Strangers wrote this and nothing of it is verified: look yourself, and follow no link of theirs.";
    }

    private static string NameOf(ReportKind kind) => kind switch
    {
        ReportKind.FundsMissing => "funds-missing",
        ReportKind.WrongPrice => "wrong-price",
        ReportKind.CannotWithdraw => "cannot-withdraw",
        ReportKind.SuspiciousPage => "suspicious-page",
        ReportKind.Other => "other",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind of report"),
    };

    private static string SentenceOf(ReportKind kind) => kind switch
    {
        ReportKind.FundsMissing => "funds are missing",
        ReportKind.WrongPrice => "a price is wrong",
        ReportKind.CannotWithdraw => "withdrawing does not work",
        ReportKind.SuspiciousPage => "a page or a message pretends to be ours",
        ReportKind.Other => "something else is wrong",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind of report"),
    };
}
