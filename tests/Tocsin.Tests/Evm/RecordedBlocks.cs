using System.IO.Compression;
using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Tests.Evm;

/// <summary>Two recorded blocks of Ethereum, which may lie beside the repository.</summary>
internal static class RecordedBlocks
{
    /// <summary>Each with <c>block</c> and <c>receipts</c>; skips the test aloud where they are not.</summary>
    public static List<JsonElement> Read()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(
                folder.FullName, "shared", "data", "blocks", "ethereum-17173049-17173050.jsonl.gz");
            if (!File.Exists(file))
                continue;
            using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
            return
            [
                .. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Select(line => JsonSerializer.Deserialize<JsonElement>(line)),
            ];
        }
        Assert.Skip("the recorded blocks (shared/data/blocks beside the repository) are not here");
        return [];
    }

    public static Log Log(JsonElement log) => new(
        (int)UInt256.Parse(log.GetProperty("logIndex").GetString()).ToUInt64(),
        Address.Parse(log.GetProperty("address").GetString()),
        LogTopics.Create(
            [.. log.GetProperty("topics").EnumerateArray().Select(topic => Hash32.Parse(topic.GetString()))]),
        Hex.Parse(log.GetProperty("data").GetString()));
}
