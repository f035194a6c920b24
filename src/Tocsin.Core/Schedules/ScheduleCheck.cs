using Tocsin.Chains;
using Tocsin.Plans;
using static Tocsin.Plans.PlanCheck;

namespace Tocsin.Schedules;

/// <summary>Lints the schedules of a plan: whether somebody is on call when that is promised, and can decide.</summary>
public static class ScheduleCheck
{
    /// <summary>So far ahead a promise must be kept: a year, and time to notice before it ends.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromDays(400);

    private const int MostSchedules = 100;

    // Four weeks: the hours of people and the shorter turns come round in them.
    private const int HoursTried = 4 * 7 * 24;

    /// <summary>What is wrong with them at any time: with that nobody might be on call at all.</summary>
    public static void CheckText(Plan plan, List<Complaint> complaints)
    {
        if (plan.Schedules.Count > MostSchedules)
        {
            Error(complaints, plan.Schedules[MostSchedules].At, $"a plan has at most {MostSchedules} schedules");
            return;
        }
        CheckNames(plan, complaints);
        foreach (var schedule in plan.Schedules)
            CheckRotations(plan, schedule, complaints);
    }

    /// <summary>What is wrong from an instant on.</summary>
    /// <param name="from">Now: what is over by then is not complained about.</param>
    public static void Check(Plan plan, DateTimeOffset from, List<Complaint> complaints)
    {
        // CheckText says so.
        if (plan.Schedules.Count > MostSchedules)
            return;
        foreach (var schedule in plan.Schedules)
        {
            var (found, broken) = (new List<Complaint>(), new List<Complaint>());
            CheckOverrides(plan, schedule, from, found);
            // What a broken schedule leaves open would only say the same again.
            CheckRotations(plan, schedule, broken);
            if (found.Concat(broken).All(complaint => complaint.Level != ComplaintLevel.Error))
                CheckPromise(schedule, from, found);
            complaints.AddRange(found);
        }
        CheckDecisions(plan, from, complaints);
    }

    private static void CheckNames(Plan plan, List<Complaint> complaints)
    {
        var names = plan.People.SelectMany(person => person.Roles.Add(person.Id)).Concat(["core", "extended"])
            .ToHashSet();
        var seen = new Dictionary<string, SourceLine>();
        foreach (var schedule in plan.Schedules)
        {
            if (!seen.TryAdd(schedule.Id, schedule.At))
                Error(complaints, schedule.At, $"schedule '{schedule.Id}' is defined twice, first at "
                    + $"{seen[schedule.Id]}; rename one");
            if (names.Contains(schedule.Id))
                Error(complaints, schedule.At, $"schedule '{schedule.Id}' has the name of a person, role or team, "
                    + "so nobody could tell which of them is to be told; rename it");
        }
    }

    private static void CheckRotations(Plan plan, Schedule schedule, List<Complaint> complaints)
    {
        if (schedule.Rotations.Count == 0)
            Error(complaints, schedule.At, $"schedule '{schedule.Id}' has no rotation: nobody would be on call");
        foreach (var rotation in schedule.Rotations)
        {
            if (rotation.People.Count == 0)
                Error(complaints, schedule.At, $"a rotation of schedule '{schedule.Id}' has no people");
            foreach (var person in rotation.People.Distinct())
                CheckPerson(plan, schedule, person, "a rotation", complaints);
            foreach (var twice in rotation.People.GroupBy(person => person).Where(turns => turns.Count() > 1))
                Error(complaints, schedule.At, $"'{twice.Key}' is in a rotation of schedule '{schedule.Id}' twice");
        }
    }

    private static void CheckOverrides(Plan plan, Schedule schedule, DateTimeOffset from, List<Complaint> complaints)
    {
        foreach (var one in schedule.Overrides.Where(one => one.To <= one.From))
            Error(complaints, schedule.At, $"the override of schedule '{schedule.Id}' from {Local(schedule, one.From)} "
                + $"ends before it begins, at {Local(schedule, one.To)}");
        // What is over stays in a plan as a record; who was named there may have left.
        var ahead = schedule.Overrides.Where(one => one.To > from && one.To > one.From).OrderBy(one => one.From)
            .ToList();
        foreach (var person in ahead.Select(one => one.Person).Distinct())
            CheckPerson(plan, schedule, person, "an override", complaints);
        var end = DateTimeOffset.MinValue;
        foreach (var one in ahead)
        {
            if (one.From < end)
                Warn(complaints, schedule.At, $"two overrides of schedule '{schedule.Id}' hold from "
                    + $"{Local(schedule, one.From)} on; the later written one wins");
            end = one.To > end ? one.To : end;
        }
    }

