namespace Tocsin.Plans;

/// <summary>Whose a channel is.</summary>
public static class OwnWay
{
    /// <summary>The one person whom a channel reaches; null for one that several hear, or nobody.</summary>
    public static Person? PersonOf(Plan plan, string channel) =>
        plan.People.Where(person => person.Ways.Contains(channel)).Take(2).ToList() is [var only]
        && !plan.Struck.Any(other => other.Ways.Contains(channel))
        && !plan.Communications.Any(one => one.Channel == channel || one.Backup == channel)
            ? only
            : null;
}
