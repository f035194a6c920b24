using System.Globalization;
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

    public PlannedRole? Role(string id) => Roles.FirstOrDefault(role => role.Id == id);

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

/// <summary>What we answer for: chain, assets, pools, contracts, and the limits at which we look closer.</summary>
public sealed record ProtectedThings(
    ChainId Chain,
    string ChainName,
    ValueList<Asset> Assets,
    ValueList<Pool> Pools,
    ValueList<ProtectedContract> Contracts)
{
    /// <summary>The contracts by which we act: what pauses, timelocks, Safes.</summary>
    public ValueList<Control> Controls { get; init; } = [];

    /// <summary>Where else actions act; nothing is watched there.</summary>
    public ValueList<NamedChain> OtherChains { get; init; } = [];

    public string NameOf(ChainId chain) => chain == Chain
        ? ChainName
        : OtherChains.FirstOrDefault(other => other.Id == chain)?.Name ?? $"chain {chain}";
}

public sealed record NamedChain(ChainId Id, string Name);

/// <summary>A contract of ours that holds powers over the others.</summary>
public sealed record Control(string Name, Address Address);

/// <summary>
/// A token. Either a fixed price in US dollars or, by a null, the price of the pool that has it as base.
/// </summary>
/// <param name="Issuer">The contract of ours that mints and burns it, so that an honest redemption is no loss.</param>
public sealed record Asset(
    string Name, Address Address, int Decimals, decimal? UsdPrice, string? Issuer, SourceLine At)
{
    /// <summary>What one whole unit is meant to be worth in US dollars; null where it is meant to be worth
    /// nothing in particular.</summary>
    public decimal? PegUsd { get; init; }

    /// <summary>How long it must stand beyond a limit to have lost its peg; null for the default.</summary>
    public TimeSpan? PegHeldFor { get; init; }

    /// <summary>An amount of its smallest unit, for people.</summary>
    public string InWords(UInt256 amount)
    {
        var whole = amount.ToUnits(Decimals);
        return !amount.IsZero && whole < LeastShown
            ? $"less than {LeastShown.ToString(CultureInfo.InvariantCulture)} {Name}"
            : $"{whole.ToString("#,##0.######", CultureInfo.InvariantCulture)} {Name}";
    }

    private const decimal LeastShown = 0.000001m;
}

/// <summary>A Uniswap V2 style pair; the price is that of the base asset in the quote asset.</summary>
public sealed record Pool(string Name, Address Address, string Base, string Quote, SourceLine At);

/// <summary>A contract of ours. A pause of <paramref name="Scope"/> stops what moves value out of it.</summary>
/// <param name="Exits">
/// Functions that stay open in a pause and may pay out: an outflow of theirs is explained.
/// </param>
public sealed record ProtectedContract(
    string Name,
    Address Address,
    string? Scope,
    ValueList<ExitFunction> Exits,
    SourceLine At)
{
    /// <summary>True where what is over a limit waits: what comes here has not left yet.</summary>
    public bool IsQueue { get; init; }
}

/// <summary>A function that stays open in a pause: for the chain its selector, for people its signature.</summary>
public readonly record struct ExitFunction(Selector Selector, string Signature)
{
    public override string ToString() => Signature;
}

/// <summary>A potential issue: how it is detected, how bad it usually is, and which procedure answers it.</summary>
public sealed record Issue(
    string Id,
    string Name,
    string Category,
    ValueList<Threat> Detection,
    Severity Severity,
    string Procedure,
    SourceLine At)
{
    /// <summary>Heartbeats of tocsin.yaml whose silence shows it.</summary>
    public ValueList<string> Heartbeats { get; init; } = [];

    /// <summary>How people notice it where no detector does, for example by what users write.</summary>
    public ValueList<string> Manual { get; init; } = [];

    /// <summary>What tells it from similar issues: "if X but not Y".</summary>
    public ValueList<string> Unlike { get; init; } = [];
}

/// <summary>A response procedure: ordered steps, and the whole text for people.</summary>
public sealed record Procedure(
    string Id,
    string Title,
    ValueList<ProcedureStep> Steps,
    string? Decision,
    string Markdown,
    SourceLine At)
{
    /// <summary>When it was last read through; null for never.</summary>
    public DateOnly? Reviewed { get; init; }
}

/// <param name="Role">Who does it.</param>
/// <param name="Expected">How long it usually takes.</param>
public sealed record ProcedureStep(string Id, string What, string Role, TimeSpan Expected, SourceLine At)
{
    /// <summary>True where the decision is taken in it: what comes before is done before any pause.</summary>
    public bool Decides { get; init; }

    /// <summary>The action whose hook does it; null where people do.</summary>
    public string? Hook { get; init; }

    /// <summary>Which part of the response it belongs to: halt, identify, fix, upgrade, quantify, clean-up,
    /// restore; null where the procedure does not say.</summary>
    public string? Part { get; init; }

    /// <summary>How it is done in detail; null where the procedure's text says it.</summary>
    public string? How { get; init; }

    /// <summary>What it is done with: a tool, a page, an action of the plan.</summary>
    public string? Tool { get; init; }

    /// <summary>In which case it is done at all, in words; null for always.</summary>
    public string? When { get; init; }

