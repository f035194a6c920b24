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
    ActingChains chains,
    Containment containment,
    Sending sending,
    InclusionWatch inclusions,
    Action<string> say,
    TimeProvider time)
{
    /// <summary>So long without an answer of anyone, it ends: people must know that nothing is known.</summary>
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);

    private readonly DateTimeOffset started = time.GetUtcNow();
    private readonly ConcurrentDictionary<int, string> refusedAgain = new();
    private readonly ConcurrentDictionary<Duty, string> faults = new();
    private readonly ConcurrentDictionary<int, bool> holdsNow = new();
    private DateTimeOffset heardAt = time.GetUtcNow();

    private Incident Incident => journal.Incident!;

    /// <summary>Tries each call on the chain; what is signed already is past that.</summary>
    public async Task SimulateAsync(CancellationToken cancellationToken)
    {
        while (!IsSilent && Enumerable.Range(0, Incident.Decision!.Calls.Count).Any(index => !IsTried(index)))
        {
            await DoAllAsync(duty => duty is Duty.Simulate, cancellationToken);
            await Task.Delay(Pace, time, cancellationToken);
        }
    }

    /// <summary>
    /// The pauses that hold although nothing of this decision was signed, by call, and until when. What no node says is
    /// told and left out: it must not hold up a pause.
    /// </summary>
    public async Task<IReadOnlyDictionary<int, DateTimeOffset>> StandingAsync(CancellationToken cancellationToken)
    {
        var decision = Incident.Decision!;
        var action = journal.Plan!.Action(journal.Plan.Decision(decision.Rule)!.Action)!;
        var standing = new Dictionary<int, DateTimeOffset>();
        foreach (var (planned, index) in action.Calls.Select((planned, index) => (planned, index)))
        {
            if (!planned.IsPause || decision.Calls[index].Signed is not null)
                continue;
            try
            {
                if (chains.Of(planned.Call.Chain) is { } there
                    && await there.HeadAsync(cancellationToken) is { } head
                    && await there.Pauses.UntilAsync(planned, head, cancellationToken) is { } until)
                    standing[index] = until;
            }
            catch (NodeException e)
            {
                say($"whether {planned.Scope} is paused already is not known: {e.Message}");
            }
        }
        return standing;
    }

    /// <summary>Signs, sends, watches and reads back until each call has ended well or cannot any more.</summary>
    public async Task<IReadOnlyList<CallOutcome>> RunAsync(CancellationToken cancellationToken)
    {
        // People may have taken their time with their approvals.
        heardAt = time.GetUtcNow();
        while (true)
        {
            // What ended before is looked at once more: a reorg may have taken it back, or people lifted it.
            await DoAllAsync(IsOurs, cancellationToken);
            await ReadPausesAsync(cancellationToken);
            var outcomes = Outcomes();
            if (IsSilent || outcomes.All(outcome => outcome.Succeeded is not null))
                return outcomes;
            await Task.Delay(Pace, time, cancellationToken);
        }
    }

    public IReadOnlyList<CallOutcome> Outcomes() =>
        [.. Incident.Decision!.Calls.Select((call, index) => Outcome(Incident.Decision, call, index))];

    private bool IsSilent => time.GetUtcNow() - heardAt >= GiveUpAfter;

    // PAUSED is said of what holds now, never of what an earlier run had read.
    private async Task ReadPausesAsync(CancellationToken cancellationToken)
    {
        var decision = Incident.Decision!;
        for (var index = 0; index < decision.Calls.Count; index++)
        {
            if (decision.Calls[index].PausedUntil is not null && !holdsNow.ContainsKey(index))
                await TryAsync(
                    new Duty.Verify(Incident.Id, index), _ => ReadPauseAsync(decision, index, cancellationToken));
        }
    }

    private async Task ReadPauseAsync(DecisionProgress decision, int index, CancellationToken cancellationToken)
    {
        var call = decision.Calls[index];
        var plan = journal.Plan!;
        var planned = plan.Action(plan.Decision(decision.Rule)!.Action)!.Calls[index];
        if (chains.Of(planned.Call.Chain) is not { } there
            || await there.HeadAsync(cancellationToken) is not { } head
            || head.Number < call.PausedAt!.Value.Number)
            return;
        if (await there.Pauses.HoldsAsync(planned, head, cancellationToken))
        {
            holdsNow[index] = true;
            return;
        }
        var why = time.GetUtcNow() >= call.PausedUntil ? PauseEnd.Expired : PauseEnd.Lifted;
        journal.Record((_, _) =>
            [new IncidentEvent.PauseEnded(Incident.Id, decision.Decision.Id, index, why, head)]);
    }

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
            { PausedUntil: not null } when !holdsNow.ContainsKey(index) => NotKnown("whether its pause still holds"),
            { PausedUntil: { } until, Included: { } included } =>
                new(true, $"PAUSED until {Instant(until)}, read back from the chain; in block {included.Block.Number}"),
            { Ended: { } ended } =>
                new(false, $"NOT PAUSED any more: {ended.InWords()}; begin a new journal to pause it again"),
            { Included: { Succeeded: false } included } => new(false, $"it reverted in block {included.Block.Number}"),
            { IsPause: false, Included: { } included } => new(true, $"done in block {included.Block.Number}"),
            { IsDead: true } => new(false, call.Hindrances.First(one => one.Why == Hindrance.NonceTaken).Detail),
            { Signed: not null } => NotKnown("it is signed and on its way; whether it is in the chain"),
            { Refusal: { IsUnreachable: false } refusal } when isFresh =>
                new(false, $"the signer does not sign: {refusal.Reason}"),
            { Simulation: { Succeeded: false } failed } =>
                new(false, $"it {(failed.IsRefused ? "is " : "")}{failed.InWords}"),
            _ when time.GetUtcNow() >= decision.Decision.ExpiresAt && decision.TakenAt is null =>
                new(false, "the decision expired before it had its approvals; run it again for a new one"),
            _ => NotKnown("it is not signed yet; whether it would succeed"),
        };
    }

    private CallOutcome NotKnown(string what) => IsSilent
        ? new(false, $"{what} is not known: nobody answered for {GiveUpAfter.TotalMinutes:0} minutes; run it again")
        : new(null, $"{what} is not known yet");

    // Side by side: a chain that does not answer delays no other.
    private Task DoAllAsync(Func<Duty, bool> isMeant, CancellationToken cancellationToken)
    {
        var incident = Incident;
        return Task.WhenAll(Duties.Of(incident, journal.PlanOf(incident), time.GetUtcNow())
            .Where(isMeant)
            .Select(duty => TryAsync(duty, owed => DoAsync(owed, incident, cancellationToken))));
    }

    private async Task TryAsync(Duty duty, Func<Duty, Task> attempt)
    {
        try
        {
            await attempt(duty);
            heardAt = time.GetUtcNow();
        }
        catch (StillRefusedException e)
        {
            heardAt = time.GetUtcNow();
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
