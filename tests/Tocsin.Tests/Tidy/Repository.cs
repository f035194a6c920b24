namespace Tocsin.Tests.Tidy;

/// <summary>The checkout as the tidy tests read it: files that are ours, by their path below the root.</summary>
internal static class Repository
{
    private static readonly string[] NotOurs =
        ["bin", "obj", "node_modules", ".git", "out", "cache", "TestResults", "artifacts"];

    public static string Root { get; } = FindRoot();

    public static IEnumerable<string> Files(params string[] endings) => Walk(Root)
        .Where(path => endings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)))
        .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
        .Order(StringComparer.Ordinal);

    public static string[] Lines(string path) => File.ReadAllLines(Path.Combine(Root, path));

    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static IEnumerable<string> Walk(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder))
            yield return file;
        foreach (var below in Directory.EnumerateDirectories(folder))
        {
            if (NotOurs.Contains(Path.GetFileName(below)))
                continue;
            foreach (var file in Walk(below))
                yield return file;
        }
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Tocsin.slnx")))
                return folder.FullName;
        }
        throw new InvalidOperationException("the tidy tests need the checkout around them");
    }
}
