using Tocsin.Findings;
using Tocsin.Incidents;

namespace Tocsin.Plans;

/// <summary>Who may announce an operation, and which, as functions of the state of the moment.</summary>
public static class Announcing
{
    /// <summary>So many may be announced at a time.</summary>
    public const int MaximumLive = 50;

    /// <summary>The most that one operation may be.</summary>
    public const int MaximumCalls = 20;

    /// <summary>No operation is announced for longer: whoever can announce must not mute for good.</summary>
    public static readonly TimeSpan LongestWindow = TimeSpan.FromDays(14);

    /// <summary>No operation is announced further ahead.</summary>
    public static readonly TimeSpan FurthestAhead = TimeSpan.FromDays(90);

    private const int MaximumNameCharacters = 64;

    public static Ruling Announce(IncidentBook book, Plan plan, OperationAnnounced asked, DateTimeOffset now)
    {
        var known = book.Operations;
        if (Rulings.WhyNotWords(plan, asked.By, asked.Reason, needsReason: true) is { } refusal)
            return Ruling.Refuse(refusal);
        if (book.Open.FirstOrDefault(GoesOn) is { } attack)
            return Ruling.Refuse(
                $"{attack.Id} goes on: nothing is announced until it is contained, or people say that it is "
                + "eradicated");
        if (!IsName(asked.Name))
            return Ruling.Refuse($"a name has 1 to {MaximumNameCharacters} letters, digits, '-' and '_'");
        if (known.Live(now).Any(one => one.Operation.Name == asked.Name))
            return Ruling.Refuse($"'{asked.Name}' is announced already: withdraw it first, or give another name");
        if (known.Live(now).Count() >= MaximumLive)
            return Ruling.Refuse($"{MaximumLive} operations are announced already");
        if (asked.Account == default || asked.Target == default)
            return Ruling.Refuse("the account that sends it and the contract that it calls must be named");
        if (asked.Calldata.Count is 0 or > MaximumCalls || asked.Calldata.Distinct().Count() != asked.Calldata.Count)
            return Ruling.Refuse($"give the Keccak-256 of its data, of 1 to {MaximumCalls} calls, each once");
        return WhyNotThen(asked, now) is { } when ? Ruling.Refuse(when) : asked;
    }

    public static Ruling Withdraw(
        AnnouncedOperations known, Plan plan, string name, string by, string reason, DateTimeOffset now)
    {
        if (Rulings.WhyNotWords(plan, by, reason, needsReason: true) is { } refusal)
            return Ruling.Refuse(refusal);
        return known.Live(now).Any(one => one.Operation.Name == name)
            ? new OperationWithdrawn(name, by, reason)
            : Ruling.Refuse($"no operation '{Rulings.Short(name)}' is announced");
    }

    // While people fight an attack, whoever has one of their tokens must not have its next step told as routine.
    private static bool GoesOn(Incident incident) => !incident.Exercise
        && incident is { Contained: null, Command.Reached.Count: 0 }
        && incident.Findings.Any(finding => finding.Threat.IsAttack()
            && finding.Status is FindingStatus.Seen or FindingStatus.Confirmed
            && finding.Severity.IsAtLeast(Severity.High));

    // What lies far outside has no room to be reckoned with.
    private static string? WhyNotThen(OperationAnnounced asked, DateTimeOffset now)
    {
        if (asked.To <= now || asked.From >= asked.To)
            return "its window ends after it begins, and is not over yet";
        if (asked.From - now > FurthestAhead)
            return $"its window begins within {FurthestAhead.Days} days";
        return asked.To - asked.From > LongestWindow ? $"its window is at most {LongestWindow.Days} days long" : null;
    }

    private static bool IsName(string name) => name.Length is > 0 and <= MaximumNameCharacters
        && name.All(one => char.IsAsciiLetterOrDigit(one) || one is '-' or '_');
}
