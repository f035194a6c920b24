using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Silences;

namespace Tocsin.Delivery;

/// <summary>What somebody asks for over the API.</summary>
/// <param name="Minutes">How long; left out it is an hour.</param>
/// <param name="Severity">Of this severity and what is less bad; left out it is 3.</param>
internal sealed record SubmittedSilence(
    string By, string Reason, int? Minutes, string? Issue, int? Severity, string? Channel);

/// <summary>Where silences are asked for, confirmed and ended.</summary>
internal sealed class SilenceDesk(Logbook logbook)
{
    private const int UsualMinutes = 60;

    // Whatever is longer is refused, and is still an instant.
    private const int MostMinutes = 1_000_000;

    public IReadOnlyList<Silence> List() => logbook.Book.Silences.All;

    /// <summary>What was recorded, or why nothing was.</summary>
    public Ruling Add(SubmittedSilence asked) => Record((book, plan, now) => Silencing.Propose(
        book, plan,
        new SilenceProposed(
            0, asked.Issue, (Severity)(asked.Severity ?? (int)Severity.Elevated), asked.Channel,
            now + TimeSpan.FromMinutes(Math.Clamp(asked.Minutes ?? UsualMinutes, 0, MostMinutes)), asked.By,
            asked.Reason),
        now));

    public Ruling Confirm(int number, string by) =>
        Record((book, plan, now) => Silencing.Confirm(book, plan, number, by, now));

    public Ruling End(int number, string by, string reason) =>
        Record((book, plan, now) => Silencing.End(book, plan, number, by, reason, now));

    private Ruling Record(Func<IncidentBook, Plan, DateTimeOffset, Ruling> rule)
    {
        var ruling = Ruling.Refuse("no plan is in force");
        logbook.Record((book, now) =>
        {
            if (logbook.InForce is { } plan)
                ruling = rule(book, plan, now);
            return ruling.Events;
        });
        return ruling;
    }
}
