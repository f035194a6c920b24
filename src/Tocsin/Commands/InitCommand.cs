using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary><c>tocsin init</c>: writes a commented configuration with the start-up plan.</summary>
internal static class InitCommand
{
    /// <summary>
    /// All of it or nothing: an existing file is never overwritten, and no half of a plan stays behind.
    /// </summary>
    public static int Run(string directory)
    {
        foreach (var path in Templates.Write("startup", directory, new Dictionary<string, string>()))
            Console.WriteLine($"wrote {path}");
        Console.WriteLine(
            "Next: put your addresses and people in, "
            + $"then run 'tocsin plan check {directory}' and 'tocsin serve --config {directory}'.");
        return ExitCode.Done;
    }
}
