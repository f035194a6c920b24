using System.Buffers.Binary;
using System.Text;

namespace Tocsin.Records;

/// <summary>One file in a bundle.</summary>
internal readonly record struct BundledFile(string Name, byte[] Bytes);

/// <summary>
/// A zip file in one form alone: files stored as they are, in their order, dated 1980, without anything that could
/// differ. The same files always give the same bytes, on every system and in every version; and of a file that was
/// changed anywhere, those bytes are not what its files give. Nothing is ever unpacked, so nothing can grow.
/// </summary>
internal static class StoredZip
{
    public const int BytesMax = 256 << 20;
    public const int FilesMax = 1_000;

    private const uint LocalMark = 0x04034b50;
    private const uint CentralMark = 0x02014b50;
    private const uint EndMark = 0x06054b50;
    private const int LocalBytes = 30;
    private const ushort Version = 20;
    private const ushort NamesAreUtf8 = 0x0800;
    private const ushort FirstDay = 0x0021;
    private const string NeverInNames = "\\:*?\"<>|";

    // The length of a comment, the number of a disk, attributes.
    private static readonly byte[] NoCommentNorAttributes = new byte[10];

    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(Remainder)];

    /// <exception cref="FormatException">A name leads elsewhere, or there is more than is read back.</exception>
    public static byte[] Write(IReadOnlyList<BundledFile> files)
    {
        Require(files.Count is > 0 and <= FilesMax, $"it holds {files.Count} files");
        Require(files.Sum(file => (long)file.Bytes.Length) < BytesMax, $"it has more than {BytesMax >> 20} MiB");
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in files)
        {
            Require(IsName(file.Name), "it holds a file whose name leads elsewhere");
            Require(names.Add(file.Name), $"it holds {file.Name} twice");
        }
        using var zip = new MemoryStream();
        using var central = new MemoryStream();
        foreach (var file in files)
        {
            var name = Encoding.UTF8.GetBytes(file.Name);
            var offset = (uint)zip.Length;
            Write(zip, LocalMark);
            WriteHead(zip, file.Bytes, name);
            zip.Write(name);
            zip.Write(file.Bytes);
            Write(central, CentralMark);
            Write(central, Version);
            WriteHead(central, file.Bytes, name);
            central.Write(NoCommentNorAttributes);
            Write(central, offset);
            central.Write(name);
        }
        var start = (uint)zip.Length;
        zip.Write(central.GetBuffer().AsSpan(0, (int)central.Length));
        Write(zip, EndMark);
        Write(zip, 0u);
        Write(zip, (ushort)files.Count);
        Write(zip, (ushort)files.Count);
        Write(zip, (uint)central.Length);
        Write(zip, start);
        Write(zip, (ushort)0);
        return zip.ToArray();
    }

    /// <summary>The files in it, in their order.</summary>
    /// <exception cref="FormatException">It is not of that form, to the last byte.</exception>
    public static IReadOnlyList<BundledFile> Read(ReadOnlySpan<byte> zip)
    {
        var files = new List<BundledFile>();
        var starts = new List<int>();
        var at = 0;
        while (zip.Length - at >= LocalBytes && BinaryPrimitives.ReadUInt32LittleEndian(zip[at..]) == LocalMark)
        {
            var head = zip.Slice(at, LocalBytes);
            starts.Add(at);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(head[18..]);
            var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(head[26..]);
            at += LocalBytes;
            Require(files.Count < FilesMax, "it holds too many files");
            Require(nameLength + (long)length <= zip.Length - at, "it ends in the middle of a file");
            var name = Encoding.UTF8.GetString(zip.Slice(at, nameLength));
            files.Add(new BundledFile(name, zip.Slice(at + nameLength, (int)length).ToArray()));
            at += nameLength + (int)length;
        }
        var written = Write(files);
        var differs = zip.CommonPrefixLength(written);
        if (differs == zip.Length && differs == written.Length)
            return files;
        throw new FormatException(differs < at
            ? $"{files[starts.FindLastIndex(start => start <= differs)].Name} was changed, or packed otherwise"
            : $"byte {differs}, after its files, is not what was written");
    }

    /// <summary>True for a name that leads nowhere else, on any system.</summary>
    private static bool IsName(string name) =>
        name.Length is > 0 and <= 200
        && name.All(letter => !char.IsControl(letter) && !NeverInNames.Contains(letter, StringComparison.Ordinal))
        && name.Split('/').All(part => part is not ("" or "." or ".."));

    private static void WriteHead(Stream stream, byte[] bytes, byte[] name)
    {
        Write(stream, Version);
        Write(stream, NamesAreUtf8);
        Write(stream, (ushort)0);
        Write(stream, (ushort)0);
        Write(stream, FirstDay);
        Write(stream, Crc32(bytes));
        Write(stream, (uint)bytes.Length);
        Write(stream, (uint)bytes.Length);
        Write(stream, (ushort)name.Length);
        Write(stream, (ushort)0);
    }

    private static void Write(Stream stream, ushort number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, number);
        stream.Write(bytes);
    }

    private static void Write(Stream stream, uint number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        stream.Write(bytes);
    }

    // As PKWARE's APPNOTE 4.4.7 says: the polynomial 0x04C11DB7, its bits reversed.
    private static uint Remainder(int number)
    {
        var value = (uint)number;
        for (var bit = 0; bit < 8; bit++)
            value = (value & 1) == 0 ? value >> 1 : (value >> 1) ^ 0xEDB88320;
        return value;
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var value = uint.MaxValue;
        foreach (var one in bytes)
            value = Table[(value ^ one) & byte.MaxValue] ^ (value >> 8);
        return ~value;
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new FormatException(otherwise);
    }
}
