namespace Tocsin.Plans;

/// <summary>Lints procedures: whether anybody ever tried what they say.</summary>
internal static class ProcedureCheck
{
    public static void Check(Plan plan, List<Complaint> complaints)
    {
        foreach (var procedure in plan.Procedures)
        {
            var untested = procedure.Steps.Count(step => step.Tested is null);
            if (untested > 0)
                complaints.Add(new Complaint(
                    procedure.At, ComplaintLevel.Warning, $"nobody ever tried {untested} of {procedure.Steps.Count} "
                        + $"steps of procedure '{procedure.Id}': try them, and write the day under 'tested'")
                {
                    Alike = "procedures with steps that nobody ever tried: try them, and write the day under 'tested'",
                });
        }
    }
}
