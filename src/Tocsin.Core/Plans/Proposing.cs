using System.Text;
using Tocsin.Chains;
using Tocsin.Incidents;

namespace Tocsin.Plans;

/// <summary>Who may ask for a change of the plan, and who may settle it, as functions of the state of the moment.
/// </summary>
public static class Proposing
{
    /// <summary>The longest that the new files of one proposal are, in UTF-8.</summary>
    public const int MaximumBytes = 200_000;

    /// <summary>The longest that they are before: the log keeps them as they were.</summary>
    public const int MaximumBytesBefore = 1_000_000;

    public const int MaximumFiles = 100;

    /// <summary>So many lines, before and after together, can be compared, which costs lines times differences, and be
    /// read by whoever settles it.</summary>
    public const int MaximumLines = 10_000;

    /// <summary>So many may wait in all, and of one person.</summary>
    public const int MaximumOpen = 50;

    public const int MaximumOpenOfOne = 5;

    private const string MainFile = "plan.yaml";
    private const string Folder = "procedures/";
    private const string Ending = ".md";
    private const int MaximumNameCharacters = 64;

    /// <param name="present">The files of the folder now.</param>
    /// <param name="hash">Of those.</param>
    /// <param name="of">Of the plan that was changed.</param>
    /// <param name="files">Those that are to be written; the others stay as they are.</param>
    public static Ruling Propose(
        PlanProposals known,
        Plan plan,
        ValueList<PlanFile> present,
        Hash32 hash,
        Hash32 of,
        ValueList<PlanFile> files,
        string by,
        string reason)
    {
        if (Rulings.WhyNotWords(plan, by, reason, needsReason: true) is { } refusal)
            return Ruling.Refuse(refusal);
        if (known.Open.Count() >= MaximumOpen)
            return Ruling.Refuse($"{MaximumOpen} proposals wait already: have them settled first");
        if (known.Open.Count(proposal => proposal.By == by) >= MaximumOpenOfOne)
            return Ruling.Refuse($"{MaximumOpenOfOne} proposals of '{by}' wait already: have them settled first");
        if (WhyNotFiles(files) is { } wrong)
            return Ruling.Refuse(wrong);
        if (of != hash)
            return Ruling.Refuse(
                $"the plan in the folder is {hash.ToShortString()}, and not {of.ToShortString()}: change that one");
        var before = present.ToDictionary(file => file.Name, file => file.Text);
        var changes = files
            .Select(file => new PlanChange(file.Name, before.GetValueOrDefault(file.Name), file.Text))
            .Where(change => change.Before != change.After)
            .OrderBy(change => change.Name, StringComparer.Ordinal)
            .ToValueList();
        if (changes.Count == 0)
            return Ruling.Refuse("that is the plan as it is: nothing would change");
        if (changes.Sum(change => (long)Encoding.UTF8.GetByteCount(change.Before ?? "")) > MaximumBytesBefore)
            return Ruling.Refuse(
                $"the files have more than {MaximumBytesBefore} bytes now: that is changed in the folder alone");
        return changes.Sum(change => Lines(change.Before ?? "") + Lines(change.After)) > MaximumLines
            ? Ruling.Refuse($"more than {MaximumLines} lines, before and after: nobody could read what differs")
            : new PlanProposed(known.Last + 1, hash, changes, by, reason);
    }

    /// <summary>What is recorded where it is settled now. The files are looked at by whoever writes them.</summary>
    public static Ruling Settle(
        PlanProposals known, Plan plan, int number, bool accept, string by, string reason)
    {
        if (Rulings.WhyNotWords(plan, by, reason, needsReason: true) is { } refusal)
            return Ruling.Refuse(refusal);
        if (known[number] is not { } proposal)
            return Ruling.Refuse($"there is no proposal {number}");
        if (proposal.Settlement is { } settled)
            return Ruling.Refuse(
                $"proposal {number} was {(settled.Accepted ? "accepted" : "rejected")} by "
                + $"{settled.By ?? "nobody"}: {settled.Reason}");
        return proposal.By == by
            ? Ruling.Refuse($"proposal {number} is by '{by}': somebody else settles it")
            : new PlanSettled(number, accept, by, reason);
    }

    /// <summary>The files with the changes in them.</summary>
    public static ValueList<PlanFile> With(ValueList<PlanFile> files, ValueList<PlanChange> changes)
    {
        var changed = changes.Select(change => change.Name).ToHashSet();
        return files.Where(file => !changed.Contains(file.Name))
            .Concat(changes.Select(change => new PlanFile(change.Name, change.After)))
            .OrderBy(Place)
            .ThenBy(file => file.Name, StringComparer.Ordinal)
            .ToValueList();
    }

    /// <summary>True for the names that a proposal may write: no other folder, link or kind of file is reached by one.
    /// </summary>
    public static bool IsName(string name) => name == MainFile
        || (name.StartsWith(Folder, StringComparison.Ordinal) && name.EndsWith(Ending, StringComparison.Ordinal)
            && name.Length > Folder.Length + Ending.Length
            && name.Length <= Folder.Length + Ending.Length + MaximumNameCharacters
            && char.IsAsciiLetterOrDigit(name[Folder.Length])
            && name[Folder.Length..^Ending.Length].All(one => char.IsAsciiLetterOrDigit(one) || one is '-' or '_'));

    // As they are read from the folder: the main file, procedures by name, what was measured.
    private static int Place(PlanFile file) => file.Name switch
    {
        MainFile => 0,
        _ when file.Name.StartsWith(Folder, StringComparison.Ordinal) => 1,
        _ => 2,
    };

    private static string? WhyNotFiles(ValueList<PlanFile> files)
    {
        if (files.Count == 0)
            return "no file is named: nothing would change";
        if (files.Count > MaximumFiles)
            return $"more than {MaximumFiles} files";
        if (files.FirstOrDefault(file => !IsName(file.Name)) is { } other)
            return $"'{Rulings.Short(other.Name)}' is no file of a plan: there are '{MainFile}' and "
                + $"'{Folder}NAME{Ending}', NAME of at most {MaximumNameCharacters} letters, digits, '-' and '_'";
        if (files.GroupBy(file => file.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            return $"'{twice.Key}' stands there twice";
        if (files.FirstOrDefault(file => !IsText(file.Text)) is { } odd)
            return $"'{odd.Name}' is no text: it holds characters that none has";
        return files.Sum(file => (long)Encoding.UTF8.GetByteCount(file.Text)) > MaximumBytes
            ? $"the files have more than {MaximumBytes} bytes together"
            : null;
    }

    private static int Lines(string text) => text.Count(one => one is '\n' or '\r') + 1;

    private static bool IsText(string text)
    {
        // It would be taken for the mark of a file's encoding, and be gone when that is read again.
        if (text.StartsWith('\uFEFF'))
            return false;
        foreach (var rune in text.EnumerateRunes())
        {
            // What is no Unicode is read as the replacement character.
            if (rune == Rune.ReplacementChar || (rune.Value < ' ' && rune.Value is not ('\n' or '\r' or '\t')))
                return false;
        }
        return true;
    }
}
