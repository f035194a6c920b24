using Tocsin.Autonomy;
using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Findings;
using Tocsin.Schedules;

namespace Tocsin.Plans;

/// <summary>A place in the plan's text, for messages that name file and line.</summary>
public readonly record struct SourceLine(string File, int Line)
{
    public override string ToString() => Line > 0 ? $"{File}:{Line}" : File;
}

/// <summary>
/// The team's emergency response plan, compiled: immutable, every name resolved. An incident is judged by the plan
/// that was in force when it opened.
/// </summary>
/// <param name="ContentHash">SHA-256 over the plan's files; names this version.</param>
/// <param name="DecisionsHash">
/// Keccak-256 over decisions and actions alone; approvers sign it, contacts do not change it.
/// </param>
public sealed record Plan(
    string Name,
    Hash32 ContentHash,
    Hash32 DecisionsHash,
    ProtectedThings Protected,
    ValueList<Issue> Issues,
    ValueList<Procedure> Procedures,
    ValueList<Escalation> Escalations,
    ValueList<Person> People,
    ValueList<Communication> Communications,
    ValueList<DecisionRule> Decisions,
    ValueList<PlannedAction> Actions)
{
    /// <summary>Whom the plan names but who are revoked, and so are not among <see cref="People"/>.</summary>
    public ValueList<Person> Struck { get; init; } = [];

    /// <summary>Channels that may be in wrong hands: no way to anybody.</summary>
    public ValueList<string> Distrusted { get; init; } = [];

    /// <summary>
    /// Why nothing but its <see cref="ContentHash"/> is known: it is in the log in a form that this version cannot
    /// read. Null for a plan that was read.
    /// </summary>
    public string? Fault { get; init; }

    /// <summary>What the system does by itself.</summary>
    public AutonomyPlan Autonomy { get; init; } = AutonomyPlan.None;

    /// <summary>What the plan says of itself; null where it says nothing.</summary>
    public PlanAbout? About { get; init; }

    /// <summary>What counts as an incident.</summary>
    public IncidentRule Opens { get; init; } = IncidentRule.Default;

    /// <summary>How long people have, where the plan says it; see <see cref="TimesOf"/>.</summary>
    public ValueList<SeverityTimes> Times { get; init; } = [];

    public ValueList<PlannedRole> Roles { get; init; } = [];

    public ValueList<Schedule> Schedules { get; init; } = [];

    public ValueList<Organisation> Organisations { get; init; } = [];

    public ValueList<UpdateTemplate> Templates { get; init; } = [];

    public ValueList<PlannedExercise> Exercises { get; init; } = [];

    public ValueList<LegalDuty> Legal { get; init; } = [];

    /// <summary>How long people have at a severity.</summary>
    public SeverityTimes TimesOf(Severity severity) =>
        Times.FirstOrDefault(times => times.Severity == severity) ?? SeverityTimes.Default(severity);

    public Schedule? Schedule(string id) => Schedules.FirstOrDefault(schedule => schedule.Id == id);

    public UpdateTemplate? Template(string id) => Templates.FirstOrDefault(template => template.Id == id);

    public PlannedRole? Role(string id) => Roles.FirstOrDefault(role => role.Id == id);

    /// <summary>True for what is checked off as an action of a role, for example <c>commander/open-call</c>.</summary>
    public bool IsRoleAction(string id) => Roles.Any(role => role.Actions.Any(action => role.IdOf(action) == id));

    public Issue? IssueFor(Threat threat) => Issues.FirstOrDefault(issue => issue.Detection.Contains(threat));

    public Procedure? Procedure(string id) => Procedures.FirstOrDefault(procedure => procedure.Id == id);

    public DecisionRule? Decision(string id) => Decisions.FirstOrDefault(decision => decision.Id == id);

    public PlannedAction? Action(string id) => Actions.FirstOrDefault(action => action.Id == id);

    /// <summary>
    /// What people have to do by a procedure: its steps, and what the action that it decides leaves to them.
    /// </summary>
    public ValueList<ProcedureStep> StepsOf(Procedure? procedure)
    {
        if (procedure is null)
            return [];
        var decided = procedure.Decision is { } id && Decision(id) is { } decision ? Action(decision.Action) : null;
        return decided?.ForPeople is { } step ? procedure.Steps.Add(step) : procedure.Steps;
    }

    /// <summary>The hooks by which the server can do steps of a procedure, each with its step.</summary>
    public IEnumerable<(ProcedureStep Step, PlannedAction Action)> HooksOf(Procedure? procedure) =>
        from step in StepsOf(procedure)
        let action = step.Hook is { } id ? Action(id) : null
        where action?.Hook is not null
        select (step, action);

    public Person? Person(string id) => People.FirstOrDefault(person => person.Id == id);

    /// <summary>True where only people who are revoked hear a channel.</summary>
    public bool IsHeardByStruckAlone(string channel) =>
        Struck.Any(person => person.Ways.Contains(channel))
        && !People.Any(person => person.Ways.Contains(channel))
        && !Communications.Any(c => c.Channel == channel || c.Backup == channel);

    /// <summary>
    /// Whom a name under <c>notify</c> stands for: a person, a role, everyone of a schedule, or <c>core</c> and
    /// <c>extended</c>. Nobody for an organisation, which people call.
    /// </summary>
    public IEnumerable<Person> Named(string name)
    {
        var scheduled = Schedule(name)?.Rotations.SelectMany(rotation => rotation.People).ToHashSet() ?? [];
        return People.Where(person => person.Id == name || person.Roles.Contains(name) || scheduled.Contains(person.Id)
            || name == (person.Core ? "core" : "extended"));
    }

    public IEnumerable<Person> Holders(string role) => People.Where(person => person.Roles.Contains(role));

    /// <summary>Who leads: the first commander of the core team, as an alert names them.</summary>
    public string Lead()
    {
        var commander = Holders("commander").FirstOrDefault();
        return commander is null ? "nobody named" : $"{commander.Name} (commander)";
    }

    /// <summary>Who decides what follows the pause of a decision: its owner, or whoever leads.</summary>
    public string OwnerOf(DecisionRule? decision) => decision?.Owner switch
    {
        null => Lead(),
        { } id when Person(id) is { } person => person.Name,
        { } role when Holders(role).FirstOrDefault() is { } holder => $"{holder.Name} ({role})",
        { } role => role,
    };

    /// <summary>Who sends an action with their own wallets, each with that wallet.</summary>
    public IEnumerable<(Person Person, Address Wallet)> SendersOf(PlannedAction action) => action.By is { } by
        ? Holders(by.Role).Where(person => person.Wallet is not null).Select(person => (person, person.Wallet!.Value))
        : [];

    /// <summary>True where the decision of a procedure is one of calls, so that it can be taken.</summary>
    public bool DecidesCalls(Procedure procedure) =>
        procedure.Decision is { } id && Decision(id) is { } rule
        && Action(rule.Action) is { Calls.Count: > 0, By: null };

    /// <summary>True where another action names it as the way to take it back.</summary>
    public bool IsReversal(PlannedAction action) => Actions.Any(other => other.Reversal == action.Id);

    /// <summary>True where the action prolongs or ends the pause of a decision, so that it may be impossible while
    /// nothing is paused.</summary>
    public bool IsForAfterPause(PlannedAction action) =>
        Decisions.Any(decision => decision.AfterPause.Contains(action.Id));

    /// <summary>The places that must approve, with the wallets that can fill each.</summary>
    public ApprovalRule ApprovalRule(DecisionRule decision)
    {
        var places = new List<ApproverPlace>();
        foreach (var role in decision.Required)
            places.Add(new ApproverPlace(role.Role, Wallets([role.Role, .. role.Substitutes])));
        foreach (var group in decision.Additional)
        {
            for (var place = 0; place < group.AtLeast; place++)
                places.Add(new ApproverPlace(group.Group, Wallets([group.Group])));
        }
        return new ApprovalRule(places.ToValueList());
    }

    /// <summary>The same with those who are revoked: to show by whom a decision was taken before they were.</summary>
    public ApprovalRule ApprovalRuleWithStruck(DecisionRule decision) =>
        (this with { People = [.. People, .. Struck] }).ApprovalRule(decision);

    private ValueList<Address> Wallets(IReadOnlyList<string> roles) => People
        .Where(person => person.Wallet is not null && person.Roles.Any(roles.Contains))
        .Select(person => person.Wallet!.Value)
        .Distinct()
        .ToValueList();
}
