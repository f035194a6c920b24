using Tocsin.Deadlines;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Paging;

/// <summary>How far one escalation of an incident is, and what follows.</summary>
/// <param name="place">Of the escalation in the plan.</param>
/// <param name="now">For whom a schedule names.</param>
internal sealed class EscalationRound(
    Incident incident, Plan plan, int place, Escalation escalation, DateTimeOffset now)
{
    private static readonly TimeSpan ClockMayDiffer = TimeSpan.FromMinutes(1);

    private readonly List<BegunLevel> begun =
        [.. incident.Pages.Levels.Where(level => level.Escalation == place)];

    /// <summary>Every next step, each with the instant from which it is due.</summary>
    public IEnumerable<PageStep> Steps()
    {
        if (begun.Count == 0)
        {
            yield return new PageStep(BeginsAt(), Begin(0, 0, now));
            yield break;
        }
        if (IsAnswered())
            yield break;
        List<PageStep> pages = begun[^1].Level == BegunLevel.Last ? [] : [.. NextWays()];
        foreach (var page in pages)
            yield return page;
        // Whoever is just being called has their time before everybody is called anew.
        if (NextLevel() is { } level && (begun[^1].Level < Levels.Count || pages.All(page => page.Due > level.Due)))
            yield return level;
    }

    // It begins to hold when it opens, or with what people say of it since.
    private DateTimeOffset BeginsAt() => After(
        new[]
        {
            incident.AskedSince, incident.SeveritySince, incident.LastWordAt,
            incident.Contained?.At ?? incident.AskedSince,
        }.Max(),
        TimeSpan.Zero);

    private ValueList<EscalationLevel> Levels => escalation.Then;

    private int Round => begun[^1].Round;

    private IEnumerable<BegunLevel> OfRound => begun.Where(level => level.Round == Round);

    private PageEvent.LevelBegan Begin(int level, int round, DateTimeOffset at) => new(
        incident.Id, place, level, round,
        Called.People(plan, level == 0 ? escalation.Notify : Levels[level - 1].Notify, at)
            .Select(person => person.Name)
            .ToValueList());

    private bool IsAnswered()
    {
        foreach (var level in begun)
        {
            var need = level.Level is 0 or BegunLevel.Last ? escalation.Answer : Levels[level.Level - 1].Answer;
            if (need == AnswersNeeded.One ? HasAnswer()
                : level.People.Count > 0 && level.People.All(HasAnswered))
                return true;
        }
        return false;
    }

    private bool HasAnswer() => incident.Acknowledgements.Skip(begun[0].AnswersBefore).Any(one =>
        incident.Pages.AnswerOf(one.Person) is not { Answer: PageAnswer.Unable });

    // Of several who must each answer, whoever stands in for one answers for them; and whoever stands in for that one.
    private bool HasAnswered(string person)
    {
        var asked = new List<string> { person };
        for (var i = 0; i < asked.Count; i++)
        {
            if (Word(asked[i]) is { } word && word != PageAnswer.Unable)
                return true;
            asked.AddRange(StandIns(asked[i]).Except(asked));
        }
        return false;
    }

    private IEnumerable<string> StandIns(string person) => incident.Pages.Pages
        .Where(page => page.InPlaceOf == person && page.Purpose == PagePurpose.Respond)
        .Select(page => page.Person);

    private PageAnswer? Word(string person) =>
        incident.Pages.AnswerOf(person)?.Answer
        ?? (incident.Answers.Any(one => one.Person == person) ? PageAnswer.Informed : null);

    private IEnumerable<PageStep> NextWays() => Players()
        .Where(person => Word(person.Name) is null or PageAnswer.Unable)
        .SelectMany(NextOf);

    private IEnumerable<Person> Players()
    {
        var names = OfRound.SelectMany(level => level.People).ToHashSet(StringComparer.Ordinal);
        names.UnionWith(PagesOfRound.Where(page => page.InPlaceOf is not null).Select(page => page.Person));
        return plan.People.Where(person => names.Contains(person.Name));
    }

    private IEnumerable<(MadePage Page, int Place)> PlacedOfRound => incident.Pages.Pages
        .Select((page, place) => (page, place))
        .Skip(OfRound.First().PagesBefore)
        .Where(one => one.page.Purpose == PagePurpose.Respond);

    private IEnumerable<MadePage> PagesOfRound => PlacedOfRound.Select(one => one.Page);

    private IEnumerable<PageStep> NextOf(Person person)
    {
        var ways = person.WaysInOrder.ToList();
        var (way, at) = LastOf(person);
        var isUnable = incident.Pages.AnswerOf(person.Name);
        if (isUnable is null && way + 1 < ways.Count)
            return [new PageStep(After(at, ways[way].Wait), ByWay(person, way + 1, null))];
        var spentAt = isUnable?.At ?? (way < ways.Count ? After(at, ways[way].Wait) : at);
        return person.Substitutes
            .Select(plan.Person)
            .OfType<Person>()
            .Where(other => other.Ways.Count > 0 && !OfRound.Any(level => level.People.Contains(other.Name))
                && !PagesOfRound.Any(page => page.Person == other.Name))
            .Select(other => new PageStep(spentAt, ByWay(other, 0, person.Name)));
    }

    // A level calls each of its people by their first way.
    private (int Way, DateTimeOffset At) LastOf(Person person)
    {
        var called = OfRound.LastOrDefault(level => level.People.Contains(person.Name));
        var (paged, place) = PlacedOfRound.LastOrDefault(one => one.Page.Person == person.Name);
        return paged is not null && (called is null || place >= called.PagesBefore)
            ? (paged.Way, paged.At)
            : (0, called!.At);
    }

    // What lies in the future was written by a clock that was wrong: nobody sleeps until it is right again.
    private DateTimeOffset After(DateTimeOffset since, TimeSpan span) =>
        since > now + ClockMayDiffer ? now : since + span;

    private PageEvent.Paged ByWay(Person person, int way, string? inPlaceOf) =>
        new(incident.Id, person.Name, person.Ways[way], way, PagePurpose.Respond, inPlaceOf);

    private PageStep? NextLevel()
    {
        var last = begun[^1];
        if (last.Level == BegunLevel.Last)
            return null;
        if (last.Level < Levels.Count)
        {
            // A level that calls nobody needs no time.
            var due = last.People.Count == 0 ? last.At : Early(After(last.At, Levels[last.Level].After));
            return new PageStep(due, Begin(last.Level + 1, last.Round, now));
        }
        var spent = SpentAt();
        if (last.Round < escalation.Again)
            return new PageStep(spent, Begin(0, last.Round + 1, now));
        return escalation.Nobody.Count == 0
            ? null
            : new PageStep(spent, new PageEvent.NobodyAnswered(
                incident.Id, place,
                Called.People(plan, escalation.Nobody, now).Select(person => person.Name).ToValueList()));
    }

    // Before the promise to answer is broken, not after it.
    private DateTimeOffset Early(DateTimeOffset due)
    {
        var warnAt = IncidentDeadlines.AcknowledgeWarnAt(incident, plan);
        return begun[^1].Level == 0 && Round == 0 && warnAt < due && warnAt > begun[^1].At ? warnAt : due;
    }

    // When the last way of the last person who was called has had its time.
    private DateTimeOffset SpentAt() => Players()
        .Select(person => (Ways: person.WaysInOrder.ToList(), Last: LastOf(person)))
        .Select(one => After(one.Last.At, Left(one.Ways, one.Last.Way)))
        .Append(begun[^1].People.Count == 0 ? begun[^1].At : After(begun[^1].At, Way.DefaultWait))
        .Max();

    private static TimeSpan Left(List<Way> ways, int from) =>
        ways.Skip(from).Aggregate(TimeSpan.Zero, (sum, way) => sum + way.Wait);
}
