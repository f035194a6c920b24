using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Communications;

/// <summary>What a person wants to tell.</summary>
/// <param name="Text">The words; null for the plan's template, filled.</param>
/// <param name="Next">The instant until which the next one is promised; null for the latest that the plan allows.
/// </param>
/// <param name="OnBackup">True where the usual channel is down or in wrong hands.</param>
public sealed record UpdateRequest(string Communication, string? Text, DateTimeOffset? Next, bool OnBackup, string By);

/// <summary>What people may tell, and who must have read it, as pure functions of the state of the moment.</summary>
public static class Updating
{
    public static Ruling Draft(Incident incident, Plan plan, UpdateRequest asked, Uri warRoom, DateTimeOffset now)
    {
        if (plan.Person(asked.By) is not { } by)
            return Ruling.Refuse(Rulings.NoPerson(asked.By));
        if (Find(plan, asked.Communication, out var refusal) is not { } communication)
            return Ruling.Refuse(refusal);
        if (incident.Command.Merged is { } merged)
            return Ruling.Refuse($"{incident.Id} goes on in {merged.Into}");
        var latest = UpdatesDue.LatestNext(communication, now);
        if (asked.Next <= now)
            return Ruling.Refuse("the next update is promised for an instant that has passed");
        if (asked.Next > latest)
            return Ruling.Refuse($"the plan promises the next one by {latest:yyyy-MM-dd HH:mm} UTC at the latest");
        var next = incident.IsOpen ? asked.Next ?? latest : asked.Next;
        if ((asked.Text ?? Drafts.Of(communication, incident, plan, warRoom, next)) is not { } text)
            return Ruling.Refuse($"'{communication.Id}' has no template: write the text");
        if (WhyNotWords(text, incident) is { } unsaid)
            return Ruling.Refuse(unsaid);
        if (asked.OnBackup && communication.Backup is null)
            return Ruling.Refuse($"'{communication.Id}' has no backup channel");
        return new UpdateEvent.Drafted(
            incident.Id, communication.Id!, incident.Updates.NextNumber(communication.Id!), text,
            asked.OnBackup ? communication.Backup! : communication.Channel, communication.IsPublic,
            communication.Approver, next, by.Name);
    }

    /// <summary>By who holds the approver's role, and never by who wrote it.</summary>
    public static Ruling Approve(
        Incident incident, Plan plan, string communication, int number, string by, DateTimeOffset now)
    {
        if (plan.Person(by) is not { } person)
            return Ruling.Refuse(Rulings.NoPerson(by));
        if (Waiting(incident, communication, number, out var refusal) is not { } update)
            return Ruling.Refuse(refusal);
        if (update.By == person.Name)
            return Ruling.Refuse("whoever wrote it does not approve it");
        if (!person.Roles.Contains(update.Approver!) && incident.Command.Holder(update.Approver!) != person.Name)
            return Ruling.Refuse($"{person.Name} does not hold the role '{update.Approver}'");
        if (incident.Command.Merged is { } merged)
            return Ruling.Refuse($"{incident.Id} goes on in {merged.Into}");
        if (plan.Struck.Any(struck => struck.Name == update.By))
            return Ruling.Refuse($"{update.By} is revoked: have somebody else write it");
        if (update.Next <= now)
            return Ruling.Refuse("it promises the next one for an instant that has passed: write it anew");
        // What was true when it was written may not be by now.
        return WhyNotWords(update.Text, incident) is { } unsaid
            ? Ruling.Refuse(unsaid)
            : new UpdateEvent.Approved(incident.Id, communication, number, person.Name);
    }

    public static Ruling Withdraw(
        Incident incident, Plan plan, string communication, int number, string by, string reason)
    {
        if (Rulings.WhyNotWords(plan, by, reason, needsReason: true) is { } refused)
            return Ruling.Refuse(refused);
        if (Waiting(incident, communication, number, out var refusal) is not { } update)
            return Ruling.Refuse(refusal);
        return update.By != plan.Person(by)!.Name && WhyNotTheirs(incident, plan, communication, by) is { } other
            ? Ruling.Refuse(other)
            : new UpdateEvent.Withdrawn(incident.Id, communication, number, plan.Person(by)!.Name, reason);
    }

    /// <summary>This time none is needed: the next is due as if it had been given.</summary>
    public static Ruling Skip(Incident incident, Plan plan, string communication, string by, string reason)
    {
        if (Rulings.WhyNotWords(plan, by, reason, needsReason: true) is { } refused)
            return Ruling.Refuse(refused);
        if (Find(plan, communication, out var refusal) is null)
            return Ruling.Refuse(refusal);
        return WhyNotTheirs(incident, plan, communication, by) is { } other
            ? Ruling.Refuse(other)
            : new UpdateEvent.Skipped(
                incident.Id, communication, incident.Updates.NextNumber(communication), plan.Person(by)!.Name, reason);
    }

    // Whoever writes it, approves it or leads; anybody where the plan names nobody for it.
    private static string? WhyNotTheirs(Incident incident, Plan plan, string communication, string by)
    {
        var (person, one) = (plan.Person(by)!, plan.Communications.FirstOrDefault(some => some.Id == communication));
        if (one is null or { Writer: null, Approver: null })
            return null;
        string?[] roles = [one.Writer, one.Approver, Commanding.Commander];
        return roles.OfType<string>().Any(role => person.Roles.Contains(role)
            || Commanding.Holder(incident, plan, role)?.Name == person.Name)
            ? null
            : $"{person.Name} neither writes nor approves '{communication}', and does not lead";
    }

    private static string? WhyNotWords(string text, Incident incident)
    {
        if (string.IsNullOrWhiteSpace(text))
            return "an update needs a text";
        return text.Length > Rulings.MaximumCharacters
            ? $"the text is longer than {Rulings.MaximumCharacters} characters"
            : Claims.WhyNot(text, incident);
    }

    private static Communication? Find(Plan plan, string id, out string refusal)
    {
        var known = plan.Communications.Select(one => one.Id).OfType<string>().ToList();
        refusal = $"the plan has no communication '{Rulings.Short(id)}'{PlanCheck.Near(id, known)}";
        return plan.Communications.FirstOrDefault(one => one.Id == id);
    }

    private static Update? Waiting(Incident incident, string communication, int number, out string refusal)
    {
        var update = incident.Updates[communication, number];
        refusal = update switch
        {
            null => $"there is no update {number} of '{Rulings.Short(communication)}'",
            { ReleasedAt: not null } => "it went out already",
            { IsWaiting: false } => "it was withdrawn, or never written",
            _ => "",
        };
        return update is { IsWaiting: true } ? update : null;
    }
}
