using Tocsin.Communications;

namespace Tocsin.Reports;

/// <summary>What was told of an incident, as lines that people read.</summary>
internal static class UpdateTimeline
{
    public static string Line(UpdateEvent happened) => happened switch
    {
        UpdateEvent.Drafted { Approver: { } approver } drafted =>
            $"{drafted.By} wrote update {Named(drafted)}, which waits for {approver}: {drafted.Text}",
        UpdateEvent.Drafted drafted => $"{drafted.By} told {drafted.Channel} ({Named(drafted)}): {drafted.Text}",
        UpdateEvent.Approved approved => $"{approved.By} approved update {Named(approved)}: it goes out.",
        UpdateEvent.Withdrawn withdrawn => $"{withdrawn.By} withdrew update {Named(withdrawn)}: {withdrawn.Reason}",
        UpdateEvent.Skipped skipped =>
            $"{skipped.By}: no update of '{skipped.Communication}' is needed now: {skipped.Reason}",
        _ => throw new InvalidOperationException($"no words for {happened.GetType().Name}"),
    };

    private static string Named(UpdateEvent happened) => $"{happened.Number} of '{happened.Communication}'";
}
