using System.Buffers.Binary;

namespace Tocsin.Chains;

/// <summary>The first four bytes of a call's data, which name the function or, in revert data, the error.</summary>
public readonly record struct Selector(uint Value)
{
    public const int ByteCount = 4;

    /// <summary>The selector at the head of some calldata; null where there are fewer than four bytes.</summary>
    public static Selector? Of(ReadOnlySpan<byte> data) =>
        data.Length < ByteCount ? null : new Selector(BinaryPrimitives.ReadUInt32BigEndian(data));

    public byte[] ToArray()
    {
        var bytes = new byte[ByteCount];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Value);
        return bytes;
    }

    /// <summary>The four bytes as 0x hexadecimal.</summary>
    public override string ToString() => $"0x{Value:x8}";
}
