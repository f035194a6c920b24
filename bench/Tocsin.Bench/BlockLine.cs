using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Tocsin.Chain;
using Tocsin.Evm.Blocks;

namespace Tocsin.Bench;

/// <summary>A block and its receipts as one line of a recording.</summary>
internal sealed record BlockLine(byte[] Bytes, int Transactions, int Logs)
{
    public static BlockLine Of(byte[] bytes)
    {
        var block = Read(new BlockReader(), bytes);
        var logs = 0;
        foreach (ref readonly var transaction in block.Transactions.Span)
            logs += transaction.Logs.Length;
        return new BlockLine(bytes, block.Transactions.Length, logs);
    }

    /// <summary>The recorded blocks; empty, and said aloud, where there are none.</summary>
    public static List<BlockLine> Recorded(string data)
    {
        var folder = Path.Combine(data, "blocks");
        var files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.jsonl.gz").Order().ToArray() : [];
        if (files.Length == 0)
            Console.WriteLine($"There are no recorded blocks in {folder}: only generated ones are measured.");
        var lines = new List<BlockLine>();
        foreach (var file in files)
        {
            using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
            while (reader.ReadLine() is { } line)
                lines.Add(Of(Encoding.UTF8.GetBytes(line)));
        }
        return lines;
    }

    /// <summary>Reads {"block":…,"receipts":…} and skips every other field.</summary>
    public static Block Read(BlockReader reader, byte[] line)
    {
        reader.Start();
        var json = new Utf8JsonReader(line);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var isBlock = json.ValueTextEquals("block"u8);
            var isReceipts = json.ValueTextEquals("receipts"u8);
            json.Read();
            if (isBlock)
                reader.ReadBlock(ref json);
            else if (isReceipts)
                reader.ReadReceipts(ref json);
            else
                json.Skip();
        }
        return reader.Join();
    }

    /// <summary>The same without a bloom, which is then not checked; as long to the byte.</summary>
    public BlockLine WithoutBloom()
    {
        var copy = (byte[])Bytes.Clone();
        var header = copy.AsSpan(copy.AsSpan().IndexOf("\"block\":"u8));
        header[header.IndexOf("\"logsBloom\""u8) + 1] = (byte)'x';
        return this with { Bytes = copy };
    }
}
