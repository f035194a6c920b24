using System.Text.Json;
using Tocsin.Decisions;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Signing;
using Tocsin.Texts;

namespace Tocsin.BreakGlass;

/// <summary>A journal whose chain, plan and signatures were checked.</summary>
/// <param name="Lines">What was recorded at once, with the hash of the line and all before it.</param>
internal sealed record ReadJournal(
    ReadPlan Plan, IReadOnlyList<(string Link, DateTimeOffset At, IReadOnlyList<LogEvent> Events)> Lines)
{
    private const int MaximumBytes = 64 << 20;

    public string Head => Lines[^1].Link;

    /// <exception cref="InputException">It is not what was written, or says what cannot be.</exception>
    public static ReadJournal Open(string path)
    {
        var lines = ChainedLines<JournalLine>.Read(path, JournalLine.What, MaximumBytes);
        try
        {
            return Of([.. lines.Select(line =>
                (line.Link, line.Entry.At, (IReadOnlyList<LogEvent>)[.. line.Entry.Read()]))]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException
            or ArgumentException or IndexOutOfRangeException or NullReferenceException)
        {
            throw new InputException($"{path} is no journal of 'contain': {e.Message}", e);
        }
    }

    /// <exception cref="InvalidOperationException">It says what cannot be.</exception>
    public static ReadJournal Of(
        IReadOnlyList<(string Link, DateTimeOffset At, IReadOnlyList<LogEvent> Events)> lines)
    {
        if (lines.Count == 0 || lines[0].Events is not [PlanAdopted adopted, ..])
            throw new InvalidOperationException("it was not begun");
        var plan = PlanReader.Read(adopted.Files);
        if (plan.HasErrors || plan.Plan.ContentHash != adopted.Plan)
            throw new InvalidOperationException("its plan is not the one that it names");
        // Folded as the log will fold it: what cannot be folded must not get in.
        var book = IncidentBook.Empty;
        foreach (var (_, at, events) in lines)
        {
            foreach (var happened in events)
            {
                Check(happened, book, plan.Plan);
                book = book.Apply(happened, at);
            }
        }
        return new ReadJournal(plan, lines);
    }

    private static void Check(LogEvent happened, IncidentBook book, Plan plan)
    {
        var decision = book[Opening.Id]?.Decision?.Decision;
        switch (happened)
        {
            case PlanAdopted when book.Plan is not null:
                throw new InvalidOperationException("it changes the plan");
            case FindingRecorded { Incident: var incident } when incident != Opening.Id || !book.Incidents.IsEmpty:
            case IncidentEvent { Incident: var of } when of != Opening.Id:
                throw new InvalidOperationException("it is of several incidents");
            case IncidentEvent.DecisionProposed { Decision: var proposed, Rule: var rule }
                when proposed.PlanHash != plan.DecisionsHash || plan.Decision(rule) is null:
                throw new InvalidOperationException("its decision is not one of its plan");
            case IncidentEvent.ApprovalAccepted { Approval: var approval }
                when decision is null || DecisionTypedData.Signer(decision, approval.Signature) != approval.Signer:
                throw new InvalidOperationException($"an approval in it is not by {approval.Signer}");
        }
    }
}
