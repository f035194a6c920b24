using System.Runtime.CompilerServices;

namespace Tocsin.Tests.Nights;

/// <summary>Whole incidents through the real server on a clock of their own, each a text in <c>stories</c>.</summary>
public sealed class NightTests
{
    public static TheoryData<string> Stories => [.. Directory.GetFiles(Folder(), "*.night")
        .Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    // A night that never comes to rest is a failure, not a run without end.
    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Stories))]
    public Task A_night_goes_as_it_is_told(string story) =>
        NightStory.PlayAsync(File.ReadAllText(Path.Combine(Folder(), $"{story}.night")));

    private static string Folder([CallerFilePath] string test = "") =>
        Path.Combine(Path.GetDirectoryName(test)!, "stories");
}
