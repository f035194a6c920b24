using Tocsin.Chains;
using Tocsin.Decisions;

namespace Tocsin.Plans;

/// <summary>By what an action acts.</summary>
public enum ActionKind
{
    /// <summary>Contract calls that the signer signs once the decision is taken.</summary>
    Calls,

    /// <summary>Calls that a Safe makes once enough of its owners have signed.</summary>
    Safe,

    /// <summary>One request over HTTP, for example to a maintenance page.</summary>
    Hook,

    /// <summary>Something that a person does.</summary>
    Manual,
}

/// <summary>
/// A prepared action. Its calldata holds no instant and no incident, so it stays valid until the plan changes.
/// </summary>
/// <param name="Calls">
/// What a decision of it is made of; empty where it acts by other means. Through a Safe, each has the Safe execute one
/// of its calls.
/// </param>
public sealed record PlannedAction(string Id, string What, ValueList<PlannedCall> Calls, SourceLine At)
{
    public PlannedSafe? Safe { get; init; }

    public PlannedHook? Hook { get; init; }

    public ManualStep? Manual { get; init; }

    /// <summary>Who sends it with wallets of their own; null where it is done otherwise. Such an action is prepared
    /// for people: it is never decided, never signed by our signer and never sent by us.</summary>
    public PlannedSenders? By { get; init; }

    /// <summary>What must be so before, or it is of no use.</summary>
    public ValueList<PlannedRead> Needs { get; init; } = [];

    /// <summary>What must be so after, or it had no effect.</summary>
    public ValueList<PlannedRead> Then { get; init; } = [];

    /// <summary>What it may change besides what it calls: storage, balance and code of these.</summary>
    public ValueList<Address> Changes { get; init; } = [];

    /// <summary>How much harm it may do, and how that is read.</summary>
    public ValueList<PlannedHarm> Harm { get; init; } = [];

    /// <summary>True where it is not signed while nobody can say what it would change.</summary>
    public bool MustForesee { get; init; }

    /// <summary>What else it does, for approvers.</summary>
    public ValueList<string> SideEffects { get; init; } = [];

    /// <summary>How people take it back: in words, or another action's id. Nothing takes it back by itself.</summary>
    public string? Reversal { get; init; }

    /// <summary>The action to take where this one cannot be.</summary>
    public string? Alternative { get; init; }

    public ActionKind Kind => this switch
    {
        { Safe: not null } => ActionKind.Safe,
        { Hook: not null } => ActionKind.Hook,
        { Manual: not null } => ActionKind.Manual,
        _ => ActionKind.Calls,
    };

    /// <summary>Every call that has an effect on chain, whoever sends it; through a Safe, what it calls.</summary>
    public IEnumerable<PlannedCall> OnChain => Calls.Select(planned => planned.Effective);

    /// <summary>The chains that it acts on, each once.</summary>
    public ValueList<ChainId> Chains => OnChain.Select(planned => planned.Call.Chain).Distinct().ToValueList();

    /// <summary>What people have to do of it, as a step of the procedure that decides it; null where it is done by
    /// calls.</summary>
    public ProcedureStep? ForPeople => this switch
    {
        { Manual: { } manual } => new ProcedureStep($"action-{Id}", manual.Text, manual.Who, manual.Expected, At)
        { IsTimed = manual.IsTimed },
        { Hook: { } hook } => new ProcedureStep(
            $"action-{Id}", $"{What} ({hook.InWords})", "commander", TimeSpan.FromMinutes(1), At)
        { Hook = Id, IsTimed = false },
        _ => null,
    };
}

/// <summary>People who send an action with their own wallets.</summary>
/// <param name="Role">Whoever holds it in the team.</param>
/// <param name="AtLeast">How many of them it takes, as the plan says; null where one is enough.</param>
public sealed record PlannedSenders(string Role, int? AtLeast, SourceLine At)
{
    public string InWords => AtLeast is { } least ? $"{least} of {Role}" : Role;
}

/// <param name="Scope">What the call pauses, as protected contracts name it; empty where it pauses nothing.</param>
/// <param name="InWords">The decoded call, for approvers.</param>
/// <param name="Holds">Calldata of a view on the same target that must answer true afterwards.</param>
/// <param name="Until">Calldata of a view on the same target that gives the instant of expiry in Unix seconds.</param>
public sealed record PlannedCall(
    string Scope,
    Call Call,
    string InWords,
    ValueList<byte> Holds,
    ValueList<byte> Until,
    SourceLine At)
{
    /// <summary>How long the pause lasts, where an argument says so.</summary>
    public TimeSpan? Lasts { get; init; }

    /// <summary>True where its name and arguments say that it may loosen, move funds or change roles.</summary>
    public bool IsPrivileged { get; init; }

    /// <summary>True where views prove it: it is a pause, and until when it holds can be read.</summary>
    public bool IsPause => Scope.Length > 0;

    /// <summary>What a Safe calls when this call has it execute; null for any other call.</summary>
    public PlannedCall? Inner { get; init; }

    /// <summary>The call that has the effect, whoever makes it.</summary>
    public PlannedCall Effective => Inner ?? this;
}

/// <summary>A Safe through which an action goes, by a CALL for each of its calls and never a DELEGATECALL.</summary>
/// <param name="Name">As the plan's controls call it.</param>
/// <param name="Threshold">How many owners must sign.</param>
/// <param name="Owners">Whom the plan expects to own it.</param>
/// <param name="Nonce">For which signatures were collected beforehand; null where none were.</param>
public sealed record PlannedSafe(
    string Name,
    ChainId Chain,
    Address Address,
    ValueList<PlannedCall> Calls,
    int Threshold,
    ValueList<Address> Owners,
    ulong? Nonce,
    SourceLine At);

/// <summary>One request over HTTP.</summary>
/// <param name="Url">An address, or a reference to one that holds a secret: <c>env:NAME</c>, <c>file:PATH</c>.</param>
/// <param name="Expect">The status of the answer by which it was done.</param>
public sealed record PlannedHook(
    string Method, string Url, ValueList<HookHeader> Headers, string? Body, int Expect, SourceLine At)
{
    /// <summary>True where the server sends it once the decision of its procedure is taken, and asks nobody.</summary>
    public bool AtOnce { get; init; }

    /// <summary>True where an exercise sends it too.</summary>
    public bool InExercises { get; init; }

    /// <summary>Without the values of headers and the body: it is shown to everyone.</summary>
    public string InWords => $"{Method} {Url}";
}

/// <param name="Value">The value itself, or a reference to a secret.</param>
public sealed record HookHeader(string Name, string Value);

/// <summary>Something that a person does.</summary>
/// <param name="Who">A role, or a person's id.</param>
/// <param name="Expected">How long it usually takes.</param>
public sealed record ManualStep(string Text, string Who, TimeSpan Expected, SourceLine At)
{
    /// <summary>What is counted with where the plan does not say how long it takes.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromMinutes(15);

    /// <summary>True where people wrote down how long it takes. It enters no form in which plans are kept.</summary>
    public bool IsTimed => Expected != Usual;
}
