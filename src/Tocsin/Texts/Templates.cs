using System.Reflection;

namespace Tocsin.Texts;

/// <summary>The text files that are built into the program, by their path below <c>Templates/</c>.</summary>
internal static class Templates
{
    private const string Prefix = "templates/";

    /// <summary>Writes a folder of templates, all of it or nothing.</summary>
    /// <param name="values">What each <c>{{name}}</c> stands for.</param>
    /// <returns>The files that were written.</returns>
    /// <exception cref="InputException">A file exists already, or the folder cannot be written to.</exception>
    public static IReadOnlyList<string> Write(
        string folder, string directory, IReadOnlyDictionary<string, string> values) =>
        Write([folder], directory, values);

    /// <inheritdoc cref="Write(string, string, IReadOnlyDictionary{string, string})"/>
    /// <param name="folders">Of two files with one name, that of the later folder is written.</param>
    public static IReadOnlyList<string> Write(
        IReadOnlyList<string> folders, string directory, IReadOnlyDictionary<string, string> values)
    {
        var files = folders.SelectMany(Files)
            .GroupBy(file => file.Path)
            .Select(same => (same.Last().Name, Target: Path.Combine(directory, same.Key)))
            .OrderBy(file => file.Target, StringComparer.Ordinal)
            .ToList();
        if (files.Find(file => File.Exists(file.Target)) is { Target: { } taken })
            throw new InputException($"{taken} exists already; choose an empty folder");
        var written = new List<string>();
        try
        {
            foreach (var (name, target) in files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
                using var file = new FileStream(target, FileMode.CreateNew);
                written.Add(target);
                using var writer = new StreamWriter(file);
                writer.Write(Fill(Read(name), values));
            }
            return written;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            written.ForEach(File.Delete);
            throw new InputException($"{directory} cannot be written to: {e.Message}", e);
        }
    }

    /// <summary>The text of one template as it is, by its path.</summary>
    public static string Text(string path) =>
        Read(Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Single(name => name.Replace('\\', '/') == Prefix + path));

    /// <summary>The files of a folder, each with its path below it.</summary>
    private static IEnumerable<(string Name, string Path)> Files(string folder) =>
        Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Select(name => (Name: name, Path: name.Replace('\\', '/')))
            .Where(file => file.Path.StartsWith($"{Prefix}{folder}/", StringComparison.Ordinal))
            .Select(file => (file.Name, file.Path[(Prefix.Length + folder.Length + 1)..]));

    private static string Read(string name)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private static string Fill(string text, IReadOnlyDictionary<string, string> values) =>
        values.Aggregate(
            text, (filled, value) => filled.Replace($"{{{{{value.Key}}}}}", value.Value, StringComparison.Ordinal));
}
