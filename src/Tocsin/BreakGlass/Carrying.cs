using System.Collections.Concurrent;
using Tocsin.Chain;
using Tocsin.Incidents;
using Tocsin.Reports;
using Tocsin.Response;
using Tocsin.Signing;

namespace Tocsin.BreakGlass;

/// <summary>Where one call of the decision ended.</summary>
/// <param name="Succeeded">Null while it goes on.</param>
internal sealed record CallOutcome(bool? Succeeded, string Words);

/// <summary>
/// Does for one incident what the server's responder does for all: the same duties, by the same steps, each recorded
/// before the next.
/// </summary>
internal sealed class Carrying(
    BreakGlassJournal journal,
    Containment containment,
    Sending sending,
    InclusionWatch inclusions,
    Action<string> say,
    TimeProvider time)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);

    private readonly DateTimeOffset started = time.GetUtcNow();
    private readonly ConcurrentDictionary<int, string> refusedAgain = new();
    private readonly ConcurrentDictionary<Duty, string> faults = new();

    private Incident Incident => journal.Incident!;

    /// <summary>Tries each call on the chain; what is signed already is past that.</summary>
    public async Task SimulateAsync(CancellationToken cancellationToken)
    {
        while (Enumerable.Range(0, Incident.Decision!.Calls.Count).Any(index => !IsTried(index)))
        {
            await DoAllAsync(duty => duty is Duty.Simulate, cancellationToken);
            await Task.Delay(Pace, time, cancellationToken);
        }
    }

    /// <summary>Signs, sends, watches and reads back until each call has ended well or cannot any more.</summary>
    public async Task<IReadOnlyList<CallOutcome>> RunAsync(CancellationToken cancellationToken)
    {
        // What ended before is looked at once more: a reorg may have taken it back.
        await DoAllAsync(IsOurs, cancellationToken);
        while (true)
        {
            var outcomes = Outcomes();
            if (outcomes.All(outcome => outcome.Succeeded is not null))
                return outcomes;
            await Task.Delay(Pace, time, cancellationToken);
            await DoAllAsync(IsOurs, cancellationToken);
        }
    }

    public IReadOnlyList<CallOutcome> Outcomes() =>
        [.. Incident.Decision!.Calls.Select((call, index) => Outcome(Incident.Decision, call, index))];

    private static bool IsOurs(Duty duty) =>
        duty is Duty.Simulate or Duty.Sign or Duty.Broadcast or Duty.WatchInclusion or Duty.Verify;

    private bool IsTried(int index) =>
        Incident.Decision!.Calls[index] is { Signed: not null } or { Simulation.Succeeded: true }
        || Incident.Decision.Calls[index].Simulation?.At >= started
        || refusedAgain.ContainsKey(index)
        || time.GetUtcNow() >= Incident.Decision.Decision.ExpiresAt;

    private CallOutcome Outcome(DecisionProgress decision, CallProgress call, int index)
    {
        var isFresh = call.Refusal?.At >= started || refusedAgain.ContainsKey(index);
        return call switch
        {
            { PausedUntil: { } until } when until <= time.GetUtcNow() =>
                new(false, $"its pause ended at {Instant(until)}; begin a new journal to pause it again"),
            { PausedUntil: { } until, Included: { } included } =>
                new(true, $"PAUSED until {Instant(until)}, read back from the chain; in block {included.Block.Number}"),
            { Ended: { } ended } => new(false, ended.InWords()),
            { Included: { Succeeded: false } included } => new(false, $"it reverted in block {included.Block.Number}"),
            { IsPause: false, Included: { } included } => new(true, $"done in block {included.Block.Number}"),
            { IsDead: true } => new(false, call.Hindrances.First(one => one.Why == Hindrance.NonceTaken).Detail),
            { Signed: not null } => new(null, "it is signed and on its way"),
            { Refusal: { IsUnreachable: false } refusal } when isFresh =>
                new(false, $"the signer does not sign: {refusal.Reason}"),
            { Simulation: { Succeeded: false } failed } => new(false, $"it would fail: {failed.Detail}"),
            _ when time.GetUtcNow() >= decision.Decision.ExpiresAt && decision.TakenAt is null =>
                new(false, "the decision expired before it had its approvals; run it again for a new one"),
            _ => new(null, "it is not signed yet"),
        };
    }

    // Side by side: a chain that does not answer delays no other.
    private Task DoAllAsync(Func<Duty, bool> isMeant, CancellationToken cancellationToken)
    {
        var incident = Incident;
        return Task.WhenAll(Duties.Of(incident, journal.PlanOf(incident), time.GetUtcNow())
            .Where(isMeant)
            .Select(duty => TryAsync(duty, incident, cancellationToken)));
    }

    private async Task TryAsync(Duty duty, Incident incident, CancellationToken cancellationToken)
    {
        try
        {
            await DoAsync(duty, incident, cancellationToken);
        }
        catch (StillRefusedException e)
        {
            if (duty is Duty.Simulate { Call: var simulated })
                refusedAgain[simulated] = e.Message;
            else if (duty is Duty.Sign { Call: var signed })
                refusedAgain[signed] = e.Message;
            else
                SayOnce(duty, e.Message);
        }
        catch (Exception e) when (e is NodeException or SignerUnreachableException)
        {
            SayOnce(duty, $"{e.Message}; it is tried again");
        }
    }

    private void SayOnce(Duty duty, string fault)
    {
        if (!faults.TryGetValue(duty, out var last) || last != fault)
            say(fault);
        faults[duty] = fault;
    }

    private Task DoAsync(Duty duty, Incident incident, CancellationToken cancellationToken) => duty switch
    {
        Duty.Simulate simulate => containment.SimulateAsync(incident, simulate.Call, cancellationToken),
        Duty.Sign sign => containment.SignAsync(incident, sign.Call, cancellationToken),
        Duty.Broadcast broadcast => sending.BroadcastAsync(incident, broadcast.Call, cancellationToken),
        Duty.WatchInclusion watch => inclusions.LookAsync(incident, watch.Call, cancellationToken),
        Duty.Verify verify => containment.VerifyAsync(incident, verify.Call, cancellationToken),
        _ => throw new InvalidOperationException($"nobody does {duty.GetType().Name}"),
    };

    private static string Instant(DateTimeOffset at) => $"{at:yyyy-MM-dd HH:mm:ss} UTC";
}
