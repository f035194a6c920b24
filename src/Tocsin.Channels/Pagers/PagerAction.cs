using Tocsin.Communications;
using Tocsin.Findings;

namespace Tocsin.Channels.Pagers;

/// <summary>What another pager does with its own alert of the incident.</summary>
internal enum PagerAction
{
    /// <summary>Open it, or add to it where it is open.</summary>
    Trigger,

    /// <summary>Stop calling: people are at it.</summary>
    Acknowledge,

    /// <summary>Close it.</summary>
    Resolve,
}

internal static class PagerActions
{
    /// <summary>
    /// Closes only what people closed, and quietens only what people say they are at. What the chain took back, what is
    /// paused, contained or over by itself goes on calling: an alert cannot tell whether anything else of the incident
    /// stands, and nobody need have looked.
    /// </summary>
    public static PagerAction Of(Alert alert) => alert.Reason switch
    {
        // What is sent by schedule is taken over and closes what never was: a trigger would wake whoever is on duty.
        AlertReason.Canary when alert.Severity == Severity.Routine => PagerAction.Resolve,
        AlertReason.Resolved or AlertReason.FalseAlarm or AlertReason.Merged => PagerAction.Resolve,
        AlertReason.PhaseReached => PagerAction.Acknowledge,
        _ => PagerAction.Trigger,
    };
}
