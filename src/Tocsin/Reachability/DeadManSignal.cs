using Tocsin.Configuration;
using Tocsin.Recording;
using Tocsin.Texts;

namespace Tocsin.Reachability;

/// <summary>Where somebody outside waits for a sign of life, and how often it is given.</summary>
internal sealed record DeadManSettings(string Url, TimeSpan Every)
{
    public static DeadManSettings Read(YamlPart part)
    {
        part.Knows("url", "every");
        return new DeadManSettings(
            TocsinConfiguration.SecretAddress(part.Required("url")),
            part.Optional("every")?.Duration("10s", "1h") ?? TimeSpan.FromMinutes(1));
    }
}

/// <summary>
/// Tells somebody outside that this server is alive, for as long as its log is its own and its chain moves: whoever
/// waits there wakes people when the signal stays away, which is the one alert that we cannot send.
/// </summary>
internal sealed class DeadManSignal(
    DeadManSettings settings,
    Uri address,
    HttpClient http,
    Func<DateTimeOffset?> lastHeadAt,
    Logbook logbook,
    TimeProvider time,
    ILogger<DeadManSignal> logger)
    : BackgroundService
{
    // A chain that stands still for this long is one that we do not see.
    private static readonly TimeSpan HeadMayBeOld = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(10);

    // A watch that is blind from its start has no last block: it has had as long as any other to see one.
    private DateTimeOffset seenAt = time.GetUtcNow();
    private DateTimeOffset? headAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            if (WhyNot() is { } why)
                logger.LogError("no sign of life is given outside: {Reason}", why);
            else
                await SendAsync(stoppingToken);
            await Task.Delay(settings.Every, time, stoppingToken);
        }
    }

    private string? WhyNot()
    {
        var now = time.GetUtcNow();
        if (lastHeadAt() is { } last && last != headAt)
            (headAt, seenAt) = (last, last < now ? last : now);
        // Of a clock that was set back nothing is known, until the next block.
        return logbook.Overtaken
            ?? ((now - seenAt).Duration() > HeadMayBeOld ? "the chain has given no block for ten minutes" : null);
    }

    private async Task SendAsync(CancellationToken stoppingToken)
    {
        using var deadline = new CancellationTokenSource(AnswersWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, deadline.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address);
            using var answer = await http.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (!answer.IsSuccessStatusCode)
                logger.LogError(
                    "the sign of life was not taken: {Host} answered {Status}", address.Host, (int)answer.StatusCode);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException
            && !stoppingToken.IsCancellationRequested)
        {
            logger.LogError("the sign of life did not get to {Host}", address.Host);
        }
    }
}
