using Tocsin.Chains;
using Tocsin.Plans;

namespace Tocsin.Incidents;

/// <summary>
/// What follows the pause of an incident, and who decides it: until when each scope is paused, and the calls that lie
/// ready for people to prolong it or to end it early. A pure function of the incident, its plan and what trials gave.
/// </summary>
/// <param name="Owner">Who decides, as people are called.</param>
/// <param name="Extend">Null where the plan prepares nothing, or nothing is paused any more.</param>
/// <param name="Reopen"><inheritdoc cref="Extend"/></param>
public sealed record AfterPause(
    ValueList<PausedScope> Scopes, string Owner, PreparedForPeople? Extend, PreparedForPeople? Reopen)
{
    /// <summary>True while something is paused.</summary>
    public bool IsHeld => Scopes.Any(scope => scope.Until is not null);

    /// <summary>When the first of the scopes opens by itself; null where none is paused.</summary>
    public DateTimeOffset? FirstEnd => Scopes.Min(scope => scope.Until);

    /// <summary>What can be decided, with the actions that lie ready for it.</summary>
    public string Choice => $"extend the pause ({Named(Extend)}) or to reopen ({Named(Reopen)})";

    /// <summary>Null where nothing was ever paused.</summary>
    /// <param name="trials">Whether the calls would succeed; null where nobody tried.</param>
    public static AfterPause? Of(Incident incident, Plan plan, PeopleTrials? trials)
    {
        if (incident.Decision is not { } decision)
            return null;
        var scopes = decision.Calls
            .Where(call => call.IsPause && (call.PausedUntil is not null || call.Ended is not null))
            .Select(call => new PausedScope(call.Scope, call.PausedUntil, call.Ended, call.LiftedBy))
            .ToValueList();
        if (scopes.Count == 0)
            return null;
        var rule = plan.Decision(decision.Rule);
        var isHeld = incident.ResolvedAt is null && scopes.Any(scope => scope.Until is not null);
        PreparedForPeople? Prepared(string? id) =>
            isHeld && id is not null && plan.Action(id) is { By: not null } action
                ? PreparedForPeople.Of(action, plan, trials)
                : null;
        return new AfterPause(scopes, plan.OwnerOf(rule), Prepared(rule?.Extend), Prepared(rule?.Reopen));
    }

    private static string Named(PreparedForPeople? prepared) =>
        prepared is null ? "nothing is prepared" : $"'{prepared.Id}', by {prepared.Senders}";
}

/// <param name="Until">When it ends by itself; null where it is not paused any more.</param>
/// <param name="Ended">Why it is not.</param>
/// <param name="By">Who ended it early, where that is known.</param>
public sealed record PausedScope(string Scope, DateTimeOffset? Until, PauseEnd? Ended, LiftedBy? By);

/// <summary>An action as those read it who send it with their own wallets.</summary>
/// <param name="Senders">The role, and how many of it are needed.</param>
/// <param name="AtLeast">How many of them are needed; null where the plan does not say.</param>
/// <param name="TriedAt">When the calls were last tried; null where they were not.</param>
public sealed record PreparedForPeople(
    string Id,
    string What,
    string Senders,
    int? AtLeast,
    ValueList<CallForPeople> Calls,
    DateTimeOffset? TriedAt)
{
    internal static PreparedForPeople Of(PlannedAction action, Plan plan, PeopleTrials? trials) => new(
        action.Id,
        action.What,
        action.By!.InWords,
        action.By.AtLeast,
        action.Calls.Select((planned, index) => CallForPeople.Of(action, planned, index, plan, trials)).ToValueList(),
        trials?.Of(action.Id).Select(trial => (DateTimeOffset?)trial.At).Min());
}

/// <summary>One call as it goes into a wallet.</summary>
/// <param name="Name">What the plan calls the target; null where it has no name for it.</param>
/// <param name="Data">The calldata as 0x hexadecimal.</param>
public sealed record CallForPeople(
    string InWords,
    ChainId Chain,
    string ChainName,
    Address Target,
    string? Name,
    UInt256 ValueWei,
    string Data,
    ValueList<SenderForPeople> Senders)
{
    internal static CallForPeople Of(
        PlannedAction action, PlannedCall planned, int index, Plan plan, PeopleTrials? trials) => new(
        planned.InWords,
        planned.Call.Chain,
        plan.Protected.NameOf(planned.Call.Chain),
        planned.Call.Target,
        plan.Protected.Controls.FirstOrDefault(control => control.Address == planned.Call.Target)?.Name
            ?? plan.Protected.Contracts.FirstOrDefault(contract => contract.Address == planned.Call.Target)?.Name,
        planned.Call.ValueWei,
        Hex.Format(planned.Call.Data.AsSpan()),
        plan.SendersOf(action).Select(sender => new SenderForPeople(
            sender.Person.Name,
            sender.Wallet,
            trials?.Of(action.Id).FirstOrDefault(trial => trial.Call == index && trial.Wallet == sender.Wallet)))
            .ToValueList());
}

/// <param name="Trial">Null where nobody tried.</param>
public sealed record SenderForPeople(string Person, Address Wallet, PeopleTrial? Trial);

/// <summary>What came of one call from one wallet, tried on the latest state without sending it.</summary>
/// <param name="Call">Which call of the action, from 0.</param>
/// <param name="Succeeds">Null where the node did not say.</param>
/// <param name="Words">Why not; empty where it would succeed.</param>
/// <param name="LacksRole">True where it is refused because of who sends it.</param>
public sealed record PeopleTrial(
    string Action, int Call, Address Wallet, bool? Succeeds, string Words, bool LacksRole, DateTimeOffset At);

/// <summary>The trials of what people could send.</summary>
public sealed record PeopleTrials(ValueList<PeopleTrial> All)
{
    public IEnumerable<PeopleTrial> Of(string action) => All.Where(trial => trial.Action == action);
}
