using Tocsin.Plans;

namespace Tocsin.Commands;

/// <summary>
/// What is wrong, as people read it: errors first, each by file and line, with the file named as a terminal or an
/// editor finds it. What is the same of many is one line, so that it hides nothing else.
/// </summary>
internal static class ComplaintLines
{
    public static IEnumerable<Complaint> Sorted(IEnumerable<Complaint> complaints) => complaints
        .OrderByDescending(complaint => complaint.Level)
        .ThenBy(complaint => complaint.At.File, StringComparer.Ordinal)
        .ThenBy(complaint => complaint.At.Line);

    /// <param name="plan">The folder in which the files of the plan are.</param>
    /// <param name="directory">The folder that was asked about, as it was written.</param>
    public static IEnumerable<string> Of(IEnumerable<Complaint> complaints, string plan, string directory) =>
        Sorted(complaints.Select(complaint => complaint with
        {
            At = complaint.At with { File = Found(complaint.At.File, plan, directory) },
        }))
        .GroupBy(complaint => complaint.Alike ?? (object)complaint)
        .SelectMany(group => group.Count() == 1 ? group.Select(one => one.ToString()) : [InOneLine(group.ToList())]);

    // The first place begins the line, as of every other; what each of them is, '--json' says.
    private static string InOneLine(List<Complaint> alike)
    {
        var files = alike.GroupBy(one => one.At.File).ToList();
        var where = alike.TrueForAll(one => one.Of is not null)
            ? string.Join(", ", alike.Select(one => one.Of).Distinct())
            : files.Count == 1
                ? $"lines {string.Join(", ", alike.Select(one => one.At.Line).Distinct())}"
                : string.Join(", ", alike.Select(one => one.At).Distinct());
        return $"{alike[0].At}: warning: {alike.Count} {alike[0].Alike} ({where})";
    }

    // Seen from here where it is below, else as the folder was written.
    private static string Found(string file, string plan, string directory)
    {
        var isOfPlan = file is PlanReader.MainFile or PlanReader.PrecisionFile
            || file.StartsWith($"{PlanReader.ProcedureFolder}/", StringComparison.Ordinal);
        var (here, path) = (Environment.CurrentDirectory, Path.GetFullPath(isOfPlan ? Path.Combine(plan, file) : file));
        var near = Path.GetRelativePath(here, path);
        if (!near.StartsWith("..", StringComparison.Ordinal) && !Path.IsPathRooted(near))
            return near;
        var within = Path.GetRelativePath(Path.GetFullPath(directory), path);
        return within.StartsWith("..", StringComparison.Ordinal) ? path : Path.Combine(directory, within);
    }
}
