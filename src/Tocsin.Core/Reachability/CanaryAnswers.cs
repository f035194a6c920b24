using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Reachability;

/// <summary>What people may do with canaries, as pure functions of the state of the moment.</summary>
public static class CanaryAnswers
{
    private static readonly TimeSpan BetweenTests = TimeSpan.FromMinutes(1);

    /// <summary>A person has it. Idempotent.</summary>
    /// <param name="person">By their id.</param>
    public static Ruling Answer(Canaries canaries, Plan plan, CanaryId id, string person, string means)
    {
        if (canaries[id] is not { } canary)
            return Ruling.Refuse($"{id} is not known any more");
        if (plan.Person(person) is not { } known)
            return Ruling.Refuse("the plan names no such person");
        if (canary.Person is { } own && own != known.Id)
            return Ruling.Refuse($"{id} went to somebody else");
        return canary.AnsweredAt is not null ? Ruling.Nothing : new CanaryEvent.Confirmed(id, known.Id, means);
    }

    /// <summary>Somebody tests a channel now, as a page would go.</summary>
    /// <param name="by">By their id.</param>
    public static Ruling Test(
        Canaries canaries, Plan plan, IReadOnlyList<string> channels, string channel, string by,
        Findings.Severity severity, DateTimeOffset now)
    {
        if (!channels.Contains(channel, StringComparer.Ordinal))
            return Ruling.Refuse(
                $"tocsin.yaml has no such channel{PlanCheck.Near(channel, channels)}; it has "
                + string.Join(", ", channels.Order(StringComparer.Ordinal).Take(20)));
        if (plan.Person(by) is not { } asked)
            return Ruling.Refuse("the plan names no such person");
        // The second press of somebody who sees nothing yet must not ring twice.
        if (canaries.Open.FirstOrDefault(open => open.Channel == channel && open.By is not null) is { } open)
            return Ruling.Refuse($"{open.Id} is on its way to '{channel}' already");
        // Whoever mends why one was lost tries again at once.
        var rung = canaries.All.Values.Where(one => one is { By: not null, Why: null } && one.Channel == channel);
        var left = rung.Select(one => BetweenTests - (now - one.SentAt).Duration()).DefaultIfEmpty().Max();
        if (left > TimeSpan.Zero)
            return Ruling.Refuse($"'{channel}' was tested within the last minute, and whoever hears it is a person: "
                + $"{Math.Ceiling(left.TotalSeconds):0} seconds are left; '--direct' sends one without the server");
        if (plan.Communications.Any(one => one.IsPublic && (one.Channel == channel || one.Backup == channel)))
            return Ruling.Refuse($"the world reads '{channel}': it is never tried");
        if (plan.Distrusted.Contains(channel))
            return Ruling.Refuse($"'{channel}' is not trusted: nothing goes there");
        return new CanaryEvent.Sent(
            canaries.NextId, channel, OwnWay.PersonOf(plan, channel)?.Id, severity, asked.Id);
    }
}
