using Tocsin.Paging;

namespace Tocsin.Reports;

/// <summary>Who was woken and what they said, as lines that people read.</summary>
internal static class PageTimeline
{
    public static string Line(PageEvent happened) => happened switch
    {
        PageEvent.LevelBegan { Level: 0, Round: 0 } began => $"Called at once: {Names(began.People)}.",
        PageEvent.LevelBegan { Level: 0 } began =>
            $"NOT ANSWERED: called again, round {began.Round + 1}: {Names(began.People)}.",
        PageEvent.LevelBegan began => $"NOT ANSWERED: level {began.Level + 1} is called: {Names(began.People)}.",
        PageEvent.Paged { Purpose: PagePurpose.Approve } paged =>
            $"{paged.Person} is called to approve, by {paged.Channel}.",
        PageEvent.Paged { InPlaceOf: { } other } paged =>
            $"{paged.Person} is called in place of {other}, by {paged.Channel}.",
        PageEvent.Paged paged => $"{paged.Person} is called by {paged.Channel}.",
        PageEvent.Answered answered => $"{answered.Person}: {answered.Answer.InWords()} ({answered.Means}).",
        PageEvent.NobodyAnswered nobody =>
            $"NOBODY ANSWERED: {Names(nobody.People)} {(nobody.People.Count == 1 ? "is" : "are")} called by every way.",
        _ => throw new InvalidOperationException($"no words for {happened.GetType().Name}"),
    };

    /// <summary>An answer in the words that people see.</summary>
    public static string InWords(this PageAnswer answer) => answer switch
    {
        PageAnswer.Informed => "informed, on it",
        PageAnswer.AbleToSign => "able to sign now",
        PageAnswer.Unable => "cannot help now",
        _ => $"answered {(int)answer}",
    };

    private static string Names(ValueList<string> people) =>
        people.Count == 0 ? "nobody, the plan names none" : string.Join(", ", people);
}
