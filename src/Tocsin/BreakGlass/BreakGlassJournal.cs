using System.Text.Json;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Signing;
using Tocsin.Texts;

namespace Tocsin.BreakGlass;

/// <summary>
/// The log of somebody who acts without the server: one incident, in a file of chained lines, each on the disk before
/// anything follows from it. Who opens it again goes on where it ends. Safe for many threads.
/// </summary>
internal sealed class BreakGlassJournal : IIncidentLog, IDisposable
{
    private readonly Lock gate = new();
    private readonly ChainedLines<JournalLine>? lines;
    private readonly TimeProvider time;
    private readonly Action<LogEvent> tell;
    private volatile IncidentBook book = IncidentBook.Empty;
    private ReadPlan? plan;

    private BreakGlassJournal(ChainedLines<JournalLine>? lines, Action<LogEvent> tell, TimeProvider time) =>
        (this.lines, this.tell, this.time) = (lines, tell, time);

    /// <summary>Null in a journal that was not begun.</summary>
    public Incident? Incident => book.Incidents.Values.FirstOrDefault();

    /// <summary>The plan as it was when the journal was begun.</summary>
    public Plan? Plan => plan?.Plan;

    /// <summary>Opens or creates the file, alone.</summary>
    /// <param name="tell">Hears of each event after it is on the disk.</param>
    /// <exception cref="InputException">The file is in use, unreadable, or not what was written.</exception>
    public static BreakGlassJournal Open(string path, Action<LogEvent> tell, TimeProvider time)
    {
        ChainedLines<JournalLine>? lines = null;
        try
        {
            lines = ChainedLines<JournalLine>.Open(path, JournalLine.What);
            var journal = new BreakGlassJournal(lines, tell, time);
            foreach (var line in lines.Entries)
                journal.Apply([.. line.Read()], line.At);
            return journal;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            lines?.Dispose();
            throw new InputException($"{path} is not a journal that this version can go on with: {e.Message}", e);
        }
    }

    /// <summary>Remembers nothing: for a trial.</summary>
    public static BreakGlassJournal InMemory(Action<LogEvent> tell, TimeProvider time) => new(null, tell, time);

    public Plan PlanOf(Incident incident) => plan!.Plan;

    /// <exception cref="IOException">The disk failed: what the file holds now is unknown.</exception>
    public IReadOnlyList<LogEvent> Record(Func<IncidentBook, DateTimeOffset, IReadOnlyList<LogEvent>> decide)
    {
        IReadOnlyList<LogEvent> events;
        lock (gate)
        {
            var now = time.GetUtcNow();
            events = decide(book, now);
            if (events.Count == 0)
                return events;
            try
            {
                lines?.Append(JournalLine.Of(now, events));
            }
            catch (InvalidOperationException e)
            {
                throw new IOException(e.Message, e);
            }
            Apply(events, now);
        }
        foreach (var happened in events)
            tell(happened);
        return events;
    }

    public void Dispose() => lines?.Dispose();

    private void Apply(IReadOnlyList<LogEvent> events, DateTimeOffset at)
    {
        foreach (var happened in events)
        {
            if (happened is PlanAdopted adopted)
                plan = PlanReader.Read(adopted.Files);
            book = book.Apply(happened, at);
        }
    }
}
