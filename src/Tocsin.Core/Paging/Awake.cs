using Tocsin.Decisions;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Schedules;

namespace Tocsin.Paging;

/// <summary>One of the team at an instant.</summary>
/// <param name="LocalTime">What their clock shows; null where the plan does not say where they live.</param>
/// <param name="IsAwake">Whether they usually are at that hour; null where the plan does not say.</param>
/// <param name="OnCall">The schedules in which they are on call, by id.</param>
/// <param name="WasCalled">True where the incident called them since it was opened the last time.</param>
/// <param name="Answer">What they said since then; null for nothing.</param>
/// <param name="HasApproved">True where their approval stands.</param>
/// <param name="CanFill">The role of an empty place of approval that they can fill; null for none.</param>
public sealed record AwakePerson(
    string Id,
    string Name,
    ValueList<string> Roles,
    TimeOnly? LocalTime,
    bool? IsAwake,
    ValueList<string> OnCall,
    bool WasCalled,
    PageAnswer? Answer,
    bool HasApproved,
    string? CanFill)
{
    /// <summary>All of it in a line.</summary>
    public string InWords => string.Join("; ", Parts().OfType<string>());

    private IEnumerable<string?> Parts()
    {
        yield return Answer switch
        {
            PageAnswer.Informed => "has answered",
            PageAnswer.AbleToSign => "is able to sign",
            PageAnswer.Unable => "cannot help now",
            _ => WasCalled ? "was called, has not answered" : "was not called",
        };
        yield return OnCall.Count > 0 ? $"on call ({string.Join(", ", OnCall)})" : null;
        yield return (LocalTime, IsAwake) switch
        {
            ({ } time, true) => $"{time:HH:mm} there, usually awake",
            ({ } time, false) => $"{time:HH:mm} there, usually asleep",
            ({ } time, null) => $"{time:HH:mm} there, awake or not is unknown",
            _ => "awake or not is unknown",
        };
        yield return HasApproved ? "has approved" : CanFill is { } role ? $"can approve as {role}" : null;
    }
}

/// <summary>Whom one can count on at an instant: a function of incident, plan and instant.</summary>
public static class Awake
{
    /// <summary>
    /// The team: those who answered first, then who is on call, then who is awake, then those of whom that is not
    /// known; in the order of the plan among themselves. Whoever cannot help comes last.
    /// </summary>
    public static ValueList<AwakePerson> Of(Incident incident, Plan plan, DateTimeOffset now)
    {
        var empty = Signers.EmptyPlaces(incident, plan);
        var onCall = plan.Schedules
            .SelectMany(schedule => OnCall.At(schedule, now).Select(person => (person, schedule.Id)))
            .ToLookup(one => one.person, one => one.Id);
        return plan.People
            .Select(person => Of(person, incident, now, onCall[person.Id].ToValueList(), empty))
            .OrderBy(Rank)
            .ToValueList();
    }

    private static AwakePerson Of(
        Person person,
        Incident incident,
        DateTimeOffset now,
        ValueList<string> onCall,
        IReadOnlyList<ApproverPlace> empty)
    {
        var local = person.Zone is { } zone ? TimeOnly.FromDateTime(zone.LocalAt(now)) : (TimeOnly?)null;
        var hasApproved = person.Wallet is { } own && incident.Decision?.Approvers.Contains(own) == true;
        return new AwakePerson(
            person.Id,
            person.Name,
            person.Roles,
            local,
            local is { } time && person.Awake is { } hours ? hours.Contains(time) : null,
            onCall,
            incident.Pages.Called.Contains(person.Name),
            incident.Pages.AnswerOf(person.Name)?.Answer
                ?? (incident.Answers.Any(answer => answer.Person == person.Name) ? PageAnswer.Informed : null),
            hasApproved,
            person.Wallet is { } wallet && !hasApproved
                ? empty.FirstOrDefault(place => place.Wallets.Contains(wallet))?.Role
                : null);
    }

    private static int Rank(AwakePerson person) => person switch
    {
        { Answer: PageAnswer.Unable } => 6,
        { Answer: PageAnswer.AbleToSign } => 0,
        { Answer: not null } => 1,
        { OnCall.Count: > 0 } => 2,
        { IsAwake: true } => 3,
        { IsAwake: null } => 4,
        _ => 5,
    };
}
