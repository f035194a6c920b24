using System.Globalization;

namespace Tocsin.Bench;

/// <param name="Data">Where the recorded data lies.</param>
/// <param name="Rounds">How often everything is measured; the median counts.</param>
internal sealed record BenchOptions(string Data, int Rounds)
{
    private const int RoundsMax = 1_000;

    /// <summary>Null where the words are none of ours.</summary>
    public static BenchOptions? Parse(string[] words)
    {
        var options = new BenchOptions(BesideTheRepository(), Rounds: 15);
        for (var i = 0; i < words.Length; i += 2)
        {
            var value = i + 1 < words.Length ? words[i + 1] : "";
            if (words[i] == "--data" && value.Length > 0)
                options = options with { Data = value };
            else if (words[i] == "--rounds" && int.TryParse(value, CultureInfo.InvariantCulture, out var rounds)
                && rounds is >= 1 and <= RoundsMax)
                options = options with { Rounds = rounds };
            else
                return null;
        }
        return options;
    }

    private static string BesideTheRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Tocsin.slnx")))
                return Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared", "data"));
        return Path.GetFullPath(Path.Combine("..", "shared", "data"));
    }
}
