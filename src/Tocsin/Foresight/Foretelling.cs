using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.Foresight;

/// <summary>
/// Judges what a call would do before anyone signs it: refused where anything but the expected changes, where it does
/// more harm than the plan accepts, or where it would have no effect. What could not be seen is told, and refused only
/// where the plan wants it seen: a pause must not wait for a node's missing method.
/// </summary>
internal static class Foretelling
{
    private const int WordsMost = 300;
    private const int LinesMost = 24;

    public static Foreseen Judge(Prospect prospect, Outlook outlook, KnownNames names)
    {
        var refusals = new List<string>();
        var words = new List<string>();
        words.AddRange(BlastRadius.Reach(prospect, outlook, names));
        Surprise(prospect, outlook, names, refusals);
        Harm(prospect, outlook, names, refusals, words);
        Effect(prospect, outlook, refusals, words);
        words.AddRange(BlastRadius.Changes(prospect, outlook, names));
        words.AddRange(BlastRadius.Pending(prospect, outlook, names));
        if (prospect.Action.MustForesee && Unseen(prospect, outlook) is { } unseen)
            refusals.Add($"{unseen}, and the plan has it signed only when that is known");
        return new Foreseen(Bounded(refusals), Bounded(words));
    }

    private static void Surprise(Prospect prospect, Outlook outlook, KnownNames names, List<string> refusals)
    {
        var now = Of(prospect, outlook.Changes, outlook.Run, names);
        refusals.AddRange(now);
        refusals.AddRange(Of(prospect, outlook.PendingChanges, outlook.PendingRun, names)
            .Except(now)
            .Select(surprise => $"on the pending state, {surprise}"));
    }

    private static List<string> Of(
        Prospect prospect, Look<ValueList<StateChange>> changes, Look<Rehearsed> run, KnownNames names)
    {
        var expected = BlastRadius.Expected(prospect, names);
        var surprises = changes.Value is { } known ? Surprises.Of(known, expected, names).ToList() : [];
        if (run.Value?.Calls[prospect.Meant] is { Error: null } done)
        {
            surprises.AddRange(Surprises.Of(done.Logs, expected, names));
            if (changes.Value is null)
                surprises.AddRange(Surprises.Of(done.Payments, expected, names));
        }
        return surprises;
    }

    private static void Harm(
        Prospect prospect, Outlook outlook, KnownNames names, List<string> refusals, List<string> words)
    {
        for (var i = 0; i < prospect.Harm.Count; i++)
        {
            var harm = prospect.Harm[i];
            if (outlook.Run.Value is not { } run || run.HarmBefore[i] is not { } before
                || run.HarmAfter[i] is not { } after)
            {
                words.Add($"{harm.InWords}: how many more is not known"
                    + (outlook.Run.Missing is { } why ? $": {why}" : $", {harm.Decoded} gives no number"));
                continue;
            }
            var more = after > before ? after - before : UInt256.Zero;
            var told = $"{harm.InWords}: {names.Amount(harm, more)} more ({names.Amount(harm, before)} now, "
                + $"{names.Amount(harm, after)} afterwards)";
            var accepted = $"the plan accepts {names.Amount(harm, harm.AtMostMore)} more";
            words.Add($"{told}; {accepted}");
            if (more > harm.AtMostMore)
                refusals.Add($"{told}, and {accepted}");
        }
    }

    // What is seen after all calls proves nothing where one of them fails.
    private static void Effect(Prospect prospect, Outlook outlook, List<string> refusals, List<string> words)
    {
        if (outlook.Run.Value is not { } run || run.Calls.Any(call => call.Error is not null))
            return;
        if (prospect.Call.IsPause && run.Holds is { IsZero: true })
            refusals.Add($"it would have no effect: {prospect.Call.Scope} would not be paused");
        for (var i = 0; i < prospect.Then.Count; i++)
        {
            if (run.Then[i] is not { } answer)
                continue;
            if (prospect.Then[i].Judge(answer.AsSpan()) is { } fault)
                refusals.Add($"it would not have its effect: {fault}");
            else
                words.Add($"afterwards: {prospect.Then[i].InWords}");
        }
    }

    private static string? Unseen(Prospect prospect, Outlook outlook) => outlook switch
    {
        { Changes.Missing: { } why } => $"what it would change is not known ({why})",
        { Run.Missing: { } why } when prospect.Harm.Count > 0 => $"what harm it would do is not known ({why})",
        { Run.Value: { } run } when run.HarmBefore.Concat(run.HarmAfter).Any(number => number is null) =>
            "what harm it would do is not known (a view gives no number)",
        _ => null,
    };

    private static ValueList<string> Bounded(List<string> lines) =>
        lines.Distinct().Take(LinesMost).Select(line => Foreseen.Cut(line, WordsMost)).ToValueList();
}
