using System.Text;
using System.Text.Json;

namespace Tocsin.Bench;

/// <summary>A block as a node has it ready to send: what it answers to each question about it.</summary>
internal sealed record PublishedBlock(ulong Number, byte[] Header, byte[] Whole, byte[] Receipts)
{
    public static PublishedBlock Of(BlockLine line)
    {
        using var json = JsonDocument.Parse(line.Bytes);
        var block = json.RootElement.GetProperty("block");
        var header = block.EnumerateObject().Where(field => field.Name != "transactions")
            .ToDictionary(field => field.Name, field => field.Value);
        return new PublishedBlock(
            Convert.ToUInt64(block.GetProperty("number").GetString(), 16),
            JsonSerializer.SerializeToUtf8Bytes(header),
            Encoding.UTF8.GetBytes(block.GetRawText()),
            Encoding.UTF8.GetBytes(json.RootElement.GetProperty("receipts").GetRawText()));
    }
}
