using Tocsin.Chain;
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
    InclusionWatch? inclusions = null)
    : BackgroundService
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(200);

    // What is being done, and what failed and when: a memory for pacing alone, which a restart may lose.
    private readonly Dictionary<Duty, Task> running = [];
    private readonly Dictionary<Duty, (string Fault, DateTimeOffset At)> failed = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var seen = logbook.Head.Sequence;
            foreach (var incident in logbook.Book.Incidents.Values)
            {
                foreach (var duty in Duties.Of(incident, logbook.PlanOf(incident), time.GetUtcNow()))
                    Begin(duty, incident, stoppingToken);
            }
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(
                [Task.Delay(LookAgainAfter, time, either.Token), logbook.ChangedSince(seen, either.Token),
                    .. running.Values]);
            await either.CancelAsync();
            foreach (var (duty, _) in running.Where(pair => pair.Value.IsCompleted).ToList())
                running.Remove(duty);
        }
    }

    // Each duty goes its own way: a signer that hangs or a long account of losses must not hold up another incident.
    private void Begin(Duty duty, Incident incident, CancellationToken stoppingToken)
    {
        if (running.ContainsKey(duty))
            return;
        lock (failed)
        {
            if (failed.TryGetValue(duty, out var last) && (time.GetUtcNow() - last.At).Duration() < Duties.RetryAfter)
                return;
        }
        running[duty] = Task.Run(() => TryAsync(duty, incident, stoppingToken), CancellationToken.None);
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
        if (!incident.IsDecisionRequested && !await opinion.IsAgreedAsync(incident, stoppingToken))
            throw new NotConfirmedException("no second node confirms the evidence; people may ask for the decision");
        await able.ProposeAsync(incident, rule, stoppingToken);
    }

    private Task WarnAsync(Duty.WarnOfExpiry owed)
    {
        logbook.Record((book, _) => PauseExpiry.Due(book[owed.Incident]!, time.GetUtcNow()) == owed.Warning
            ? [new IncidentEvent.PauseNearsEnd(owed.Incident, owed.Warning)]
            : []);
        return Task.CompletedTask;
    }

    private Task DoAsync(Duty duty, Incident incident, CancellationToken stoppingToken) => duty switch
    {
        Duty.WatchOutflow => outflows.LookAsync(incident, stoppingToken),
        Duty.WatchPause => pauses.LookAsync(incident, stoppingToken),
        Duty.WarnOfExpiry warn => WarnAsync(warn),
        Duty.AssessImpact => impact.AssessAsync(incident, stoppingToken),
        // Without a signer the procedure is for people alone.
        _ when containment is null || sending is null || inclusions is null => Task.CompletedTask,
        Duty.Propose propose => ProposeAsync(containment, incident, propose.Rule, stoppingToken),
        Duty.Simulate simulate => containment.SimulateAsync(incident, simulate.Call, stoppingToken),
        Duty.Sign sign => containment.SignAsync(incident, sign.Call, stoppingToken),
        Duty.Broadcast broadcast => sending.BroadcastAsync(incident, broadcast.Call, stoppingToken),
        Duty.WatchInclusion watch => inclusions.LookAsync(incident, watch.Call, stoppingToken),
        Duty.Verify verify => containment.VerifyAsync(incident, verify.Call, stoppingToken),
        _ => throw new InvalidOperationException($"nobody does {duty.GetType().Name}"),
    };
}
