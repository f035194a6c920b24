using System.Globalization;
using Tocsin.Communications;
using Tocsin.Plans;

namespace Tocsin.Reachability;

/// <summary>What is said by canaries, and of them.</summary>
public static class CanaryWords
{
    /// <summary>One sentence for an event.</summary>
    /// <exception cref="InvalidOperationException">The event is of a kind that this version does not know.</exception>
    public static string Line(CanaryEvent happened) => happened switch
    {
        CanaryEvent.Sent { By: null } sent => $"{sent.Canary} went to {sent.Channel}, as it does every so often.",
        CanaryEvent.Sent sent => $"{sent.By} sent {sent.Canary} to {sent.Channel}.",
        CanaryEvent.Accepted { IsLastWord: true } accepted =>
            $"{accepted.Canary} was taken over; its receiver never says more.",
        CanaryEvent.Accepted accepted => $"{accepted.Canary} was taken over, and has yet to arrive.",
        CanaryEvent.Arrived arrived => $"{arrived.Canary} arrived after {arrived.LatencyMs} ms"
            + $"{(arrived.Attempts > 1 ? $", attempt {arrived.Attempts}" : "")}.",
        CanaryEvent.Confirmed answered => $"{answered.Person} has {answered.Canary} ({answered.Means}).",
        CanaryEvent.Lost lost => $"{lost.Canary} is lost: {lost.Why}.",
        _ => throw new InvalidOperationException($"no words for {happened.GetType().Name}"),
    };

    /// <summary>Of the alert in the outbox.</summary>
    public static string KeyOf(CanaryId canary, string channel) => $"{canary}/{channel}";

    /// <summary>What is sent.</summary>
    /// <param name="page">Of the ways to people.</param>
    /// <param name="answer">By which its one person says that they have it; null for a channel of many.</param>
    public static Alert Write(
        CanaryEvent.Sent sent, string key, Person? person, Uri page, Uri? answer, string logHead, DateTimeOffset now) =>
        new(
            key,
            sent.Canary.ToString(),
            AlertReason.Canary,
            sent.Severity,
            now,
            $"Nothing has happened: this proves that alerts arrive by '{sent.Channel}'",
            "None. A test of how Tocsin reaches people.",
            "None.",
            [],
            person is null
                ? "Nothing."
                : $"{person.Name}: answer by its link, button or key, where it has one, so that it is known that "
                    + "this way reaches you.",
            sent.By is null ? "Tocsin, by its schedule" : $"Asked for by {sent.By}",
            page,
            answer,
            logHead,
            Exercise: false);

    /// <summary>For example <c>CANARY-7 is on its way since 12:00:05 UTC</c>.</summary>
    public static string Underway(Canary canary) => string.Create(
        CultureInfo.InvariantCulture, $"{canary.Id} is on its way since {canary.SentAt.UtcDateTime:HH:mm:ss} UTC");

    /// <summary>For example <c>9 of 10 arrived, the last on 2026-03-01 12:00 UTC</c>.</summary>
    public static string InWords(Reach reach)
    {
        if (reach.Tried == 0)
            return "never tried";
        var last = reach.ProvenAt is { } at
            ? string.Create(CultureInfo.InvariantCulture, $", the last on {at.UtcDateTime:yyyy-MM-dd HH:mm} UTC")
            : "";
        var answered = reach.Answered > 0 ? $", {reach.Answered} answered" : "";
        var arrived = reach is { IsTakenOverOnly: true, Proven: > 0 } ? "were taken over by its receiver" : "arrived";
        var lost = reach.Why is null ? "" : $"; {reach.Why}";
        return $"{reach.Proven} of {reach.Tried} {arrived}{answered}{last}{lost}";
    }
}
