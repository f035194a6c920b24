namespace Tocsin.Plans;

/// <summary>Lints where the world reads along: a channel of public words that is also one of ours.</summary>
internal static class PublicChannelCheck
{
    public static void Check(Plan plan, List<Complaint> complaints)
    {
        var ours = new Dictionary<string, string>();
        foreach (var communication in plan.Communications.Where(one => !one.IsPublic))
            foreach (var channel in Channels(communication))
                ours.TryAdd(channel, $"what is meant for '{communication.Audience}' alone");
        foreach (var person in plan.People)
            foreach (var way in person.Ways)
                ours.TryAdd(way, $"what is meant for '{person.Id}' alone");
        foreach (var communication in plan.Communications.Where(one => one.IsPublic))
            foreach (var channel in Channels(communication).Where(ours.ContainsKey))
                PlanCheck.Warn(
                    complaints, communication.At, $"channel '{channel}' of {UpdateCheck.Named(communication)}, which "
                        + $"is public, also carries {ours[channel]}: give public words a channel of their own");
    }

    private static IEnumerable<string> Channels(Communication communication) =>
        new[] { communication.Channel, communication.Backup }.OfType<string>().Distinct();
}
