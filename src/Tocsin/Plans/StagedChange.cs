using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>
/// The files of an accepted change, on their way into the plan's folder. All of them lie beside their places before the
/// log says that they are accepted, and are renamed after that. While one lies there the folder is no plan
/// (<see cref="PlanReader.Load"/>), so that nobody ever takes half a change for one; whatever ends the server between
/// two of them, the rest is done, or all of it taken back, by what the log says.
/// </summary>
internal static class StagedChange
{
    private const string Mark = ".proposal-";

    /// <summary>Those that lie in a folder, by name; of no folder there are none.</summary>
    public static IReadOnlyList<string> In(string folder)
    {
        string[] places = [folder, Path.Combine(folder, PlanReader.ProcedureFolder)];
        return
        [
            .. places.Where(Directory.Exists).SelectMany(place => Directory.GetFiles(place, $"*{Mark}*"))
                .Where(file => NumberOf(file) is not null)
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>The numbers of the proposals of which some lie in the folder.</summary>
    public static IReadOnlyList<int> Numbers(string folder) =>
        [.. In(folder).Select(NumberOf).OfType<int>().Distinct()];

    /// <summary>Writes every file beside its place, to the disk.</summary>
    /// <exception cref="InputException">A place leads elsewhere, or cannot be written.</exception>
    public static void Stage(string folder, PlanProposal proposal)
    {
        try
        {
            if (new DirectoryInfo(Path.Combine(folder, PlanReader.ProcedureFolder)).LinkTarget is not null)
                throw new InputException($"'{PlanReader.ProcedureFolder}' is a link: change the plan where it leads");
            foreach (var change in proposal.Changes)
            {
                if (new FileInfo(Place(folder, change)).LinkTarget is not null)
                    throw new InputException($"'{change.Name}' is a link: change it where it leads");
                Directory.CreateDirectory(Path.GetDirectoryName(Place(folder, change))!);
                Write(folder, proposal.Number, change);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"the plan's folder cannot be written to: {e.Message}", e);
        }
    }

    /// <summary>Takes back what was staged.</summary>
    public static void Discard(string folder, int number)
    {
        foreach (var file in In(folder).Where(file => NumberOf(file) == number))
            File.Delete(file);
    }

    /// <summary>Puts what is staged of an accepted change into its place. To repeat it is harmless.</summary>
    /// <returns>The files that somebody changed meanwhile, which stay as they are.</returns>
    /// <exception cref="IOException">It cannot be done yet.</exception>
    public static IReadOnlyList<string> Finish(string folder, PlanProposal proposal)
    {
        var left = new List<string>();
        foreach (var change in proposal.Changes)
        {
            var staged = Staged(folder, proposal.Number, change);
            var present = Text(folder, change);
            if (present == change.After && !File.Exists(staged))
                continue;
            if (present != change.Before && present != change.After)
            {
                left.Add(change.Name);
                File.Delete(staged);
                continue;
            }
            // The log says what was accepted; the file may have been written to since.
            Write(folder, proposal.Number, change);
            File.Move(staged, Place(folder, change), overwrite: true);
        }
        return left;
    }

    private static void Write(string folder, int number, PlanChange change)
    {
        // Beside it first: a staged file that is gone for a moment would be taken for one that was never staged.
        var written = Staged(folder, number, change) + "~";
        File.Delete(written);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(written, options))
        {
            // Who may read the plan today may read it tomorrow, and nobody else.
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(file.SafeFileHandle, ModeOf(folder, change));
            file.Write(Encoding.UTF8.GetBytes(change.After));
            file.Flush(flushToDisk: true);
        }
        File.Move(written, Staged(folder, number, change), overwrite: true);
    }

    [UnsupportedOSPlatform("windows")]
    private static UnixFileMode ModeOf(string folder, PlanChange change) => File.GetUnixFileMode(
        File.Exists(Place(folder, change)) ? Place(folder, change) : Path.Combine(folder, PlanReader.MainFile));

    private static string? Text(string folder, PlanChange change) => File.Exists(Place(folder, change))
        ? PlainFile.Read(Place(folder, change), PlanReader.MaximumFileBytes)
        : null;

    private static string Place(string folder, PlanChange change) => Proposing.IsName(change.Name)
        ? Path.Combine(folder, change.Name)
        : throw new InvalidOperationException($"'{change.Name}' is no file of a plan");

    private static string Staged(string folder, int number, PlanChange change) =>
        $"{Place(folder, change)}{Mark}{number.ToString(CultureInfo.InvariantCulture)}";

    private static int? NumberOf(string file)
    {
        var at = file.LastIndexOf(Mark, StringComparison.Ordinal);
        return at >= 0
            && int.TryParse(
                file.AsSpan(at + Mark.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
    }
}
