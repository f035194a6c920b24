using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Deadlines;
using Tocsin.Evm;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Pages;

/// <summary>What pages call things. Instants are UTC to the second everywhere.</summary>
internal static class PageWords
{
    /// <summary>The phase as people must read it: a pause alone is never called contained.</summary>
    public static string Phase(Incident incident) => incident.Phase switch
    {
        IncidentPhase.Detected when incident.IsOver => "OVER, NOT YET ACKNOWLEDGED",
        IncidentPhase.Detected => "DETECTED, NOT YET ACKNOWLEDGED",
        IncidentPhase.Triaged when incident.IsOver => "OVER, NOT YET RESOLVED",
        IncidentPhase.Triaged when incident.Decision is null => "ACKNOWLEDGED",
        IncidentPhase.Triaged => "ACKNOWLEDGED, NOT YET PAUSED",
        IncidentPhase.Paused => "PAUSED, NOT YET CONTAINED",
        IncidentPhase.Contained => "CONTAINED",
        IncidentPhase.Eradicated => "ERADICATED, NOT YET RECOVERED",
        IncidentPhase.Recovered => "RECOVERED, NOT YET RESOLVED",
        IncidentPhase.Resolved => "RESOLVED",
        IncidentPhase.Reviewed => "REVIEWED",
        IncidentPhase.FalseAlarm => "FALSE ALARM",
        IncidentPhase.Merged => $"MERGED INTO {incident.Command.Merged?.Into}",
    };

    /// <summary>A phase of the past, which says nothing of what is to be done.</summary>
    public static string Of(IncidentPhase phase) => Phases.Word(phase);

    public static string Of(Severity severity) => severity switch
    {
        Severity.Critical => "critical",
        Severity.High => "high",
        Severity.Elevated => "elevated",
        Severity.Minor => "minor",
        Severity.Routine => "routine",
    };

    public static string Of(Threat threat) => threat switch
    {
        Threat.FlashLoanAttack => "Flash-loan attack",
        Threat.OracleManipulation => "Oracle manipulation",
        Threat.LargeTransfer => "Large transfer",
        Threat.ContractAnomaly => "Contract anomaly",
        Threat.PegDeviation => "Peg deviation",
        Threat.MonitoringImpaired => "Monitoring impaired",
        Threat.MissedHeartbeat => "Missed heartbeat",
        Threat.ContractChange => "Contract change",
        Threat.FrontEndChange => "Front-end change",
        Threat.RedemptionRun => "Redemption run",
        Threat.LiquidityDrop => "Liquidity drop",
        Threat.UnbackedMint => "Unbacked mint",
        Threat.IssuerControl => "Issuer control",
        Threat.OracleFailure => "Oracle failure",
        Threat.GovernanceAttack => "Governance attack",
        Threat.PrivilegeChange => "Privilege change",
        Threat.SuspiciousPreparation => "Suspicious preparation",
        Threat.Laundering => "Laundering",
        Threat.UnusualTrading => "Unusual trading",
        Threat.ActivitySpike => "Activity spike",
        Threat.StandingRisk => "Standing risk",
        Threat.UserReports => "User reports",
    };

    public static string Of(FindingStatus status) => status switch
    {
        FindingStatus.Seen => "seen",
        FindingStatus.Confirmed => "confirmed",
        FindingStatus.Retracted => "retracted",
        FindingStatus.Over => "over",
    };

    public static string Of(DeadlineState state) => state switch
    {
        DeadlineState.Open => "open",
        DeadlineState.Met => "met",
        DeadlineState.MetLate => "late",
        DeadlineState.Missed => "missed",
    };

    public static string Title(Incident incident, Plan plan) =>
        plan.Issues.FirstOrDefault(issue => issue.Id == incident.Issue)?.Name ?? incident.Issue;

    public static string Impact(Incident incident) => Announcements.ImpactInWords(incident);

    public static string Utc(DateTimeOffset at) => $"{at.UtcDateTime:yyyy-MM-dd HH:mm:ss}";

    /// <summary>The form that machines and the countdown script read.</summary>
    public static string Iso(DateTimeOffset at) => $"{at.UtcDateTime:yyyy-MM-ddTHH:mm:ss}Z";

    /// <summary>
    /// How far an instant is away: <c>in 4 min 12 s</c> or <c>3 min 0 s ago</c>. The script counts in the same words.
    /// </summary>
    public static string Away(DateTimeOffset due, DateTimeOffset now) =>
        due >= now ? $"in {Length(due - now)}" : $"{Length(now - due)} ago";

    /// <summary>A length of time by its two largest units, cut, not rounded.</summary>
    public static string Length(TimeSpan time) => time switch
    {
        { TotalMinutes: < 1 } => $"{time.Seconds} s",
        { TotalHours: < 1 } => $"{time.Minutes} min {time.Seconds} s",
        { TotalDays: < 1 } => $"{time.Hours} h {time.Minutes} min",
        _ => $"{time.Days} d {time.Hours} h",
    };

    /// <summary>How long a plan expects something to take, as coarse as plans are: <c>20 min</c>, <c>1 h</c>.</summary>
    public static string Usual(TimeSpan time) => time switch
    {
        { TotalMinutes: < 1 } => $"{time.TotalSeconds:0} s",
        { TotalHours: >= 1 } when time.Ticks % TimeSpan.TicksPerHour == 0 => $"{time.TotalHours:0} h",
        _ => $"{time.TotalMinutes:0} min",
    };

    /// <summary>Words from a node or the log, with a capital at their beginning and a full stop at their end.</summary>
    public static string Sentence(string words) => words.Length == 0
        ? ""
        : $"{char.ToUpperInvariant(words[0])}{words[1..]}{(words[^1] is '.' or '!' or '?' ? "" : ".")}";

    /// <summary>As much of it as fits beside other things.</summary>
    public static string Short(string words) => words.Length <= 120 ? words : $"{words[..119]}…";

    public static string Percent(decimal share) => $"{decimal.Round(share * 100):0} %";

    /// <summary>A name in the plan's people for a wallet, or the wallet itself.</summary>
    public static string Holder(Address wallet, Plan plan) =>
        plan.People.FirstOrDefault(person => person.Wallet == wallet)?.Name
        ?? (plan.Struck.FirstOrDefault(person => person.Wallet == wallet) is { } struck
            ? $"{struck.Name} (revoked)"
            : ChecksumAddress.Format(wallet));

    public static string PersonName(string id, Plan plan) => plan.Person(id)?.Name ?? id;

    public static string Names(IEnumerable<string> names)
    {
        var text = string.Join(", ", names);
        return text.Length == 0 ? "nobody named" : text;
    }
}
