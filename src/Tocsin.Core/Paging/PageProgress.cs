namespace Tocsin.Paging;

/// <summary>Who was woken by what in an incident, and what they said: the memory of its pages.</summary>
/// <param name="InVain">Escalations whose every level was gone through.</param>
public sealed record PageProgress(
    ValueList<BegunLevel> Levels, ValueList<MadePage> Pages, ValueList<GivenAnswer> Answers, ValueList<int> InVain)
{
    public static PageProgress None { get; } = new([], [], [], []);

    /// <param name="answers">How many have acknowledged so far.</param>
    /// <param name="former">How many of them had before it was opened the last time.</param>
    /// <exception cref="InvalidOperationException">The event is of a kind that this version does not know.</exception>
    public PageProgress Apply(PageEvent happened, DateTimeOffset at, int answers, int former) => happened switch
    {
        PageEvent.LevelBegan began => this with
        {
            Levels = Levels.Add(new(began.Escalation, began.Level, began.Round, began.People, at)
            {
                PagesBefore = Pages.Count,
                // An escalation that begins later asks for an answer of its own.
                AnswersBefore = Levels.Count > 0 && Levels[0].At != at ? answers : former,
            }),
        },
        PageEvent.Paged paged => this with
        {
            Pages = Pages.Add(new(paged.Person, paged.Way, paged.Purpose, paged.InPlaceOf, at)),
        },
        PageEvent.Answered answered => this with
        {
            Answers = Answers.Add(new(answered.Person, answered.Answer, answered.Means, at)),
        },
        PageEvent.NobodyAnswered nobody => this with
        {
            InVain = InVain.Add(nobody.Escalation),
            Levels = Levels.Add(new(nobody.Escalation, BegunLevel.Last, 0, nobody.People, at)
            {
                PagesBefore = Pages.Count,
                AnswersBefore = answers,
            }),
        },
        _ => throw new InvalidOperationException($"no page can take {happened.GetType().Name}"),
    };

    /// <summary>What a person said last; null where they said nothing but that they know, or nothing at all.</summary>
    public GivenAnswer? AnswerOf(string person) => Answers.LastOrDefault(answer => answer.Person == person);

    /// <summary>Everybody who was called by an escalation.</summary>
    public IEnumerable<string> Called => Levels.SelectMany(level => level.People)
        .Concat(Pages.Select(page => page.Person))
        .Distinct();
}

/// <summary>A level of an escalation that began.</summary>
public sealed record BegunLevel(int Escalation, int Level, int Round, ValueList<string> People, DateTimeOffset At)
{
    /// <summary>The level of those who are woken where nobody of all others answered.</summary>
    public const int Last = int.MaxValue;

    /// <summary>How many pages had been made when it began: the order of a log is surer than its instants.</summary>
    public int PagesBefore { get; init; }

    /// <summary>How many acknowledgements do not answer it, since they were given before.</summary>
    public int AnswersBefore { get; init; }
}

public sealed record MadePage(string Person, int Way, PagePurpose Purpose, string? InPlaceOf, DateTimeOffset At);

public sealed record GivenAnswer(string Person, PageAnswer Answer, string Means, DateTimeOffset At);
