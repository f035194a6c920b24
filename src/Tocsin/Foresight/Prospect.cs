using Tocsin.Chains;
using Tocsin.Evm.Inputs;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Foresight;

/// <summary>
/// One call of an action, with those of it that are still to come on the same chain: what the action leads to can only
/// be seen after all of them.
/// </summary>
/// <param name="Calls">What has the effect, in the order of the plan, the one that is meant among them.</param>
/// <param name="IsWhole">True where these and what is in the chain already make up all that it does there.</param>
internal sealed record Prospect(PlannedAction Action, ValueList<PlannedCall> Calls, int Meant, bool IsWhole)
{
    public PlannedCall Call => Calls[Meant];

    public ChainId Chain => Call.Call.Chain;

    /// <summary>Who makes the calls; null for whoever sends them.</summary>
    public Address? Safe => Action.Safe?.Address;

    public ValueList<PlannedHarm> Harm => Action.Harm.Where(harm => harm.Chain == Chain).ToValueList();

    /// <summary>What must be so afterwards, as far as that can be seen here.</summary>
    public ValueList<PlannedRead> Then =>
        IsWhole ? Action.Then.Where(then => then.Chain == Chain).ToValueList() : [];

    /// <summary>A call of a decision.</summary>
    public static Prospect Of(PlannedAction action, DecisionProgress progress, int index)
    {
        bool IsToCome(int other) => other == index || progress.Calls[other] is { Signed: null, Included: null };
        return Of(
            action, index, IsToCome,
            other => IsToCome(other) || progress.Calls[other].Included is { Succeeded: true });
    }

    /// <param name="isToCome">Of a call of the action, whether it is still to be made.</param>
    /// <param name="isAccountedFor">Whether what it does is seen: it is to come, or in the chain.</param>
    public static Prospect Of(
        PlannedAction action, int index, Func<int, bool> isToCome, Func<int, bool> isAccountedFor)
    {
        var chain = action.Calls[index].Call.Chain;
        var there = Enumerable.Range(0, action.Calls.Count)
            .Where(other => action.Calls[other].Call.Chain == chain)
            .ToList();
        var toCome = there.Where(isToCome).ToList();
        return new Prospect(
            action,
            toCome.Select(other => action.Calls[other].Effective).ToValueList(),
            toCome.IndexOf(index),
            there.All(isAccountedFor));
    }
}

/// <summary>What was seen, or why it was not.</summary>
internal sealed record Look<T>(T? Value, string? Missing)
    where T : class;

/// <summary>The calls of a prospect one after the other on one state, and what views say around them.</summary>
/// <param name="Calls">One for each call.</param>
/// <param name="HarmBefore">One for each harm; null where its view does not answer.</param>
/// <param name="Holds">What proves the pause that is meant; null where it is none, or does not answer.</param>
/// <param name="Until">In Unix seconds.</param>
/// <param name="Then">The answers of the views that must hold afterwards; null where one does not answer.</param>
internal sealed record Rehearsed(
    ValueList<SimulatedOutcome> Calls,
    ValueList<UInt256?> HarmBefore,
    ValueList<UInt256?> HarmAfter,
    UInt256? Holds,
    UInt256? Until,
    ValueList<ValueList<byte>?> Then);

/// <summary>All that nodes said of a prospect.</summary>
/// <param name="Changes">What the meant call by itself changes in the latest state.</param>
/// <param name="PendingChanges">The same on the pending state, which few nodes tell.</param>
internal sealed record Outlook(
    Look<ValueList<StateChange>> Changes,
    Look<ValueList<StateChange>> PendingChanges,
    Look<Rehearsed> Run,
    Look<Rehearsed> PendingRun);

/// <summary>The judgement of an outlook.</summary>
/// <param name="Refusals">Why it must not be signed; empty where nothing speaks against it.</param>
/// <param name="Words">What it would do, for approvers.</param>
internal sealed record Foreseen(ValueList<string> Refusals, ValueList<string> Words)
{
    private const int LengthMax = 1_000;

    public string? Refusal => Refusals.Count == 0 ? null : Cut(string.Join("; ", Refusals), LengthMax);

    public static string Cut(string text, int most) => text.Length <= most ? text : $"{text[..(most - 1)]}…";
}
