using Tocsin.Channels;
using Tocsin.Configuration;
using Tocsin.Findings;
using Tocsin.Plans;
using Tocsin.Recording;

namespace Tocsin.Reachability;

/// <summary>A channel as people see it.</summary>
/// <param name="Person">By their name, whose own way it is; null for a channel of many.</param>
/// <param name="Score">In percent of the last canaries; null where none has ended.</param>
/// <param name="Words">What the last canaries gave, in words.</param>
/// <param name="HearsBack">True where its provider's buttons, keys and receipts come to us.</param>
/// <param name="Distrust">By whom and why it is not trusted; null where it is.</param>
public sealed record ChannelRow(
    string Name, string Kind, string What, string? Person, bool HearsBack, int? Score, bool? Reached, string Words,
    string? Distrust)
{
    /// <summary>True where somebody can answer what arrives there: its provider is heard, or it is one person's own way
    /// that carries their link or takes their key.</summary>
    public bool CanAnswer { get; init; }
}

/// <summary>A test, and what its receiver said to the last attempt; null where nothing was attempted.</summary>
internal sealed record CanaryRow(Canary Canary, string? LastWord);

/// <summary>Where people look after the ways by which alerts reach them.</summary>
internal sealed class ChannelDesk(
    Logbook logbook, IReadOnlyList<IChannel> channels, TocsinConfiguration configuration)
{
    private readonly IReadOnlyList<string> names = [.. channels.Select(channel => channel.Name)];

    public IReadOnlyList<ChannelRow> List()
    {
        var plan = logbook.InForce;
        return [.. configuration.Channels.Select(channel => Row(channel, plan))];
    }

    /// <summary>Sends a test as a page would go.</summary>
    /// <param name="by">By their id in the plan.</param>
    public (CanaryId? Sent, string? Refusal) Test(string channel, string by, Severity severity)
    {
        CanaryId? sent = null;
        var refusal = Record(
            (canaries, plan, now) => CanaryAnswers.Test(canaries, plan, names, channel, by, severity, now),
            happened => sent = happened.Canary);
        return (sent, refusal);
    }

    /// <summary>Null where the answer is recorded now, or was before; else why not.</summary>
    public string? Answer(CanaryId id, string person, string means) =>
        Record((canaries, plan, _) => CanaryAnswers.Answer(canaries, plan, id, person, means), _ => { });

    public Canary? Find(CanaryId id) => logbook.Book.Canaries[id];

    public CanaryRow? RowOf(CanaryId id) => Find(id) is { } canary
        ? new(canary, logbook.LastWordOn(CanaryWords.KeyOf(id, canary.Channel)))
        : null;

    private ChannelRow Row(ChannelSettings channel, Plan? plan)
    {
        var person = plan is null ? null : OwnWay.PersonOf(plan, channel.Name);
        var (book, isHeard) = (
            logbook.Book, channels.FirstOrDefault(one => one.Name == channel.Name) is IHearsBack { Listens: true });
        var reach = Reach.Of(book.Canaries, new Line(channel.Name, person?.Id));
        return new(
            channel.Name, channel.Kind.Id, channel.Kind.What, person?.Name, isHeard, reach.Score, reach.IsReached,
            Underway(book.Canaries, channel.Name) + CanaryWords.InWords(reach),
            book.Distrusts.Of(channel.Name) is { } distrust ? $"{distrust.By}: {distrust.Reason}" : null)
        {
            CanAnswer = isHeard || (person is not null && channel.LetsAnswer),
        };
    }

    // Whoever waits for it wants to know what stands in its way.
    private string Underway(Canaries canaries, string channel)
    {
        if (canaries.Open.LastOrDefault(canary => canary.Channel == channel) is not { } open)
            return "";
        var word = logbook.LastWordOn(CanaryWords.KeyOf(open.Id, channel));
        return CanaryWords.Underway(open) + (word is null ? "; " : $" ({word}); ");
    }

    private string? Record(
        Func<Canaries, Plan, DateTimeOffset, Incidents.Ruling> rule, Action<CanaryEvent> recorded)
    {
        var ruling = Incidents.Ruling.Refuse("no plan is in force");
        logbook.Record((book, now) =>
        {
            if (logbook.InForce is { } plan)
                ruling = rule(book.Canaries, plan, now);
            return ruling.Events;
        });
        foreach (var happened in ruling.Events.OfType<CanaryEvent>())
            recorded(happened);
        return ruling.Refusal;
    }
}
