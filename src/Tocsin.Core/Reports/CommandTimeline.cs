using Tocsin.Incidents;

namespace Tocsin.Reports;

/// <summary>What people decided about an incident, as lines that people read.</summary>
internal static class CommandTimeline
{
    public static string Line(CommandEvent happened) => happened switch
    {
        CommandEvent.OpenedByPerson { SplitFrom: { } from } split =>
            $"{split.By} split it off {from}: {split.Words}",
        CommandEvent.SplitOff split =>
            $"{split.By} split {string.Join(", ", split.Findings.Select(id => id.Value))} off as {split.Into}: "
                + split.Reason,
        CommandEvent.OpenedByPerson opened => $"{opened.By} opened it: {opened.Words}",
        CommandEvent.RoleGiven { IsByPlan: true } given =>
            $"{given.Person} is {given.Role} now{(given.From is { } before ? $", after {before}" : "")}: "
                + $"{given.Reason}.",
        CommandEvent.RoleOffered offered => $"{offered.Person} is on call in '{offered.Schedule}' now and may take "
            + $"{offered.Role} over from {offered.From}.",
        CommandEvent.RoleGiven { Reason.Length: 0 } given => $"{given.By}: {given.Person} is {given.Role}.",
        CommandEvent.RoleGiven given => $"{given.By}: {given.Person} is {given.Role} now: {given.Reason}",
        CommandEvent.Assessed assessed => $"{assessed.By} looked: {assessed.Words}",
        CommandEvent.Rated rated => $"{rated.By} set the severity to {(int)rated.Severity}: {rated.Reason}",
        CommandEvent.Reclassified other =>
            $"{other.By}: it is '{other.Issue}', procedure '{other.Procedure}': {other.Reason}",
        CommandEvent.DeclaredFalse declared => $"{declared.By} declared it a false alarm: {declared.Reason}",
        CommandEvent.Reopened reopened => $"{reopened.By} opened it again: {reopened.Reason}",
        CommandEvent.MergedInto merged => $"{merged.By} merged it into {merged.Into}: {merged.Reason}",
        CommandEvent.PhaseReached reached =>
            $"{reached.By}: it is {Phases.Word(reached.Phase)}: {reached.Words}",
        CommandEvent.DecisionSetAside aside => $"{aside.By} set decision '{aside.Rule}' aside: {aside.Reason}",
        CommandEvent.Deviated deviated => $"{deviated.By} departs from the plan ({deviated.From}): {deviated.Reason}",
        _ => throw new InvalidOperationException($"no words for {happened.GetType().Name}"),
    };
}
