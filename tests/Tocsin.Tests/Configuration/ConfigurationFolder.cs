using Tocsin.Configuration;

namespace Tocsin.Tests.Configuration;

/// <summary>A folder with a configuration that has the least there can be, and what a test adds to it.</summary>
internal sealed class ConfigurationFolder : IDisposable
{
    public const string Least = """
        listen: http://127.0.0.1:8080
        data: data
        plan: plan
        channels: {}

        """;

    public const string Chain = """
        chain: { id: 31337, rpc: "http://127.0.0.1:8545" }

        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-configuration-");

    public string Path => folder.FullName;

    public void Dispose() => folder.Delete(recursive: true);

    public void Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>Loads the least configuration, one node unless the text has a chain, and this text.</summary>
    public TocsinConfiguration Load(string text)
    {
        Write(TocsinConfiguration.FileName, Least + (text.Contains("chain:\n", StringComparison.Ordinal) ? "" : Chain)
            + text);
        return TocsinConfiguration.Load(Path);
    }

    /// <summary>The one channel that is configured.</summary>
    /// <param name="section">Its lines, each with four blanks before it.</param>
    public ChannelSettings LoadChannel(string section)
    {
        Assert.Contains("channels: {}", Least, StringComparison.Ordinal);
        Write(
            TocsinConfiguration.FileName,
            Least.Replace("channels: {}", "channels:\n  shown:\n" + section, StringComparison.Ordinal) + Chain);
        return Assert.Single(TocsinConfiguration.Load(Path).Channels);
    }
}
