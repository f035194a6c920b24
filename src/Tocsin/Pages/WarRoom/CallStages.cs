using Tocsin.Incidents;

namespace Tocsin.Pages.WarRoom;

internal enum StageState
{
    Waiting,
    Done,
    Failed,
}

/// <summary>One station of a call on its way to the chain.</summary>
/// <param name="Detail">What is known of it; empty while it waits.</param>
internal sealed record Stage(string Name, StageState State, string Detail, DateTimeOffset? At);

/// <summary>
/// How far a call is: simulated, approved, signed, sent, in a block, read back. A reorg sets the later ones back.
/// </summary>
internal static class CallStages
{
    /// <param name="takenAt">When the decision had all its approvals.</param>
    public static IReadOnlyList<Stage> Of(CallProgress call, DateTimeOffset? takenAt) =>
    [
        Simulated(call.Simulation),
        Done("approved", takenAt, ""),
        .. call.Consent is { } consent ? [Owners(consent)] : Array.Empty<Stage>(),
        Signed(call),
        Done("sent", call.BroadcastAt, ""),
        Included(call.Included),
        .. call.IsPause ? [ReadBack(call)] : Array.Empty<Stage>(),
    ];

    private static Stage Simulated(Simulation? simulation) => simulation switch
    {
        null => new("simulated", StageState.Waiting, "", null),
        { Succeeded: true } => new("simulated", StageState.Done, simulation.Detail, simulation.At),
        _ => new("simulated", StageState.Failed, simulation.InWords, simulation.At),
    };

    private static Stage Owners(SafeConsent consent) => new(
        "owners", consent.IsEnough ? StageState.Done : StageState.Waiting,
        $"{consent.Given.Count} of {consent.Threshold} for nonce {consent.Nonce}", consent.EnoughAt);

    private static Stage Signed(CallProgress call) => call switch
    {
        { Signed: { } signed } => new("signed", StageState.Done, $"nonce {signed.Nonce}", signed.At),
        { Refusal: { } refusal } => new("signed", StageState.Failed, refusal.Reason, refusal.At),
        _ => new("signed", StageState.Waiting, "", null),
    };

    private static Stage Included(Inclusion? inclusion) => inclusion switch
    {
        null => new("in block", StageState.Waiting, "", null),
        { Succeeded: true } => new("in block", StageState.Done, $"{inclusion.Block.Number}", inclusion.At),
        _ => new("in block", StageState.Failed, $"{inclusion.Block.Number}, but it reverted", inclusion.At),
    };

    private static Stage ReadBack(CallProgress call) => call.PausedUntil is { } until
        ? new("read back", StageState.Done, $"paused until {PageWords.Utc(until)} UTC", null)
        : new("read back", StageState.Waiting, "", null);

    private static Stage Done(string name, DateTimeOffset? at, string detail) =>
        new(name, at is null ? StageState.Waiting : StageState.Done, detail, at);
}
