using Tocsin.Communications;
using Tocsin.Configuration;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;

namespace Tocsin.Delivery;

/// <summary>What somebody asks for over the API.</summary>
/// <param name="Anyway">Also where responders would have no channel of many left.</param>
internal sealed record SubmittedJudgement(string By, string Reason, bool Anyway = false);

/// <summary>Where channels are said to be in wrong hands, or ours again; all of a kind at once by the kind's name.
/// </summary>
/// <param name="exercise">True where everything is a drill.</param>
internal sealed class DistrustDesk(Logbook logbook, ValueList<ChannelSettings> channels, bool exercise)
{
    public IReadOnlyList<Distrust> List() => [.. logbook.Book.Distrusts.Now];

    public JudgementOutcome Distrust(string name, SubmittedJudgement asked) =>
        Record(name, asked, Distrusting.Distrust);

    public JudgementOutcome Trust(string name, SubmittedJudgement asked) => Record(name, asked, Distrusting.Trust);

    private JudgementOutcome Record(
        string name,
        SubmittedJudgement asked,
        Func<IncidentBook, Plan, ChannelJudgement, DateTimeOffset, JudgementOutcome> judge)
    {
        var judgement = new ChannelJudgement(name, Named(name), asked.By, asked.Reason, asked.Anyway, exercise);
        var outcome = new JudgementOutcome("no plan is in force", [], [], []);
        logbook.Record((book, now) =>
        {
            if (logbook.InForce is { } plan)
                outcome = judge(book, plan, judgement, now);
            return outcome.Events;
        });
        return outcome;
    }

    // A kind has several ids where it is reached in several ways: 'slack' is the bot and the webhook.
    private ValueList<string> Named(string name) => channels
        .Where(channel => channel.Name == name || channel.Kind.Id == name
            || channel.Kind.Id.StartsWith($"{name}-", StringComparison.Ordinal))
        .Select(channel => channel.Name)
        .ToValueList();
}
