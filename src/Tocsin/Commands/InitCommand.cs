using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary><c>tocsin init</c>: writes a commented configuration with a plan to begin from.</summary>
internal static class InitCommand
{
    private const string Ignored = """
        # Never commit these.
        signer.key
        signer.journal
        signer.sock
        data/
        *.key
        *.secret
        .env

        """;

    public const string Startup = "startup";

    /// <summary>The plans to begin from, and whom each is for.</summary>
    public static IReadOnlyDictionary<string, string> Plans { get; } = new Dictionary<string, string>
    {
        [Startup] = "a small team, every section of a plan with placeholders",
        ["seal"] = "what the SEAL certification asks of incident response, with a table of where each control is met",
        ["large"] = "a hundred people and more: component teams with schedules, deputies, several incidents at once",
    };

    /// <summary>
    /// All of it or nothing: an existing file is never overwritten, and no half of a plan stays behind.
    /// </summary>
    /// <param name="from">One of <see cref="Plans"/>; each is the start-up plan with other files in place of its own.
    /// </param>
    public static int Run(string directory, string from = Startup)
    {
        foreach (var path in Templates.Write([Startup, from], directory, new Dictionary<string, string>()))
            Console.WriteLine($"wrote {path}");
        if (IsInCheckout(directory))
            Console.WriteLine(KeepOut(Path.Combine(directory, ".gitignore")));
        Console.WriteLine(
            "Next: put your addresses and people in, "
            + $"then run 'tocsin plan check {directory}' and 'tocsin serve --config {directory}'.");
        return ExitCode.Done;
    }

    // A checkout has a folder of this name, a worktree or a submodule a file.
    private static bool IsInCheckout(string directory)
    {
        for (var folder = new DirectoryInfo(Path.GetFullPath(directory)); folder is not null; folder = folder.Parent)
            if (Path.Exists(Path.Combine(folder.FullName, ".git")))
                return true;
        return false;
    }

    private static string KeepOut(string path)
    {
        try
        {
            using var file = new StreamWriter(new FileStream(path, FileMode.CreateNew));
            file.Write(Ignored);
            return $"wrote {path}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{path} was left as it is: see that signer.key, secrets and the folder data are never committed";
        }
    }
}
