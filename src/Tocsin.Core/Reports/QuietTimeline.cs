using Tocsin.Communications;
using Tocsin.Incidents;
using Tocsin.Silences;

namespace Tocsin.Reports;

/// <summary>What was not told, and what is not believed, as lines that people read.</summary>
internal static class QuietTimeline
{
    public static string Line(LogEvent happened) => happened switch
    {
        SilenceProposed asked =>
            $"{asked.By} asked for {new Silence(asked, default).Scope} to be silent until "
                + $"{asked.Until:yyyy-MM-dd HH:mm} UTC (silence {asked.Number}): {asked.Reason}",
        SilenceConfirmed confirmed => $"{confirmed.By} confirmed silence {confirmed.Number}.",
        SilenceEnded ended => $"{ended.By} ended silence {ended.Number}: {ended.Reason}",
        SilenceEvent.Withheld kept =>
            $"Alert '{kept.Reason.InWords()}' was not sent to {kept.Channel}: silenced by {kept.By} because "
                + $"{kept.Because}, until {kept.Until:yyyy-MM-dd HH:mm} UTC.",
        SilenceEvent.Lifted lifted => $"Silence {lifted.Silence} is over: whoever was not told hears of it now.",
        ChannelDistrusted bad => $"{bad.By} distrusts '{bad.Name}' ({string.Join(", ", bad.Channels)}): {bad.Reason}",
        ChannelTrusted ours => $"{ours.By} trusts '{ours.Name}' ({string.Join(", ", ours.Channels)}): {ours.Reason}",
        ChannelJudged { IsTrusted: true } ours => $"{ours.By} says that '{ours.Name}' is ours again: {ours.Reason}",
        ChannelJudged bad => $"{bad.By} says that '{bad.Name}' must not be trusted: {bad.Reason}",
        _ => throw new InvalidOperationException($"no line is written for {happened.GetType().Name}"),
    };
}
