using Tocsin.Communications;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.Plans;
using Tocsin.Tests.Incidents;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Paging;

/// <summary>One incident of which the pager's events are done when they are due.</summary>
internal sealed class PagerNight(Plan plan, Severity severity = Severity.Critical)
{
    private double now = 14;

    public Incident Incident { get; private set; } =
        Story.Fold(Whole.Take(2).Append((14, (LogEvent)Opened(severity))))[First]!;

    /// <summary>What was done to have an answer.</summary>
    public List<string> Lines { get; } = [];

    /// <summary>Who was called to approve.</summary>
    public List<string> Approvals { get; } = [];

    public List<Announcement> Announced { get; } = [];

    /// <summary>Lets time pass, and does what falls due at its instant.</summary>
    public PagerNight Until(double second)
    {
        Do();
        while (Pager.NextDue(Incident, plan, At(now)) is { } next && next <= At(second))
        {
            now = (next - Noon).TotalSeconds;
            Do();
        }
        now = second;
        return this;
    }

    /// <summary>Lets time pass while nobody does anything.</summary>
    public PagerNight Away(double second)
    {
        now = second;
        return this;
    }

    public PagerNight Says(string person, PageAnswer answer = PageAnswer.Informed)
    {
        if (answer != PageAnswer.Unable && Incident.Acknowledgements.All(one => one.Person != person))
            Happens(new IncidentEvent.Acknowledged(First, person, "link"));
        if (answer != PageAnswer.Informed)
            Happens(new PageEvent.Answered(First, person, answer, "link"));
        return this;
    }

    public void Happens(LogEvent happened)
    {
        var before = Incident;
        Incident = Incident.Apply(happened, At(now));
        if (happened is PageEvent)
            Announced.AddRange(Announcements.Of(happened, before, Incident, plan));
    }

    private void Do()
    {
        while (Pager.Owed(Incident, plan, At(now)) is { Count: > 0 } all)
        {
            foreach (var owed in all)
            {
                Happens(owed);
                (owed is PageEvent.Paged { Purpose: PagePurpose.Approve } ? Approvals : Lines)
                    .Add($"{now}: {Words(owed)}");
            }
        }
    }

    private static string Words(PageEvent owed) => owed switch
    {
        PageEvent.LevelBegan { Level: 0, Round: 0 } began => $"called at once {Names(began.People)}",
        PageEvent.LevelBegan { Level: 0 } began => $"round {began.Round} calls {Names(began.People)}",
        PageEvent.LevelBegan began => $"level {began.Level} calls {Names(began.People)}",
        PageEvent.Paged { Purpose: PagePurpose.Approve } paged => $"approve {paged.Person} by {paged.Channel}",
        PageEvent.Paged { InPlaceOf: { } other } paged => $"{paged.Person} by {paged.Channel} in place of {other}",
        PageEvent.Paged paged => $"{paged.Person} by {paged.Channel}",
        PageEvent.NobodyAnswered nobody => $"nobody answered, calls {Names(nobody.People)}",
        _ => owed.ToString(),
    };

    private static string Names(ValueList<string> people) => string.Join(", ", people);
}
