using Tocsin.Decisions;
using Tocsin.Findings;
using Tocsin.Schedules;

namespace Tocsin.Plans;

public enum ComplaintLevel
{
    Warning,
    Error,
}

/// <summary>Something wrong with a plan, and where: what it is, and what to change.</summary>
public sealed record Complaint(SourceLine At, ComplaintLevel Level, string Message)
{
    /// <summary>What it says of each of many, where it is told of all of them in one line; null where it stands for
    /// itself.</summary>
    public string? Alike { get; init; }

    /// <summary>What that is said of, by name; null where the place says it.</summary>
    public string? Of { get; init; }

    public override string ToString() => $"{At}: {(Level == ComplaintLevel.Error ? "error" : "warning")}: {Message}";
}

/// <summary>Lints a plan: whether on the night everything that it names is there.</summary>
public static class PlanCheck
{
    // The distance costs the product of two lengths, and a longer name is no typo.
    private const int LongestTypo = 40;

    /// <summary>Every complaint in the order of the text.</summary>
    /// <param name="channels">The channels that the configuration defines; null where only the plan is at hand.</param>
    public static IReadOnlyList<Complaint> Check(Plan plan, IReadOnlySet<string>? channels) =>
        Sorted(CheckText(plan, channels));

    /// <summary>The same, with what is wrong as of an instant: who is on call from then on, what is out of date.
    /// </summary>
    /// <inheritdoc cref="Check(Plan, IReadOnlySet{string}?)"/>
    public static IReadOnlyList<Complaint> Check(Plan plan, IReadOnlySet<string>? channels, DateTimeOffset from)
    {
        var complaints = CheckText(plan, channels);
        if (!SizeCheck.Check(plan, []))
            return Sorted(complaints);
        ReviewCheck.Check(plan, from, complaints);
        ScheduleCheck.Check(plan, from, complaints);
        return Sorted(complaints);
    }

    private static List<Complaint> CheckText(Plan plan, IReadOnlySet<string>? channels)
    {
        var complaints = new List<Complaint>();
        if (!SizeCheck.Check(plan, complaints))
            return complaints;
        ScheduleCheck.CheckText(plan, complaints);
        CheckNames(plan, complaints);
        CheckProtected(plan, complaints);
        CheckIssues(plan, complaints);
        CheckDecisions(plan, complaints);
        CheckPeople(plan, channels, complaints);
        CheckCommunications(plan, channels, complaints);
        ActionCheck.Check(plan, complaints);
        HookCheck.Check(plan, complaints);
        AfterPauseCheck.Check(plan, complaints);
        AutonomyCheck.Check(plan, complaints);
        SeverityCheck.Check(plan, complaints);
        RosterCheck.Check(plan, complaints);
        EscalationCheck.Check(plan, complaints);
        ReachCheck.Check(plan, complaints);
        UpdateCheck.Check(plan, complaints);
        PublicChannelCheck.Check(plan, complaints);
        MeansCheck.Check(plan, complaints);
        ProcedureCheck.Check(plan, complaints);
        DutyCheck.Check(plan, complaints);
        return complaints;
    }

    private static List<Complaint> Sorted(List<Complaint> complaints) =>
        [.. complaints.OrderBy(c => c.At.File, StringComparer.Ordinal).ThenBy(c => c.At.Line)];

    private static void CheckNames(Plan plan, List<Complaint> complaints)
    {
        Unique(plan.Protected.Assets, asset => (asset.Name, asset.At), "asset", complaints);
        Unique(plan.Protected.Pools, pool => (pool.Name, pool.At), "pool", complaints);
        Unique(plan.Protected.Contracts, contract => (contract.Name, contract.At), "contract", complaints);
        Unique(plan.Issues, issue => (issue.Id, issue.At), "issue", complaints);
        Unique(plan.Procedures, procedure => (procedure.Id, procedure.At), "procedure", complaints);
        // What is checked off is known by its id alone.
        foreach (var procedure in plan.Procedures)
            Unique(plan.StepsOf(procedure), step => (step.Id, step.At), "step", complaints);
        Unique(plan.People, person => (person.Id, person.At), "person", complaints);
        Unique(plan.People, person => (person.Name, person.At), "person's name", complaints);
        Unique(plan.Decisions, decision => (decision.Id, decision.At), "decision", complaints);
        Unique(plan.Actions, action => (action.Id, action.At), "action", complaints);
        Unique(plan.Roles, role => (role.Id, role.At), "role", complaints);
        Unique(plan.Organisations, one => (one.Id, one.At), "organisation", complaints);
        Unique(plan.Templates, template => (template.Id, template.At), "template", complaints);
        Unique(plan.Exercises, exercise => (exercise.Id, exercise.At), "exercise", complaints);
        Unique(plan.Legal, duty => (duty.Id, duty.At), "legal duty", complaints);
        var told = plan.Communications.Where(one => one.Id is not null);
        Unique(told, communication => (communication.Id!, communication.At), "communication", complaints);
    }

