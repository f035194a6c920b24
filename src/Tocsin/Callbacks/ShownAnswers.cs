using System.Text.Json;
using System.Threading.Channels;
using Tocsin.Channels;
using Tocsin.Channels.Slack;
using Tocsin.Communications;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.Recording;
using Tocsin.Storage;

namespace Tocsin.Callbacks;

/// <summary>
/// Shows in a channel what was answered there. It comes after the answer is recorded and never before the provider's
/// reply, and one that fails is not tried again: the war room has it.
/// </summary>
internal sealed class ShownAnswers(
    IReadOnlyList<IChannel> channels, Logbook logbook, EventStore store, ILogger<ShownAnswers> logger)
{
    private const int Most = 100;

    private readonly Channel<Func<CancellationToken, Task<DeliveryResult>>> waiting =
        Channel.CreateBounded<Func<CancellationToken, Task<DeliveryResult>>>(
            new BoundedChannelOptions(Most) { FullMode = BoundedChannelFullMode.DropOldest });

    public void Show(string channel, CallbackWord.Answered said, IncidentId incident)
    {
        if (Bot(channel) is not { } bot || said.Receipt is not { } receipt)
            return;
        waiting.Writer.TryWrite(ct => logbook.Book[incident] is { } known && Sent(channel, receipt) is { } alert
            ? bot.ShowAsync(receipt, alert, Words(known), keepsButtons: !known.Answers.Any(), ct)
            : Task.FromResult<DeliveryResult>(new DeliveryResult.Permanent("the message is none of the log")));
    }

    /// <summary>Why somebody's answer was not taken, to them alone.</summary>
    public void Tell(string channel, CallbackWord.Answered said, string words)
    {
        if (Bot(channel) is { } bot && said.Receipt is { } receipt)
            waiting.Writer.TryWrite(ct => bot.TellAsync(receipt, said.Account, words, ct));
    }

    public async Task RunAsync(CancellationToken stoppingToken)
    {
        await foreach (var show in waiting.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                if (await show(stoppingToken) is not DeliveryResult.Delivered and var result)
                    logger.LogWarning("an answer could not be shown: {Result}", result.GetType().Name);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logger.LogWarning(e, "an answer could not be shown");
            }
        }
    }

    /// <summary>Who has said what, in the order in which they first did.</summary>
    public static string Words(Incident incident)
    {
        var said = incident.Acknowledgements.Skip(incident.FormerAnswers).Select(one => one.Person)
            .Concat(incident.Pages.Answers.Select(one => one.Person))
            .Distinct()
            .Select(person =>
                $"{person} {InWords(incident.Pages.AnswerOf(person)?.Answer ?? PageAnswer.Informed)}");
        return "Answered: " + string.Join(" · ", said);
    }

    private static string InWords(PageAnswer answer) => answer switch
    {
        PageAnswer.Informed => "acknowledged",
        PageAnswer.AbleToSign => "acknowledged, able to sign",
        PageAnswer.Unable => "is unable to help",
    };

    private SlackBot? Bot(string channel) => channels.OfType<SlackBot>().FirstOrDefault(bot => bot.Name == channel);

    // The message may be one of another channel of the same app, or of an incident that was merged since; and it may
    // have told of several alerts.
    private Alert? Sent(string channel, string receipt)
    {
        var told = logbook.Book.Incidents.Values.SelectMany(incident => incident.Deliveries)
            .Where(one => one.Receipt == receipt)
            .ToList();
        var here = told.Exists(one => one.Channel == channel) ? channel : told.FirstOrDefault()?.Channel;
        var alerts = told.Where(one => one.Channel == here)
            .Select(one => store.FindOutbox(one.Key))
            .OfType<OutboxState>()
            .OrderBy(sent => sent.Item.CreatedAt)
            .Select(sent => JsonSerializer.Deserialize<Alert>(sent.Item.Alert, EventJson.Options)!)
            .ToList();
        return alerts.Count == 0 ? null : Grouping.Of(alerts);
    }
}
