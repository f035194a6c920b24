using Tocsin.Autonomy;
using Tocsin.Chain;
using Tocsin.Findings;
using Tocsin.Hooks;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Signing;

namespace Tocsin.Response;

/// <summary>
/// Does what the system owes each incident: asks the pure functions what is due, does it, records what came of it, and
/// asks again. It holds no state of its own, so ending it at any instant loses nothing.
/// </summary>
internal sealed class Responder(
    Logbook logbook,
    OutflowWatch outflows,
    PauseWatch pauses,
    SecondOpinion opinion,
    ImpactAssessment impact,
    TimeProvider time,
    ILogger<Responder> logger,
    Containment? containment = null,
    Sending? sending = null,
    InclusionWatch? inclusions = null,
    HookSender? hooks = null)
    : BackgroundService
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(200);

    // What is being done, and what failed and when: a memory for pacing alone, which a restart may lose.
    private readonly Dictionary<Duty, (Task Task, Incident Begun)> running = [];
    private readonly Dictionary<Duty, (string Fault, DateTimeOffset At)> failed = [];
    private readonly Rests rests = new(LookAgainAfter);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var seen = logbook.Head.Sequence;
            // Of one instant: an incident of before a decision beside a mandate of after it would be judged wrongly.
            var book = logbook.Book;
            foreach (var incident in book.Incidents.Values)
            {
                var plan = logbook.PlanOf(incident);
                foreach (var duty in Duties.Of(incident, plan, time.GetUtcNow(), book.Mandate))
                    Begin(duty, incident, stoppingToken);
            }
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(
                [Task.Delay(LookAgainAfter, time, either.Token), logbook.ChangedSince(seen, either.Token),
                    .. running.Values.Select(one => one.Task)]);
            await either.CancelAsync();
            EndDone();
        }
    }

    private void EndDone()
    {
        var now = time.GetUtcNow();
        rests.Forget(now);
        foreach (var (duty, (_, begun)) in running.Where(pair => pair.Value.Task.IsCompleted).ToList())
        {
            running.Remove(duty);
            if (ReferenceEquals(logbook.Book[duty.Incident], begun))
                rests.Begin(duty, now);
        }
    }

    // Each duty goes its own way: a signer that hangs or a long account of losses must not hold up another incident.
    private void Begin(Duty duty, Incident incident, CancellationToken stoppingToken)
    {
        if (running.ContainsKey(duty) || rests.Has(duty, time.GetUtcNow()))
            return;
        lock (failed)
        {
            if (failed.TryGetValue(duty, out var last) && (time.GetUtcNow() - last.At).Duration() < Duties.RetryAfter)
                return;
        }
        running[duty] =
            (Task.Run(() => TryAsync(duty, incident, stoppingToken), CancellationToken.None), incident);
    }

    /// <summary>
    /// A fault is told once and left to a later round; the duty stays due. A fault of our own must not keep the other
    /// duties from being done either, so it is told with all that is known of it.
    /// </summary>
    private async Task TryAsync(Duty duty, Incident incident, CancellationToken stoppingToken)
    {
        try
        {
            await DoAsync(duty, incident, stoppingToken);
            lock (failed)
                failed.Remove(duty);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            if (IsKnown(duty, e.Message))
                return;
            if (e is NodeException or SignerUnreachableException or StillRefusedException or NotConfirmedException)
                logger.LogWarning("{Duty} is delayed: {Reason}", duty, e.Message);
            else
                logger.LogError(e, "{Duty} failed", duty);
        }
        catch (OperationCanceledException)
        {
            // The server is stopping; the duty is due again when it is back.
        }
    }

    private bool IsKnown(Duty duty, string fault)
    {
        lock (failed)
        {
            var isKnown = failed.TryGetValue(duty, out var last) && last.Fault == fault;
            failed[duty] = (fault, time.GetUtcNow());
            return isKnown;
        }
    }

    private async Task ProposeAsync(
        Containment able, Incident incident, DecisionRule rule, CancellationToken stoppingToken)
    {
        // Whoever asks for the decision waits for no node. What they confirm later is taken by itself all the same.
        if (!incident.IsDecisionRequested)
        {
            var grounds = Judge(incident, null) is LadderJudgement.Act ? Grounds(incident, rule) : [];
            await opinion.AskBeforePeopleAsync(incident, grounds, () => IsTaken(incident), stoppingToken);
            if (grounds.Count > 0)
                await SayWhyHeldAsync(incident);
            if (!IsTaken(incident) && !opinion.MayAskPeople(incident))
                throw new NotConfirmedException(
                    "no second node confirms the evidence; people may ask for the decision");
        }
        await able.ProposeAsync(incident, rule, stoppingToken, finding => opinion.IsConfirmed(incident.Id, finding));
    }

    private async Task TakeByItselfAsync(
        Containment able, Incident incident, DecisionRule rule, CancellationToken stoppingToken)
    {
        if (Judge(incident, null) is not LadderJudgement.Act)
            return;
        await opinion.AskBeforeActingAsync(
            incident, Grounds(incident, rule), () => IsTaken(incident), stoppingToken);
        await SayWhyHeldAsync(incident);
        if (!IsTaken(incident))
            throw new NotConfirmedException("no second node confirms the evidence, so nothing is taken by itself");
        await able.ProposeAsync(incident, rule, stoppingToken, finding => opinion.IsConfirmed(incident.Id, finding));
    }

    private LadderJudgement Judge(Incident incident, Func<Finding, bool>? isConfirmed) => Ladder.Judge(
        incident, logbook.PlanOf(incident), logbook.Book.Mandate, null, time.GetUtcNow(), isConfirmed);

    private LadderJudgement JudgeConfirmed(Incident incident) =>
        Judge(incident, finding => opinion.IsConfirmed(incident.Id, finding));

    private bool IsTaken(Incident incident) => JudgeConfirmed(incident) is LadderJudgement.Act;

    private IReadOnlyList<Finding> Grounds(Incident incident, DecisionRule rule) =>
        Ladder.Grounds(incident, logbook.PlanOf(incident), rule.Action);

    // The war room says why, where the ladder alone would let it be taken.
    private Task SayWhyHeldAsync(Incident incident) => JudgeConfirmed(incident) is LadderJudgement.Held held
        ? HoldBackAsync(new Duty.HoldBack(incident.Id, held))
        : Task.CompletedTask;

    private Task HoldBackAsync(Duty.HoldBack owed)
    {
        logbook.Record((book, _) => book[owed.Incident] is { Decision: null or { TakenAt: null } } now
            && now.HeldBack?.Reason != owed.Held.Reason
            ? [new IncidentEvent.ActionHeldBack(owed.Incident, owed.Held.Action, owed.Held.Stage, owed.Held.Reason)]
            : []);
        return Task.CompletedTask;
    }

    private Task AskForHookAsync(Duty.AskForHook owed)
    {
        hooks?.Ask(owed);
        return Task.CompletedTask;
    }

    private Task DoAsync(Duty duty, Incident incident, CancellationToken stoppingToken) => duty switch
    {
        Duty.WatchOutflow => outflows.LookAsync(incident, stoppingToken),
        Duty.WatchPause => pauses.LookAsync(incident, stoppingToken),
        Duty.HoldBack held => HoldBackAsync(held),
        Duty.AssessImpact => impact.AssessAsync(incident, stoppingToken),
        Duty.AskForHook ask => AskForHookAsync(ask),
        Duty.SendHook send => hooks?.SendAsync(incident, send, stoppingToken) ?? Task.CompletedTask,
        // Without a signer the procedure is for people alone.
        _ when containment is null || sending is null || inclusions is null => Task.CompletedTask,
        Duty.Propose propose => ProposeAsync(containment, incident, propose.Rule, stoppingToken),
        Duty.TakeByItself take => TakeByItselfAsync(containment, incident, take.Rule, stoppingToken),
        Duty.Simulate simulate => containment.SimulateAsync(incident, simulate.Call, stoppingToken),
        Duty.AskOwners ask => containment.AskOwnersAsync(incident, ask.Call, stoppingToken),
        Duty.Sign sign => containment.SignAsync(incident, sign.Call, stoppingToken),
        Duty.Broadcast broadcast => sending.BroadcastAsync(incident, broadcast.Call, stoppingToken),
        Duty.WatchInclusion watch => inclusions.LookAsync(incident, watch.Call, stoppingToken),
        Duty.Verify verify => containment.VerifyAsync(incident, verify.Call, stoppingToken),
        _ => throw new InvalidOperationException($"nobody does {duty.GetType().Name}"),
    };
}