    private static void CheckPerson(
        Plan plan, Schedule schedule, string person, string where, List<Complaint> complaints)
    {
        if (plan.Person(person) is null)
            Error(complaints, schedule.At, $"{where} of schedule '{schedule.Id}' names '{person}', who is not in the "
                + $"team{Near(person, plan.People.Select(known => known.Id))}");
    }

    private static void CheckPromise(Schedule schedule, DateTimeOffset from, List<Complaint> complaints)
    {
        var gaps = OnCall.Gaps(schedule, from, from + Ahead);
        if (gaps is not [var first, ..])
            return;
        var until = first.To < from + Ahead ? $"to {Local(schedule, first.To)}" : "on";
        var others = gaps.Count == 1 ? "" : $", nor in {gaps.Count - 1} more stretches of the coming {Ahead.Days} days";
        Error(complaints, schedule.At, $"schedule '{schedule.Id}' promises somebody, but nobody is on call from "
            + $"{Local(schedule, first.From)} {until} ({schedule.Zone.Id}){others}");
    }

    private static string Local(Schedule schedule, DateTimeOffset instant) =>
        schedule.Zone.LocalAt(instant).ToString("ddd yyyy-MM-dd HH:mm");

    /// <summary>Decisions that need people who at some hour are neither on call nor awake.</summary>
    private static void CheckDecisions(Plan plan, DateTimeOffset from, List<Complaint> complaints)
    {
        var everyone = plan.People.Select(person => person.Wallet).OfType<Address>().ToValueList();
        // Many hours have the same people: who they are is worked out once for each hour, and judged once for each set.
        var present = HoursFrom(from)
            .GroupBy(hour => Present(plan, hour))
            .Where(hours => !hours.Key.Equals(everyone))
            .Select(hours => (Wallets: hours.Key, First: hours.First(), Count: hours.Count()))
            .ToList();
        foreach (var decision in plan.Decisions)
        {
            var rule = plan.ApprovalRule(decision);
            // One that can never be taken is told as that.
            if (!rule.IsMetBy(everyone))
                continue;
            var without = present.FindAll(hours => !rule.IsMetBy(hours.Wallets));
            if (without.Count > 0)
                Warn(complaints, decision.At, $"nobody could take decision '{decision.Id}' on "
                    + $"{without.Min(hours => hours.First).UtcDateTime:ddd yyyy-MM-dd HH:mm} UTC: too few who can "
                    + "approve it are then on call or awake; so it is in "
                    + $"{without.Sum(hours => hours.Count)} of the {HoursTried} hours of the coming four weeks");
        }
    }

    private static IEnumerable<DateTimeOffset> HoursFrom(DateTimeOffset from)
    {
        var utc = from.UtcDateTime;
        var hour = new DateTimeOffset(utc.Date.AddHours(utc.Hour), TimeSpan.Zero);
        return Enumerable.Range(0, HoursTried).Select(number => hour.AddHours(number));
    }

    /// <summary>The wallets of who is on call, awake, or of whom the plan does not say when they are.</summary>
    private static ValueList<Address> Present(Plan plan, DateTimeOffset hour)
    {
        var onCall = plan.Schedules.SelectMany(schedule => OnCall.At(schedule, hour)).ToHashSet();
        return plan.People
            .Where(person => person.Wallet is not null && (onCall.Contains(person.Id) || MayBeAwake(person, hour)))
            .Select(person => person.Wallet!.Value)
            .ToValueList();
    }

    private static bool MayBeAwake(Person person, DateTimeOffset at) =>
        person is not { Zone: { } zone, Awake: { } awake }
        || awake.Contains(TimeOnly.FromDateTime(zone.LocalAt(at)));
}
