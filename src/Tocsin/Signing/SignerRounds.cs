using Tocsin.Audit;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Findings;
using Tocsin.Heartbeats;
using Tocsin.Recording;
using Tocsin.Storage;
using Tocsin.Watching;

namespace Tocsin.Signing;

/// <summary>
/// What the server asks of the signer without an incident: to countersign the log, whether others ask it too, and signs
/// of life for the brake.
/// </summary>
internal sealed class SignerRounds(
    Logbook logbook,
    SignerClient signer,
    FindingDesk desk,
    PauserBeats beats,
    AgentWatch agent,
    ChainId chain,
    TimeProvider time,
    ILogger<SignerRounds> logger)
    : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(30);

    private readonly Strangers strangers = new();
    private DateTimeOffset askedAt;
    private DateTimeOffset failedAt;
    private DateTimeOffset refusedAt;
    private string? lastFault;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if ((time.GetUtcNow() - failedAt).Duration() >= AskEvery)
                    await RoundAsync(stoppingToken);
                var seen = logbook.Head.Sequence;
                using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                await Task.WhenAny(
                    Task.Delay(LookEvery, time, either.Token), logbook.ChangedSince(seen, either.Token));
                await either.CancelAsync();
            }
            catch (Exception e) when (e is SignerUnreachableException or StorageException or NodeException)
            {
                failedAt = time.GetUtcNow();
                if (lastFault != e.Message)
                    logger.LogWarning("a round with the signer could not be made: {Reason}", e.Message);
                lastFault = e.Message;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // A fault of our own, or a node's answer that nobody thought of: the server goes on without the round.
                failedAt = time.GetUtcNow();
                logger.LogError(e, "a round with the signer failed");
            }
        }
    }

    /// <summary>Asks what is due now.</summary>
    internal async Task RoundAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var head = logbook.Head;
        if (Countersigning.IsDue(logbook.Book, head, now) && (now - refusedAt).Duration() >= AskEvery)
            await CountersignAsync(head, cancellationToken);
        if ((now - askedAt).Duration() < AskEvery)
            return;
        askedAt = now;
        await LookAsync(cancellationToken);
    }

    private async Task CountersignAsync(LogHead head, CancellationToken cancellationToken)
    {
        var answer = await signer.AskAsync(new SignerRequest(Head: new HeadRequest(head)), cancellationToken);
        if (answer.Head is { } given && given.Head == head)
        {
            logbook.Record((_, _) => [new HeadCountersigned(given.Head, given.At, given.Signature)]);
            lastFault = null;
            return;
        }
        // What else is asked of the signer goes on.
        refusedAt = time.GetUtcNow();
        logger.LogWarning(
            "the log is not countersigned: {Reason}", answer.Refused?.Reason ?? "the signer answered another head");
        if (answer.Refused is { Code: SignerRefusal.LogRewound })
            Tell(
                $"log-rewound/{time.GetUtcNow():yyyyMMdd}",
                "The signer does not countersign the log: it has seen it further on, or otherwise. If no backup was "
                + "restored, somebody changed what is recorded.");
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var answer = await signer.AskAsync(new SignerRequest(Status: new StatusRequest()), cancellationToken);
        if (answer.Status is not { } status)
            return;
        var unexplained = strangers.Look(status, signer.PerhapsRefused);
        if (unexplained > 0)
            Tell(
                $"signer-asked/{status.Since:yyyyMMddTHHmmssZ}",
                $"The signer refused {Quantities.Counted((ulong)unexplained, "request")} that this server did not "
                + "make: somebody else asks it. Refused since its start: "
                + string.Join(", ", status.Refused.Select(count => $"{count.Code} {count.Count}")) + ".");
        await agent.LookAsync(cancellationToken);
        await beats.LookAsync(status, cancellationToken);
    }

    // A finding of the same name is told again as its next revision, and only where its words are new.
    private void Tell(string what, string reason)
    {
        var id = new FindingId($"{what}/{chain}");
        var known = logbook.Book.Findings.GetValueOrDefault(id)?.Finding;
        if (known?.Reason == reason)
            return;
        var now = time.GetUtcNow();
        desk.Record(
            [
                new Finding(
                    id, (known?.Revision ?? 0) + 1, FindingStatus.Seen, now, chain, default, [],
                    Threat.MonitoringImpaired, Severity.High, 1, "signer", [], 0, [], "signer", reason),
            ],
            now, null, null);
        logger.LogError("{Reason}", reason);
    }
}
