using Tocsin.Plans;
using Tocsin.Schedules;

namespace Tocsin.Paging;

/// <summary>Who is meant by the names that an escalation gives.</summary>
public static class Called
{
    /// <summary>
    /// The people behind names of persons, roles, schedules and teams: of a schedule whoever is on call at that
    /// instant. In the order of the plan's team, each once.
    /// </summary>
    public static ValueList<Person> People(Plan plan, IEnumerable<string> names, DateTimeOffset at)
    {
        var wanted = names.ToHashSet(StringComparer.Ordinal);
        var onCall = plan.Schedules
            .Where(schedule => wanted.Contains(schedule.Id))
            .SelectMany(schedule => OnCall.At(schedule, at))
            .ToHashSet(StringComparer.Ordinal);
        return plan.People.Where(person => IsNamed(person, wanted) || onCall.Contains(person.Id)).ToValueList();
    }

    private static bool IsNamed(Person person, HashSet<string> names) =>
        names.Contains(person.Id) || names.Contains(person.Core ? "core" : "extended")
            || person.Roles.Any(names.Contains);
}
