namespace Tocsin.Plans;

/// <summary>Lints how long people have: what is worse must not be slower.</summary>
internal static class SeverityCheck
{
    private static readonly (string Name, Func<SeverityTimes, TimeSpan?> Of)[] Spans =
    [
        ("acknowledge", times => times.Acknowledge), ("assemble", times => times.Assemble),
        ("assess", times => times.Assess), ("decide", times => times.Decide), ("contain", times => times.Contain),
        ("update", times => times.Update), ("review", times => times.Review),
    ];

    public static void Check(Plan plan, List<Complaint> complaints)
    {
        PlanCheck.Unique(
            plan.Times, times => ($"{(int)times.Severity}", times.At), "severity", complaints);
        var rows = plan.Times.DistinctBy(times => times.Severity).OrderBy(times => times.Severity).ToList();
        foreach (var (worse, milder) in rows.Zip(rows.Skip(1)))
            foreach (var (name, of) in Spans)
                if (of(worse) is { } first && of(milder) is { } second && first > second)
                    PlanCheck.Warn(
                        complaints, worse.At, $"'{name}' takes {Spoken.Of(first)} at severity {(int)worse.Severity}, "
                            + $"but {Spoken.Of(second)} at severity {(int)milder.Severity}, which is not as bad");
    }
}