    internal static void Unique<T>(
        IEnumerable<T> items, Func<T, (string Name, SourceLine At)> key, string what, List<Complaint> complaints)
    {
        var seen = new Dictionary<string, SourceLine>();
        foreach (var (name, at) in items.Select(key))
        {
            if (!seen.TryAdd(name, at))
                Error(complaints, at, $"{what} '{name}' is defined twice, first at {seen[name]}; rename one");
        }
    }

    private static void CheckProtected(Plan plan, List<Complaint> complaints)
    {
        var assets = plan.Protected.Assets.Select(asset => asset.Name).ToHashSet();
        foreach (var pool in plan.Protected.Pools)
        {
            foreach (var side in new[] { pool.Base, pool.Quote })
            {
                if (!assets.Contains(side))
                    Error(complaints, pool.At, $"pool '{pool.Name}' names asset '{side}', which is not defined"
                        + Near(side, assets));
            }
        }
        foreach (var asset in plan.Protected.Assets)
        {
            if (asset.UsdPrice is null && !plan.Protected.Pools.Any(pool => pool.Base == asset.Name))
                Error(complaints, asset.At, $"asset '{asset.Name}' has neither 'usd' nor a pool with it as base, "
                    + "so it has no value");
        }
        foreach (var asset in plan.Protected.Assets.Where(asset => asset.PegUsd <= 0))
            Error(complaints, asset.At, $"the 'peg' of asset '{asset.Name}' must be above 0");
        var contracts = plan.Protected.Contracts.Select(contract => contract.Name).ToHashSet();
        foreach (var asset in plan.Protected.Assets)
        {
            if (asset.Issuer is not null && !contracts.Contains(asset.Issuer))
                Error(complaints, asset.At, $"asset '{asset.Name}' is issued by '{asset.Issuer}', which is no contract"
                    + Near(asset.Issuer, contracts));
        }
        var paused = plan.Actions.SelectMany(action => action.OnChain).Select(call => call.Scope).ToHashSet();
        foreach (var contract in plan.Protected.Contracts)
        {
            // What waits in a queue has not left; nobody pauses that by design.
            if (contract.Scope is null && contract.IsQueue)
                continue;
            if (contract.Scope is null)
                Warn(complaints, contract.At, $"contract '{contract.Name}' has no 'scope': no action can stop it");
            else if (!paused.Contains(contract.Scope))
                Error(complaints, contract.At, $"no action pauses scope '{contract.Scope}' of '{contract.Name}': give "
                    + $"a call under 'actions' this 'scope'{Near(contract.Scope, paused)}");
        }
    }

