using Tocsin.Chains;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>What somebody asks for over the API.</summary>
/// <param name="Base">The plan that they changed, by its hash.</param>
/// <param name="Files">Those that are to be written; the others stay as they are.</param>
internal sealed record SubmittedProposal(string By, string Reason, Hash32 Base, ValueList<PlanFile> Files);

/// <summary>The plan's folder as it is now.</summary>
/// <param name="Fault">Why it cannot be read; null where it can.</param>
internal sealed record PlanInFolder(Hash32? InForce, Hash32? Hash, ValueList<PlanFile> Files, string? Fault);

/// <summary>A proposal among others.</summary>
internal sealed record ProposalRow(
    int Number,
    string By,
    DateTimeOffset At,
    string Reason,
    Hash32 Base,
    ValueList<string> Files,
    PlanSettlement? Settlement);

/// <param name="Difference">In the unified form.</param>
internal sealed record FileDifference(string Name, string Difference);

/// <summary>A proposal for whoever settles it.</summary>
/// <param name="Hindrance">Why it cannot be accepted as things are; null where it can, and for a settled one.</param>
/// <param name="NeedsRestart">True where what is watched, or done by itself, changes: it comes into force with the next
/// start. Null where the changed plan cannot be read.</param>
/// <param name="Errors">What is wrong with the changed plan.</param>
/// <param name="Warnings">Those that the plan does not give as it is.</param>
/// <param name="Mended">What is wrong with the plan as it is, and would not be any more.</param>
internal sealed record ProposalReading(
    ProposalRow Proposal,
    string? Hindrance,
    bool? NeedsRestart,
    ValueList<FileDifference> Files,
    ValueList<string> Errors,
    ValueList<string> Warnings,
    ValueList<string> Mended);

/// <param name="Error">Null where it was done.</param>
internal sealed record PlanOutcome(string? Error, string Message = "", int? Proposal = null);

