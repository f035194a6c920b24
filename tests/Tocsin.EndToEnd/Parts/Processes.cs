using System.Globalization;

namespace Tocsin.EndToEnd.Parts;

/// <summary>A process as <c>/proc</c> shows it.</summary>
internal sealed record ProcessLine(int Id, int Parent, string Name, char State, string Arguments);

/// <summary>Looks at the processes of this machine (Linux: proc(5)).</summary>
internal static class Processes
{
    public static IReadOnlyList<ProcessLine> All() =>
        [.. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _))
            .Select(name => Read(name!)).OfType<ProcessLine>()];

    /// <summary>Everything that descends from a process.</summary>
    public static IReadOnlyList<ProcessLine> Below(int id)
    {
        var all = All();
        var found = new List<ProcessLine>();
        var parents = new HashSet<int> { id };
        while (
            all.Where(process => parents.Contains(process.Parent) && !found.Contains(process))
                .ToList() is { Count: > 0 } next)
        {
            found.AddRange(next);
            parents.UnionWith(next.Select(process => process.Id));
        }
        return found;
    }

    /// <summary>A zombie has ended too; only nobody has asked for its exit code yet.</summary>
    public static bool IsAlive(ProcessLine process) =>
        Read(process.Id.ToString(CultureInfo.InvariantCulture)) is { State: not 'Z' } now && now.Name == process.Name;

    private static ProcessLine? Read(string id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var name = stat[(stat.IndexOf('(') + 1)..stat.LastIndexOf(')')];
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var arguments = File.ReadAllText($"/proc/{id}/cmdline").Replace('\0', ' ');
            return new ProcessLine(
                int.Parse(id, CultureInfo.InvariantCulture), int.Parse(fields[1], CultureInfo.InvariantCulture), name,
                fields[0][0], arguments);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // It ended while we looked.
        }
    }
}