    /// <summary>When somebody last tried it; null for never.</summary>
    public DateOnly? Tested { get; init; }
}

/// <summary>Which people are woken for a category at a severity as bad as this, or worse.</summary>
public sealed record Escalation(
    string Category, Severity Severity, string Upon, ValueList<string> Notify, SourceLine At)
{
    /// <summary>The moment that <see cref="Upon"/> names.</summary>
    public EscalationMoment Moment { get; init; } = EscalationMoment.Detection;

    /// <summary>How many of the first level must answer.</summary>
    public AnswersNeeded Answer { get; init; } = AnswersNeeded.One;

    /// <summary>Whom to wake next where nobody answers, in order.</summary>
    public ValueList<EscalationLevel> Then { get; init; } = [];

    /// <summary>How often all levels are gone through again.</summary>
    public int Again { get; init; }

    /// <summary>Whom to wake by every way where all of that was in vain.</summary>
    public ValueList<string> Nobody { get; init; } = [];
}

/// <param name="Core">True for the core team, false for the extended one.</param>
/// <param name="Ways">Channels by name, in the order in which this person wants to be reached.</param>
public sealed record Person(
    string Id,
    string Name,
    bool Core,
    ValueList<string> Roles,
    string? Email,
    string? Chat,
    string? Phone,
    Address? Wallet,
    ValueList<string> Ways,
    SourceLine At)
{
    /// <summary>The kinds of issue that this person knows; empty for all.</summary>
    public ValueList<string> Categories { get; init; } = [];

    /// <summary>The IANA name of the person's time zone; null where the plan does not say.</summary>
    public Zone? Zone { get; init; }

    public AwakeHours? Awake { get; init; }

    /// <summary>People by id who are paged where this one does not answer.</summary>
    public ValueList<string> Substitutes { get; init; } = [];

    /// <summary>How long each of <see cref="Ways"/> waits for an answer; the default where none is given.</summary>
    public ValueList<TimeSpan> Waits { get; init; } = [];

    /// <summary>The ways in order, each with the time that an answer has.</summary>
    public IEnumerable<Way> WaysInOrder =>
        Ways.Select((channel, place) => new Way(channel, place < Waits.Count ? Waits[place] : Way.DefaultWait));
}

/// <param name="Audience">Whom it is for, for example <c>responders</c>.</param>
/// <param name="When">At which moment, for example <c>at-once</c>.</param>
public sealed record Communication(string Audience, string When, string Channel, string? Backup, SourceLine At)
{
    /// <summary>Its name for commands and events; null where the plan gives none.</summary>
    public string? Id { get; init; }

    /// <summary>The moment that <see cref="When"/> names.</summary>
    public UpdateMoment Moment { get; init; } = UpdateMoment.AtOnce;

    /// <summary>How often, or how long after the end.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>When the first is due, from the opening on; null for <see cref="Every"/>.</summary>
    public TimeSpan? Within { get; init; }

    /// <summary>From which severity on; null for any.</summary>
    public Severity? Severity { get; init; }

    /// <summary>The role that writes it.</summary>
    public string? Writer { get; init; }

    /// <summary>The role that approves it; nothing public goes out without.</summary>
    public string? Approver { get; init; }

    /// <summary>The template of its drafts.</summary>
    public string? Template { get; init; }

    /// <summary>Issues that do not need it.</summary>
    public ValueList<string> NotFor { get; init; } = [];

    /// <summary>True where the world reads it.</summary>
    public bool IsPublic { get; init; }

    /// <summary>What to do where the usual channel is in wrong hands, in words.</summary>
    public string? IfCompromised { get; init; }
}

/// <summary>Who decides an emergency action.</summary>
/// <param name="ValidFor">How long approvals may be collected.</param>
public sealed record DecisionRule(
    string Id,
    string Name,
    string Action,
    ValueList<RequiredRole> Required,
    ValueList<AdditionalGroup> Additional,
    TimeSpan ValidFor,
    SourceLine At)
{
    /// <summary>The action by which people prolong its pause; null where none is prepared.</summary>
    public string? Extend { get; init; }

    /// <summary>The action by which people end its pause early; null where none is prepared.</summary>
    public string? Reopen { get; init; }

    /// <summary>Who decides what follows the pause, a role or a person; null for whoever leads.</summary>
    public string? Owner { get; init; }

    /// <summary>The role whose holder reads the calldata, and is not who proposed it; null for nobody in particular.
    /// </summary>
    public string? Reviewer { get; init; }

    /// <summary>Whether what was approved by voice counts; null where it does not.</summary>
    public AttestedApproval? Attested { get; init; }

    /// <summary>Who may act first and be approved later; null where nobody may.</summary>
    public RatifyLater? Ratify { get; init; }

    /// <summary>What is prepared for when those who decide cannot be reached; null for nothing.</summary>
    public UnreachableQuorum? Unreachable { get; init; }

    /// <summary>What is prepared for after the pause.</summary>
    public IEnumerable<string> AfterPause => new[] { Extend, Reopen }.OfType<string>();
}

public sealed record RequiredRole(string Role, ValueList<string> Substitutes);

public sealed record AdditionalGroup(string Group, int AtLeast);
