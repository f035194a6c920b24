using Tocsin.Recording;

namespace Tocsin.Callbacks;

/// <summary>What follows a callback later than its answer.</summary>
internal sealed class CallbackWorker(
    CallbackDesk desk, ShownAnswers shown, Logbook logbook, TimeProvider time, ILogger<CallbackWorker> logger)
    : BackgroundService
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(shown.RunAsync(stoppingToken), RecordHeldAsync(stoppingToken));

    private async Task RecordHeldAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var seen = logbook.Head.Sequence;
            try
            {
                desk.RecordHeld();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logger.LogError(e, "a callback that was held could not be recorded");
            }
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(
                Task.Delay(LookAgainAfter, time, either.Token), logbook.ChangedSince(seen, either.Token));
            await either.CancelAsync();
        }
    }
}
