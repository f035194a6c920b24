using System.Globalization;
using Tocsin.Chains;
using Tocsin.Evm.Inputs;
using Tocsin.Plans;

namespace Tocsin.Foresight;

/// <summary>What a call reaches, in words for those who approve it.</summary>
internal static class BlastRadius
{
    private const int SlotsTold = 3;

    /// <summary>What the plan lets the call change.</summary>
    public static Expectation Expected(Prospect prospect, KnownNames names) => new(
        names.Sender, prospect.Call.Call.Target, prospect.Call.Call.ValueWei, prospect.Action.Changes,
        PaysFee: prospect.Safe is null);

    /// <summary>What it stops and until when, and what stays open.</summary>
    public static IEnumerable<string> Reach(Prospect prospect, Outlook outlook, KnownNames names)
    {
        if (prospect.Calls.Count > 1)
            yield return $"simulated after one another with the {prospect.Calls.Count} calls to come on this chain; "
                + "what it changes, by itself";
        if (!prospect.Call.IsPause)
            yield break;
        var scope = prospect.Call.Scope;
        var until = outlook.Run.Value?.Until is { } seconds ? $" until about {Instant(seconds)}" : "";
        if (prospect.Chain != names.Things.Chain)
        {
            yield return $"pauses {scope}{until}";
            yield break;
        }
        var stopped = names.Things.Contracts.Where(contract => contract.Scope == scope).ToList();
        yield return stopped.Count == 0
            ? $"pauses {scope}{until}"
            : $"pauses {scope} ({string.Join(", ", stopped.Select(contract => contract.Name))}){until}";
        var exits = stopped.Where(contract => contract.Exits.Count > 0).ToList();
        if (exits.Count > 0)
            yield return "stays open: " + string.Join(", ", exits.Select(
                contract => $"{contract.Name} by {string.Join(" and ", contract.Exits)}"));
        var scopes = prospect.Action.Calls.Select(call => call.Scope).ToHashSet();
        var others = names.Things.Contracts
            .Where(contract => contract.Scope is null || !scopes.Contains(contract.Scope))
            .Select(contract => contract.Name)
            .ToList();
        if (others.Count > 0)
            yield return $"is not paused: {string.Join(", ", others)}";
    }

    /// <summary>What it changes in the latest state, and whether that is all.</summary>
    public static IEnumerable<string> Changes(Prospect prospect, Outlook outlook, KnownNames names)
    {
        if (outlook.Changes.Value is not { } changes)
        {
            yield return $"what it changes in the state is NOT known: {outlook.Changes.Missing}";
            yield break;
        }
        var expected = Expected(prospect, names);
        var known = changes
            .Where(change => change.Account == expected.Target || expected.Listed.Contains(change.Account))
            .Where(change => !Surprises.IsOfSending(change, expected))
            .ToList();
        foreach (var change in known)
            yield return $"changes {names.Of(change.Account)}: {InWords(change)}";
        if (!Surprises.Of(changes, expected, names).Any())
            yield return known.Count == 0 ? "changes nothing" : "nothing else changes";
    }

    /// <summary>What the pending state says otherwise.</summary>
    public static IEnumerable<string> Pending(Prospect prospect, Outlook outlook, KnownNames names)
    {
        if (outlook.PendingRun.Value is not { } pending)
        {
            if (outlook.PendingChanges.Missing is not null)
                yield return $"what it does on the pending state is not known: {outlook.PendingRun.Missing}";
            yield break;
        }
        var now = outlook.Run.Value;
        if (pending.Calls[prospect.Meant].Error is { } error && now?.Calls[prospect.Meant].Error is null)
            yield return $"on the PENDING state it would fail: {error}";
        else if (now is not null && now.Holds != pending.Holds)
            yield return "on the PENDING state the pause would not hold as on the latest";
        else if (now is not null && Enumerable.Range(0, prospect.Harm.Count).Any(i => More(now, i) != More(pending, i)))
            yield return "on the PENDING state the harm is another: "
                + string.Join(", ", prospect.Harm.Select((harm, i) =>
                    $"{harm.InWords} {Number(harm, pending.HarmBefore[i])} before, "
                        + $"{Number(harm, pending.HarmAfter[i])} after"));

        string Number(PlannedHarm harm, UInt256? number) =>
            number is { } known ? names.Amount(harm, known) : "unknown";
    }

    // What others did meanwhile moves both numbers, and is no harm of this call.
    private static UInt256? More(Rehearsed run, int harm) =>
        run.HarmBefore[harm] is { } before && run.HarmAfter[harm] is { } after
            ? after > before ? after - before : UInt256.Zero
            : null;

    private static string InWords(StateChange change)
    {
        var parts = change.Slots.Take(SlotsTold)
            .Select(slot => $"slot {Short(slot.Place)} from {Short(slot.Before)} to {Short(slot.After)}")
            .ToList();
        if (change.Slots.Count > SlotsTold)
            parts.Add($"{change.Slots.Count - SlotsTold} more slots");
        if (change.BalanceWei is not null)
            parts.Add("its balance");
        if (change.Code is not null)
            parts.Add("its code");
        return parts.Count == 0 ? "its nonce" : string.Join(", ", parts);
    }

    private static string Short(Hash32 word)
    {
        var digits = new UInt256(word.ToArray()).ToQuantity();
        return digits.Length <= 20 ? digits : $"{digits[..10]}…{digits[^8..]}";
    }

    private static string Instant(UInt256 seconds)
    {
        UInt256 latest = (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        return seconds >= latest
            ? "further notice"
            : DateTimeOffset.FromUnixTimeSeconds((long)seconds.ToUInt64()).UtcDateTime
                .ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
    }
}