/// <summary>
/// Where people who do not use git ask for a change of the plan, and another person has it written. Who is in force
/// then is decided as for any change of the folder (<see cref="PlanWatch"/>).
/// </summary>
/// <param name="started">The plan of the start: what is watched, and what is done by itself, stays as it says.</param>
/// <param name="check">Reads the files and refuses errors, each in a line of its own.</param>
/// <param name="lint">What is wrong with the files, as of an instant.</param>
/// <param name="writes">False in a rehearsal: its log is not that by which the folder changes.</param>
internal sealed class PlanDesk(
    Plan started,
    string folder,
    Func<ValueList<PlanFile>, ReadPlan> check,
    Func<ValueList<PlanFile>, DateTimeOffset, IReadOnlyList<Complaint>> lint,
    bool writes,
    Logbook logbook,
    TimeProvider time,
    ILogger<PlanDesk> logger)
{
    // Only one change is on its way into the folder.
    private readonly Lock gate = new();
    private string? toldHindrance;

    public PlanInFolder Present()
    {
        try
        {
            var files = PlanReader.Load(folder);
            return new PlanInFolder(logbook.Book.Plan, PlanReader.ContentHash(files), files, null);
        }
        catch (InputException e)
        {
            return new PlanInFolder(logbook.Book.Plan, null, [], e.Message);
        }
    }

    public IReadOnlyList<ProposalRow> List() => [.. logbook.Book.Proposals.All.Select(Row)];

    /// <summary>False where there is no such proposal, or where it was settled long ago.</summary>
    public bool Knows(int number) => logbook.Book.Proposals[number] is not null;

    public PlanOutcome Propose(SubmittedProposal asked)
    {
        var present = Present();
        if (present.Hash is not { } hash)
            return new PlanOutcome(present.Fault);
        var ruling = Ruling.Refuse("no plan is in force");
        logbook.Record((book, _) =>
        {
            if (logbook.InForce is { } plan)
                ruling = Proposing.Propose(
                    book.Proposals, plan, present.Files, hash, asked.Base, asked.Files, asked.By, asked.Reason);
            return ruling.Events;
        });
        return ruling.Refusal is { } refusal
            ? new PlanOutcome(refusal)
            : new PlanOutcome(null, "it waits to be settled by somebody else",
                ruling.Events.OfType<PlanProposed>().Single().Number);
    }

    /// <summary>Null where there is no such proposal, or where it was settled long ago.</summary>
    public ProposalReading? Read(int number)
    {
        if (logbook.Book.Proposals[number] is not { } proposal)
            return null;
        var differences = PlanDifference.Of(proposal.Changes)
            .Select(file => new FileDifference(file.Name, file.Text)).ToValueList();
        var present = Present();
        var stale = proposal.IsOpen ? WhyNotOn(present, proposal) : null;
        if (!proposal.IsOpen || stale is not null)
            return new ProposalReading(Row(proposal), stale, null, differences, [], [], []);
        var now = time.GetUtcNow();
        var files = Proposing.With(present.Files, proposal.Changes);
        var (before, after) = (lint(present.Files, now), lint(files, now));
        return new ProposalReading(
            Row(proposal), WhyNotGood(files, out var read),
            read is null ? null : !PlanWatch.WatchesTheSame(read.Plan, started), differences,
            Told(after, ComplaintLevel.Error), New(after, before, ComplaintLevel.Warning),
            [.. New(before, after, ComplaintLevel.Error), .. New(before, after, ComplaintLevel.Warning)]);
    }

    /// <summary>Accepted, its files are written; nothing of them is if it cannot be.</summary>
    public PlanOutcome Settle(int number, bool accept, string by, string reason)
    {
        lock (gate)
        {
            if (Rule(logbook.Book, number, accept, by, reason) is { Refusal: { } early })
                return new PlanOutcome(early);
            if (!accept)
                return Record(number, false, by, reason) is { } why
                    ? new PlanOutcome(why)
                    : new PlanOutcome(null, "rejected: the plan stays as it is", number);
            if (!writes)
                return new PlanOutcome("a rehearsal leaves the plan's folder as it is");
            var proposal = logbook.Book.Proposals[number]!;
            var present = Present();
            if ((WhyNotOn(present, proposal)
                ?? WhyNotGood(Proposing.With(present.Files, proposal.Changes), out _)) is { } hindrance)
                return new PlanOutcome(hindrance);
            return Write(proposal, by, reason);
        }
    }

    /// <summary>Finishes, or takes back, what the end of a server or a fault of the disk left half done.</summary>
    public void Mend()
    {
        if (!writes)
            return;
        lock (gate)
        {
            try
            {
                foreach (var number in StagedChange.Numbers(folder))
                    Mend(number);
                toldHindrance = null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InputException)
            {
                if (toldHindrance != e.Message)
                    logger.LogError("A change of the plan cannot be finished yet: {Reason}", e.Message);
                toldHindrance = e.Message;
            }
        }
    }

    private PlanOutcome Write(PlanProposal proposal, string by, string reason)
    {
        try
        {
            StagedChange.Stage(folder, proposal);
        }
        catch (InputException e)
        {
            StagedChange.Discard(folder, proposal.Number);
            return new PlanOutcome(e.Message);
        }
        // What lies there when this throws is finished or taken back by what the log then says.
        if (Record(proposal.Number, true, by, reason) is { } refusal)
        {
            StagedChange.Discard(folder, proposal.Number);
            return new PlanOutcome(refusal);
        }
        try
        {
            Finish(proposal);
            return new PlanOutcome(
                null, "written; it comes into force as every change of the folder does", proposal.Number);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new PlanOutcome(
                null, $"accepted, but not all of it could be written yet ({e.Message}): that is tried again, and the "
                    + "plan in force stays until then", proposal.Number);
        }
    }

    private void Mend(int number)
    {
        switch (logbook.Book.Proposals[number])
        {
            case { Settlement.Accepted: true } accepted:
                Finish(accepted);
                logger.LogWarning(
                    "The change of the plan by proposal {Number} was half written; now it is whole", number);
                break;
            case { }:
                StagedChange.Discard(folder, number);
                logger.LogWarning(
                    "The change of the plan by proposal {Number} was begun and never accepted: the plan is as it was",
                    number);
                break;
            default:
                throw new InputException(
                    $"{folder} holds files of proposal {number}, of which the log does not know: remove them");
        }
    }

    private void Finish(PlanProposal proposal)
    {
        foreach (var name in StagedChange.Finish(folder, proposal))
            logger.LogError(
                "'{Name}' was changed by somebody else while proposal {Number} was written: it stays as they left it",
                name, proposal.Number);
    }

    private string? Record(int number, bool accept, string by, string reason)
    {
        var ruling = Ruling.Nothing;
        logbook.Record((book, _) => (ruling = Rule(book, number, accept, by, reason)).Events);
        return ruling.Refusal;
    }

    private Ruling Rule(IncidentBook book, int number, bool accept, string by, string reason) =>
        logbook.InForce is { } plan
            ? Proposing.Settle(book.Proposals, plan, number, accept, by, reason)
            : Ruling.Refuse("no plan is in force");

    private static string? WhyNotOn(PlanInFolder present, PlanProposal proposal)
    {
        if (present.Hash is not { } hash)
            return present.Fault;
        return hash == proposal.Base
            ? null
            : $"proposal {proposal.Number} changes plan {proposal.Base.ToShortString()}, and the one in the folder is "
                + $"{hash.ToShortString()} by now: propose it anew, from that one";
    }

    private string? WhyNotGood(ValueList<PlanFile> files, out ReadPlan? read)
    {
        try
        {
            read = check(files);
            return null;
        }
        catch (InputException e)
        {
            read = null;
            return $"the changed plan could not be used: {e.Message}";
        }
    }

    private static ProposalRow Row(PlanProposal proposal) => new(
        proposal.Number, proposal.By, proposal.At, proposal.Reason, proposal.Base,
        proposal.Changes.Select(change => change.Name).ToValueList(), proposal.Settlement);

    private static ValueList<string> Told(IEnumerable<Complaint> complaints, ComplaintLevel level) =>
        complaints.Where(complaint => complaint.Level == level).Select(complaint => complaint.ToString()).ToValueList();

    // A line above moves all those below it, so lines do not count.
    private static ValueList<string> New(
        IEnumerable<Complaint> complaints, IEnumerable<Complaint> known, ComplaintLevel level)
    {
        var before = known.Select(complaint => (complaint.At.File, complaint.Level, complaint.Message)).ToHashSet();
        return Told(
            complaints.Where(complaint => !before.Contains((complaint.At.File, complaint.Level, complaint.Message))),
            level);
    }
}
