using Tocsin.Autonomy;
using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Decisions;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.Plans;
using Tocsin.Reports;

namespace Tocsin.People;

/// <summary>Something that a person did here, to be looked at again.</summary>
/// <param name="What">In words.</param>
/// <param name="Decision">Of an approval: the decision's identifier.</param>
/// <param name="Calls">Of an approval: what it permits, in words.</param>
/// <param name="Transactions">Of an approval: what was signed because of it, and where it is.</param>
public sealed record Deed(
    string? Incident,
    DateTimeOffset At,
    string What,
    Hash32? Decision,
    ValueList<string> Calls,
    ValueList<string> Transactions);

/// <summary>All of one incident that a review needs.</summary>
/// <param name="Plan">As it is written, without regard to revocations.</param>
public sealed record IncidentStory(Incident Incident, Plan Plan, IReadOnlyList<Happened> Events);

/// <summary>What a person approved, acknowledged and did, in all incidents, in the order of the log.</summary>
public static class PersonReview
{
    /// <param name="revocations">Who was revoked, by whom.</param>
    /// <param name="ahead">What anybody ever approved ahead of any incident.</param>
    public static ValueList<Deed> Of(
        string person,
        IReadOnlyCollection<IncidentStory> stories,
        Revocations revocations,
        IReadOnlyCollection<ActionAuthorised>? ahead = null)
    {
        var deeds = new List<Deed>();
        var names = new HashSet<string>(StringComparer.Ordinal) { person };
        var wallets = (revocations.ByPerson.GetValueOrDefault(person)?.Wallets ?? []).ToHashSet();
        foreach (var story in stories)
        {
            if (story.Plan.Person(person) is { } known)
            {
                names.Add(known.Name);
                if (known.Wallet is { } wallet)
                    wallets.Add(wallet);
            }
            deeds.AddRange(story.Events.Where(happened => IsBy(happened.Event, names, wallets))
                .Select(happened => Describe(happened, story)));
        }
        deeds.AddRange(revocations.ByPerson.Values.Where(revocation => names.Contains(revocation.By))
            .Select(revocation => new Deed(
                null, revocation.RevokedAt, $"Revoked {revocation.Name}: {revocation.Reason}", null, [], [])));
        deeds.AddRange((ahead ?? [])
            .Where(given => wallets.Contains(given.Approval.Signer) || names.Contains(given.Person))
            .Select(given => new Deed(
                null, given.Approval.ReceivedAt, Timeline.Line(given), given.Decision.Id,
                given.Decision.Calls.Select(call => InWords(call, stories)).ToValueList(), [])));
        return deeds.OrderBy(deed => deed.At).ToValueList();
    }

    private static bool IsBy(LogEvent happened, HashSet<string> names, HashSet<Address> wallets) => happened switch
    {
        IncidentEvent.ApprovalAccepted accepted => wallets.Contains(accepted.Approval.Signer),
        IncidentEvent.ApprovalRefused { Signer: { } signer } => wallets.Contains(signer),
        IncidentEvent.Acknowledged ack => names.Contains(ack.Person),
        CommandEvent command => names.Contains(command.By),
        UpdateEvent update => names.Contains(update.By),
        RecordEvent record => names.Contains(record.By),
        LedgerEvent.OfPerson said => names.Contains(said.By),
        LedgerEvent.DecisionOpened { By: { } by } => names.Contains(by),
        PageEvent.Answered answered => names.Contains(answered.Person),
        IncidentEvent.DecisionRequested requested => names.Contains(requested.Person),
        IncidentEvent.StepDone done => names.Contains(done.Person),
        IncidentEvent.HookAsked { Person: { } person } => names.Contains(person),
        IncidentEvent.NoteAdded note => names.Contains(note.Person),
        IncidentEvent.Resolved resolved => names.Contains(resolved.Person),
        _ => false,
    };

    private static Deed Describe(Happened happened, IncidentStory story)
    {
        var what = Timeline.Line(happened.Event);
        var incident = story.Incident.Id.ToString();
        if (happened.Event is not IncidentEvent.ApprovalAccepted { Approval: var approval })
            return new Deed(incident, happened.At, what, null, [], []);
        var proposed = story.Events.Select(other => other.Event).OfType<IncidentEvent.DecisionProposed>()
            .LastOrDefault(other => other.Decision.Id == approval.Decision);
        var isTaken = story.Events.Any(other =>
            other.Event is IncidentEvent.DecisionTaken taken && taken.Decision == approval.Decision);
        return new Deed(
            incident,
            happened.At,
            $"{what} Decision '{proposed?.Rule}', {(isTaken ? "which was taken" : "which was not taken")}.",
            approval.Decision,
            proposed?.Decision.Calls.Select(call => InWords(call, story.Plan)).ToValueList() ?? [],
            Transactions(approval.Decision, story.Events));
    }

    private static string InWords(Call call, IReadOnlyCollection<IncidentStory> stories) =>
        stories.FirstOrDefault() is { Plan: var plan }
            ? InWords(call, plan)
            : $"{Selector.Of(call.Data.AsSpan())?.ToString() ?? "no function"} on {call.Target}, chain {call.Chain}";

    private static string InWords(Call call, Plan plan)
    {
        var planned = plan.Actions.SelectMany(action => action.Calls).FirstOrDefault(known => known.Call == call);
        var function = planned?.InWords ?? $"{Selector.Of(call.Data.AsSpan())?.ToString() ?? "no function"}";
        return $"{function} on {call.Target}, {plan.Protected.NameOf(call.Chain)}";
    }

    private static ValueList<string> Transactions(Hash32 decision, IReadOnlyList<Happened> events)
    {
        var fates = new Dictionary<Hash32, string>();
        foreach (var happened in events.Select(happened => happened.Event))
        {
            if (happened is IncidentEvent.CallSigned signed && signed.Decision == decision)
                fates[signed.Transaction] = $"signed with nonce {signed.Nonce}, not seen on the chain";
            if (happened is IncidentEvent.CallIncluded included && included.Decision == decision)
                fates[included.Transaction] =
                    $"in block {included.Block.Number}{(included.Succeeded ? "" : ", reverted")}";
        }
        return fates.Select(fate => $"{fate.Key}: {fate.Value}").ToValueList();
    }
}
