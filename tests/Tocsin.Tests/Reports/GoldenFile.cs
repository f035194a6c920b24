using System.Runtime.CompilerServices;

namespace Tocsin.Tests.Reports;

/// <summary>Compares a text with the one that was looked at and kept beside the test as <c>*.verified.*</c>.</summary>
internal static class GoldenFile
{
    /// <summary>
    /// Fails where they differ, names the first line that does, and leaves the new text in the test's output folder as
    /// <c>*.received.*</c>.
    /// </summary>
    public static void Matches(string name, string extension, string received, [CallerFilePath] string test = "")
    {
        var verified = Path.Combine(Path.GetDirectoryName(test)!, $"{name}.verified.{extension}");
        var expected = Lines(File.Exists(verified) ? File.ReadAllText(verified) : "");
        var actual = Lines(received);
        if (expected.SequenceEqual(actual))
            return;
        var output = Path.Combine(AppContext.BaseDirectory, $"{name}.received.{extension}");
        File.WriteAllText(output, string.Join('\n', actual));
        var line = expected.Zip(actual).TakeWhile(pair => pair.First == pair.Second).Count();
        Assert.Fail($"""
            {name} is not as it was verified; the first difference is in line {line + 1}:
            verified: {expected.ElementAtOrDefault(line) ?? "(nothing)"}
            received: {actual.ElementAtOrDefault(line) ?? "(nothing)"}
            If the new text is right: diff -u '{verified}' '{output}' and copy the second over the first.
            """);
    }

    private static string[] Lines(string text) => text.ReplaceLineEndings("\n").Split('\n');
}