    private static void CheckIssues(Plan plan, List<Complaint> complaints)
    {
        var procedures = plan.Procedures.Select(procedure => procedure.Id).ToHashSet();
        var used = plan.Issues.Select(issue => issue.Procedure).ToHashSet();
        foreach (var issue in plan.Issues)
        {
            if (!procedures.Contains(issue.Procedure))
                Error(complaints, issue.At, $"issue '{issue.Id}' names procedure '{issue.Procedure}', "
                    + $"which does not exist{Near(issue.Procedure, procedures)}");
            if (!issue.IsNoticed)
                Error(complaints, issue.At, $"issue '{issue.Id}' has no 'detection', and neither 'heartbeats' nor "
                    + "'manual': nothing would ever notice it");
            if (!Issue.Categories.Contains(issue.Category))
                Warn(complaints, issue.At, $"the category '{issue.Category}' of issue '{issue.Id}' is none of "
                    + $"{string.Join(", ", Issue.Categories)}{Near(issue.Category, Issue.Categories)}");
            if (!plan.Escalations.Any(e => Covers(e, issue)))
                Error(complaints, issue.At, $"nobody is escalated to for category '{issue.Category}' "
                    + $"at severity {(int)issue.Severity}");
        }
        foreach (var procedure in plan.Procedures.Where(procedure => !used.Contains(procedure.Id)))
            Warn(complaints, procedure.At, $"no issue leads to procedure '{procedure.Id}'");
        var hasPeg = plan.Protected.Assets.Any(asset => asset.PegUsd is not null);
        var untold = Enum.GetValues<Threat>()
            .Where(threat => plan.IssueFor(threat) is null && (hasPeg || threat != Threat.PegDeviation))
            .Select(threat => threat.ToName())
            .ToList();
        if (untold.Count > 0)
            Warn(
                complaints, new SourceLine("plan.yaml", 0),
                $"nobody would be told of what no issue has under 'detection': {string.Join(", ", untold)}");
        var decisions = plan.Decisions.Select(decision => decision.Id).ToHashSet();
        foreach (var procedure in plan.Procedures)
        {
            if (procedure.Decision is { } decision && !decisions.Contains(decision))
                Error(complaints, procedure.At, $"procedure '{procedure.Id}' names decision '{decision}', "
                    + $"which does not exist{Near(decision, decisions)}");
            foreach (var step in procedure.Steps.Where(step => !plan.Holders(step.Role).Any()))
                Error(complaints, step.At, $"step '{step.Id}' is for role '{step.Role}', which nobody holds"
                    + Near(step.Role, Roles(plan)));
        }
    }

    private static bool Covers(Escalation escalation, Issue issue) =>
        escalation.Category == issue.Category && issue.Severity <= escalation.Severity;

    private static void CheckDecisions(Plan plan, List<Complaint> complaints)
    {
        var actions = plan.Actions.Select(action => action.Id).ToHashSet();
        foreach (var decision in plan.Decisions)
        {
            if (!actions.Contains(decision.Action))
                Error(complaints, decision.At, $"decision '{decision.Id}' names action '{decision.Action}', "
                    + $"which does not exist{Near(decision.Action, actions)}");
            if (decision.Required.Count + decision.Additional.Count == 0)
                Error(complaints, decision.At, $"decision '{decision.Id}' needs no approver: "
                    + "name 'required' roles or 'additional' groups");
            var roles = decision.Required
                .SelectMany(r => r.Substitutes.Add(r.Role))
                .Concat(decision.Additional.Select(g => g.Group));
            var before = complaints.Count;
            foreach (var role in roles.Distinct().Where(role => !plan.Holders(role).Any()))
                Error(complaints, decision.At, $"decision '{decision.Id}' needs role '{role}', which nobody holds"
                    + Near(role, Roles(plan)));
            var holders = roles.Distinct().SelectMany(plan.Holders).Distinct();
            var why = Deciding.IsOfPeople(plan, decision)
                ? "give them an address that nobody else has, by which they are told apart; for a decision of people "
                    + "nothing is signed with it"
                : "a decision of calls is taken by signatures; give them one, or name another role";
            foreach (var person in holders.Where(person => person.Wallet is null))
                Error(complaints, person.At, $"'{person.Id}' must approve '{decision.Id}' but has no 'wallet': {why}");
            var everyone = plan.ApprovalRule(decision).Places.SelectMany(place => place.Wallets).ToHashSet();
            // A place that nobody can fill was named above; this is for wallets that are needed twice.
            if (complaints.Count == before && everyone.Count > 0 && !plan.ApprovalRule(decision).IsMetBy(everyone))
                Error(complaints, decision.At, $"decision '{decision.Id}' can never be taken: "
                    + "there are not enough different wallets for its places");
        }
    }

