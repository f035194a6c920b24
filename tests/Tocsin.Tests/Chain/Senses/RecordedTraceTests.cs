using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Tocsin.Chain.Senses;
using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.Tests.Chain.Senses;

public sealed class RecordedTraceTests
{
    [Theory]
    [InlineData("attacks-bsc", 32, 26_981)]
    [InlineData("attacks-ethereum", 47, 7_524)]
    [InlineData("attacks-no-inner-call", 5, 5)]
    [InlineData("benign-ethereum", 2_756, 15_796)]
    [InlineData("reenacted-attacks", 22, 13_685)]
    public void Every_recorded_trace_is_read_whole(string file, int traces, int frames)
    {
        var read = Lines(file).Select(line => Trace(line)).ToList();

        Assert.Equal((traces, frames), (read.Count, read.Sum(trace => trace.Frames.Count)));
        Assert.All(read, trace => Assert.Equal(0, trace.Frames[0].Depth));
        Assert.All(read, trace => Assert.All(
            trace.Frames.Skip(1).Zip(trace.Frames),
            pair => Assert.InRange(pair.First.Depth, 1, pair.Second.Depth + 1)));
    }

    private static TransactionTrace Trace(string line)
    {
        using var row = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 256 });
        var hash = row.RootElement.TryGetProperty("hash", out var known) ? Hash32.Parse(known.GetString()) : default;
        var json = row.RootElement.GetProperty("trace").GetRawText();
        return TraceJson.ParseCall(Encoding.UTF8.GetBytes(json), hash);
    }

    private static IEnumerable<string> Lines(string file)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Find(file)), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
            yield return line;
    }

    private static string Find(string file)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data", "transactions", $"{file}.jsonl.gz");
            if (File.Exists(path))
                return path;
        }
        Assert.Skip("the recorded transactions (shared/data/transactions beside the repository) are not here");
        return "";
    }
}
