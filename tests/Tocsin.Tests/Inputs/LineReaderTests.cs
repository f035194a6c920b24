using System.IO.Compression;
using System.Text;
using Tocsin.Inputs;
using Tocsin.Tests.Replay;
using Tocsin.Texts;

namespace Tocsin.Tests.Inputs;

public class LineReaderTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("\n", new[] { "" })]
    [InlineData("a", new[] { "a" })]
    [InlineData("a\n", new[] { "a" })]
    [InlineData("a\r\nb\r\n", new[] { "a", "b" })]
    [InlineData("a\n\nb", new[] { "a", "", "b" })]
    [InlineData("\uFEFFa\n\uFEFFb\n", new[] { "a", "\uFEFFb" })]
    public void Lines_are_those_between_line_feeds(string text, string[] expected) =>
        Assert.Equal(expected, Lines(new MemoryStream(Encoding.UTF8.GetBytes(text))));

    [Fact]
    public void A_line_across_many_reads_is_one_line()
    {
        var text = string.Join('\n', Enumerable.Range(0, 50).Select(n => new string((char)('a' + (n % 26)), n * 900)));

        Assert.Equal(text.Split('\n'), Lines(new Dribble(Encoding.UTF8.GetBytes(text))));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(1_000_000)]
    public void A_line_longer_than_allowed_is_passed_over_and_said(int length)
    {
        var text = "first\n" + new string('x', length) + "\nlast\n";
        using var lines = new LineReader(new MemoryStream(Encoding.UTF8.GetBytes(text)), "test", 100);

        lines.Read();
        Assert.True(lines.Read());
        Assert.Equal(length > 100, lines.IsTooLong);
        Assert.Equal(length > 100 ? 0 : length, lines.Line.Length);
        Assert.True(lines.Read());
        Assert.Equal("last", Encoding.UTF8.GetString(lines.Line.Span));
        Assert.Equal("test:3", lines.Place);
        Assert.False(lines.IsTooLong);
        Assert.Equal(text.Length, lines.Offset);
        Assert.False(lines.Read());
    }

    [Fact]
    public void A_file_that_is_compressed_or_torn_is_read_or_told()
    {
        using var folder = new ReplayFolder();
        var path = folder.PathOf("lines.gz");
        using (var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 10_000).Select(n => $"{n * 7919}\n"))));
        using (var lines = LineReader.Open(path, 100))
        {
            Assert.Equal(10_000, Enumerable.Range(0, 20_000).TakeWhile(_ => lines.Read()).Count());
        }
        File.WriteAllBytes(folder.PathOf("no.gz"), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

        using var none = LineReader.Open(folder.PathOf("no.gz"), 100);

        Assert.Throws<InputException>(() => none.Read());
        Assert.Throws<InputException>(() => LineReader.Open(folder.PathOf("absent"), 100));
    }

    /// <summary>Two pieces joined, as a recording writes them; cut anywhere but between them.</summary>
    [Fact]
    public void A_compressed_file_cut_at_any_byte_is_told_with_the_line_up_to_which_it_was_read()
    {
        using var folder = new ReplayFolder();
        var path = folder.PathOf("cut.jsonl.gz");
        var (first, second) = (Piece("one", "two"), Piece("three"));
        byte[] whole = [.. first, .. second];

        for (var length = 1; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            if (length == first.Length)
                Assert.Equal(["one", "two"], Lines(path));
            else
                Assert.StartsWith($"{path} cannot be read beyond line ", Told(path), StringComparison.Ordinal);
        }
        File.WriteAllBytes(path, [.. whole[..^4], 1, 2, 3, 4]);
        Assert.Contains("beyond line 3", Told(path), StringComparison.Ordinal);
        File.WriteAllBytes(path, whole);
        Assert.Equal(["one", "two", "three"], Lines(path));
    }

    [Fact]
    public void What_goes_on_after_compressed_data_is_not_passed_over()
    {
        using var folder = new ReplayFolder();
        var path = folder.PathOf("more.jsonl.gz");
        var (first, second) = (Piece("one"), Piece("two"));
        second[0] ^= 0xff;
        byte[][] tails = [second, [0, 0], "more"u8.ToArray(), new byte[100_000]];

        foreach (var tail in tails)
        {
            File.WriteAllBytes(path, [.. first, .. tail]);
            Assert.Contains("beyond line 1", Told(path), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void No_more_is_read_than_allowed_however_it_is_compressed()
    {
        using var folder = new ReplayFolder();
        var path = folder.PathOf("bomb.jsonl.gz");
        File.WriteAllBytes(path, Piece(new string('0', 3_000_000)));

        using var lines = LineReader.Open(path, lineBytesMax: 100, bytesMax: 1_000_000);

        Assert.Contains(
            "more than 1000000 bytes", Assert.Throws<InputException>(() => lines.Read()).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("/dev/tty")]
    [InlineData("pipe")]
    public void What_is_no_regular_file_holds_nothing_and_is_not_waited_for(string target)
    {
        using var folder = new ReplayFolder();
        if (target == "pipe")
        {
            target = folder.PathOf("pipe");
            using var made = System.Diagnostics.Process.Start("mkfifo", [target]);
            made.WaitForExit();
        }
        File.CreateSymbolicLink(folder.PathOf("link.jsonl"), target);

        Assert.Empty(Lines(folder.PathOf("link.jsonl")));
        Assert.Empty(Lines(target));
    }

    private static byte[] Piece(params IEnumerable<string> lines)
    {
        var piece = new MemoryStream();
        using (var gzip = new GZipStream(piece, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))));
        return piece.ToArray();
    }

    private static string Told(string path) => Assert.Throws<InputException>(() => Lines(path)).Message;

    private static List<string> Lines(string path)
    {
        using var lines = LineReader.Open(path, 1 << 20);
        return Lines(lines);
    }

    private static List<string> Lines(Stream stream)
    {
        using var lines = new LineReader(stream, "test", 1 << 20);
        return Lines(lines);
    }

    private static List<string> Lines(LineReader lines)
    {
        var read = new List<string>();
        while (lines.Read())
            read.Add(Encoding.UTF8.GetString(lines.Line.Span));
        return read;
    }

    /// <summary>Gives a few bytes at a time.</summary>
    private sealed class Dribble(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) =>
            base.Read(buffer, offset, Math.Min(count, 777));
    }
}