    private static void CheckPeople(Plan plan, IReadOnlySet<string>? channels, List<Complaint> complaints)
    {
        var wallets = plan.People.Where(p => p.Wallet is not null).GroupBy(p => p.Wallet);
        foreach (var wallet in wallets.Where(g => g.Count() > 1))
            Error(complaints, wallet.Last().At, $"'{wallet.First().Id}' and '{wallet.Last().Id}' have the same wallet; "
                + "each approver needs an own one");
        foreach (var person in plan.People)
        {
            if (person.Core && person.Ways.Count == 0)
                Error(complaints, person.At, $"'{person.Id}' is in the core team but has no 'ways': "
                    + "nothing would reach them");
            foreach (var way in person.Ways.Where(way => channels is not null && !channels.Contains(way)))
                Error(complaints, person.At, $"'{person.Id}' is reached by channel '{way}', "
                    + $"which the configuration does not define{NearChannel(way, channels!)}");
            if (person.Core && person.Phone is null)
                Warn(complaints, person.At, $"'{person.Id}' is in the core team but has no 'phone'");
        }
        if (!plan.Holders("commander").Any())
            Error(complaints, new SourceLine("plan.yaml", 0), "nobody holds the role 'commander': nobody would lead");
    }

    private static void CheckCommunications(Plan plan, IReadOnlySet<string>? channels, List<Complaint> complaints)
    {
        foreach (var communication in plan.Communications)
        {
            foreach (var channel in new[] { communication.Channel, communication.Backup })
            {
                if (channel is not null && channels is not null && !channels.Contains(channel))
                    Error(complaints, communication.At, $"channel '{channel}' is not defined in the configuration"
                        + NearChannel(channel, channels));
            }
            if (communication.Backup == communication.Channel)
                Error(
                    complaints, communication.At,
                    $"channel '{communication.Channel}': its backup is the channel itself");
        }
        if (!plan.Communications.Any(c => c.Audience == "responders" && c.When == "at-once"))
            Error(
                complaints,
                new SourceLine("plan.yaml", 0),
                "no communication for audience 'responders' at 'at-once': nobody would hear the alarm together");
    }

    /// <summary>The roles that somebody holds.</summary>
    internal static HashSet<string> Roles(Plan plan) => plan.People.SelectMany(person => person.Roles).ToHashSet();

    private static string NearChannel(string name, IEnumerable<string> channels) =>
        Near(name, channels) is { Length: > 0 } near ? near : ": add it under 'channels:' of tocsin.yaml";

    /// <summary>A hint at the likeliest intended name, as a typo is the likeliest cause.</summary>
    public static string Near(string name, IEnumerable<string> known)
    {
        if (name.Length > LongestTypo)
            return "";
        var best = known
            .Where(candidate => candidate.Length <= LongestTypo)
            .Select(candidate => (candidate, distance: Distance(name, candidate), most: MostTypos(name, candidate)))
            .Where(one => one.distance <= one.most)
            .OrderBy(one => one.distance)
            .ThenBy(one => one.candidate, StringComparer.Ordinal)
            .FirstOrDefault();
        return best.candidate is null ? "" : $"; did you mean '{best.candidate}'?";
    }

    // Two short names are soon alike, and one of a row of names is no typo of another: only what begins alike may end
    // otherwise.
    private static int MostTypos(string name, string candidate)
    {
        var (length, alike) = (Math.Min(name.Length, candidate.Length), name.AsSpan().CommonPrefixLength(candidate));
        return alike * 3 >= length * 2 ? Math.Max(1, length / 3) : Math.Max(1, length / 5);
    }

    // Levenshtein distance with two letters that changed places as one change, three rows.
    private static int Distance(string a, string b)
    {
        var (before, previous) = (new int[b.Length + 1], Enumerable.Range(0, b.Length + 1).ToArray());
        for (var i = 1; i <= a.Length; i++)
        {
            var current = new int[b.Length + 1];
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substitution = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                current[j] = Math.Min(substitution, Math.Min(previous[j], current[j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    current[j] = Math.Min(current[j], before[j - 2] + 1);
            }
            (before, previous) = (previous, current);
        }
        return previous[b.Length];
    }

    internal static void Error(List<Complaint> complaints, SourceLine at, string message) =>
        complaints.Add(new Complaint(at, ComplaintLevel.Error, message));

    internal static void Warn(List<Complaint> complaints, SourceLine at, string message) =>
        complaints.Add(new Complaint(at, ComplaintLevel.Warning, message));
}
