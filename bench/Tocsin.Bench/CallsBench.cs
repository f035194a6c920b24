using System.IO.Compression;
using System.Text.Json;
using Tocsin.Detection.Conduct;
using Tocsin.Evm.Inputs;
using Tocsin.Replay;

namespace Tocsin.Bench;

/// <summary>What judging a traced call costs, beside the reading of it. No budget: the figure is what it is.</summary>
internal static class CallsBench
{
    private const int TransactionsMax = 400;

    public static bool Run(BenchOptions options)
    {
        var traces = Recorded(options.Data);
        Console.WriteLine();
        if (traces.Count == 0)
        {
            Console.WriteLine($"calls: not measured, no recorded transactions under {options.Data}");
            return true;
        }
        var frames = traces.ConvertAll(Read);
        var ours = frames.SelectMany(calls => calls).Where(call => call.To is not null)
            .GroupBy(call => call.To!.Value).OrderByDescending(group => group.Count()).Take(50)
            .Select(group => group.Key).ToHashSet();
        var race = new Race(traces.Count, options.Rounds);
        var bare = race.Add(item => Pass(traces[item]));
        var read = race.Add(item => Read(traces[item]));
        var blind = race.Add(item => ConductReading.Blind(frames[item]));
        var known = race.Add(item => ConductReading.Protected(frames[item], ours));
        race.Run();

        var calls = frames.Sum(one => one.Count);
        Console.WriteLine($"{traces.Count} recorded transactions, {calls} calls, "
            + $"{traces.Sum(trace => (long)trace.Length)} bytes of traces");
        Row("bare Utf8JsonReader pass", bare);
        Row("read the calls", read);
        Row("judge, nothing known", blind);
        Row("judge, 50 contracts known", known);
        return true;

        void Row(string name, int runner) => Console.WriteLine(
            $"  {name,-26} {1_000 * race.Microseconds(runner) / calls,8:0} ns a call, "
            + $"{race.Microseconds(runner) / race.Microseconds(bare),6:0.00} of the bare pass");
    }

    private static List<byte[]> Recorded(string data)
    {
        var path = Path.Combine(data, "transactions", "benign-ethereum.jsonl.gz");
        if (!File.Exists(path))
            return [];
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        var traces = new List<byte[]>();
        while (traces.Count < TransactionsMax && reader.ReadLine() is { } line)
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 1_100 });
            traces.Add(System.Text.Encoding.UTF8.GetBytes(document.RootElement.GetProperty("trace").GetRawText()));
        }
        return traces;
    }

    private static ValueList<CallFrame> Read(byte[] trace)
    {
        using var document = RecordedBlock.Parse(trace);
        return CallTree.Read(document.RootElement);
    }

    private static void Pass(byte[] bytes)
    {
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 1_100 });
        while (reader.Read())
        {
        }
    }
}
