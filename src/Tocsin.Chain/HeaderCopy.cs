using System.Buffers;
using System.Text.Json;

namespace Tocsin.Chain;

/// <summary>
/// The fields of a header as the node wrote them, put aside while a block is read, so that its hash can be recomputed
/// once the block is known to be whole. Bounded: a header is some two kilobytes.
/// </summary>
internal sealed class HeaderCopy
{
    private const int BytesMax = 64 << 10;

    private readonly ArrayBufferWriter<byte> text = new(4 << 10);

    /// <summary>False where nothing was read, or more than any header has.</summary>
    public bool IsWhole => text.WrittenCount is > 0 and <= BytesMax;

    public void Clear() => text.ResetWrittenCount();

    /// <param name="name">As it stands between the quotes.</param>
    public void Name(ReadOnlySpan<byte> name)
    {
        Write(text.WrittenCount == 0 ? "{\""u8 : ",\""u8);
        Write(name);
        Write("\":"u8);
    }

    /// <summary>A list or object is noted as one, whatever it holds: none of them is hashed as it stands.</summary>
    public void Value(ref Utf8JsonReader json)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.String:
                Write("\""u8);
                Write(json.ValueSpan);
                Write("\""u8);
                break;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                Write("[]"u8);
                break;
            default:
                Write(json.ValueSpan);
                break;
        }
    }

    /// <exception cref="JsonException">A name is no Unicode.</exception>
    public JsonDocument Parse()
    {
        if (text.WrittenSpan[^1] != (byte)'}')
            Write("}"u8);
        return RpcAnswer.Document(text.WrittenMemory, default);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        // One byte too many says that something was left out.
        if (text.WrittenCount <= BytesMax)
            text.Write(bytes.Length <= BytesMax ? bytes : bytes[..(BytesMax + 1)]);
    }
}
