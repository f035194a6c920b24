using System.IO.Compression;
using Tocsin.Evm.Inputs;
using Tocsin.Inputs;
using Tocsin.Tests.Replay;

namespace Tocsin.Tests.Inputs;

/// <summary>An input log that is not what was written: the watch goes on, and nothing is thrown away.</summary>
public sealed class DamagedLogTests : IDisposable
{
    private static readonly InputLogOptions Small = new() { SegmentBytes = 500 };

    private readonly ReplayFolder folder = new();
    private readonly List<string> told = [];
    private readonly List<string> lost = [];

    private string Log => folder.PathOf("inputs");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("foreign")]
    [InlineData("zeros")]
    [InlineData("long line")]
    [InlineData("too large")]
    [InlineData("link to what never ends")]
    [InlineData("link to nothing")]
    [InlineData("half a gzip")]
    [InlineData("other gzip")]
    public void A_newest_segment_that_is_none_is_put_aside_and_the_log_goes_on_in_a_new_one(string what)
    {
        Append(0, 20);
        var before = Read();
        var last = InputSegments.List(Log)[^1];
        var gone = InputSegments.Read(Log, default).Count(entry => entry.After.Segment == last.Number);
        var path = what.EndsWith("gzip", StringComparison.Ordinal) ? last.Path + ".gz" : last.Path;
        File.Delete(last.Path);
        Damage(path, what);

        Append(100, 101);

        Assert.Equal([.. before.SkipLast(gone), "LOST", "100"], Read());
        Assert.True(Path.Exists(path + ".damaged") || new FileInfo(path + ".damaged").LinkTarget is not null);
        Assert.Contains(path + ".damaged", Assert.Single(lost), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_put_aside_stays_as_it_was_also_where_it_happens_again()
    {
        for (var time = 0; time < 3; time++)
        {
            Directory.CreateDirectory(Log);
            foreach (var segment in InputSegments.List(Log))
                File.Delete(segment.Path);
            File.WriteAllText(InputSegments.PathOf(Log, 1), $"foreign {time}\n");
            Append(time, time + 1);
        }

        var aside = Directory.GetFiles(Log, "*.damaged").Select(File.ReadAllText).Order();
        Assert.Equal(["foreign 0\n", "foreign 1\n", "foreign 2\n"], aside);
        Assert.Equal(3, lost.Count);
    }

    [Fact]
    public void A_damaged_segment_below_one_that_a_crash_tore_is_put_aside_too()
    {
        Append(0, 20);
        var segments = InputSegments.List(Log);
        File.WriteAllText(segments[^1].Path, "{\"kind\":\"segm");
        File.WriteAllBytes(segments[^2].Path, [1, 2, 3]);

        Append(100, 101);

        Assert.Equal("100", Read()[^1]);
        Assert.Contains("LOST", Read());
        Assert.True(File.Exists(segments[^2].Path + ".damaged"));
    }

    [Fact]
    public void A_folder_or_a_pipe_in_the_place_of_a_segment_is_no_hindrance()
    {
        Append(0, 3);
        Directory.CreateDirectory(InputSegments.PathOf(Log, 2));
        using (var made = System.Diagnostics.Process.Start("mkfifo", [InputSegments.PathOf(Log, 3)]))
            made.WaitForExit();

        Append(100, 120);

        Assert.Equal("119", Read()[^1]);
    }

    [Fact]
    public void A_closed_segment_that_is_none_is_not_compressed_for_ever()
    {
        Append(0, 20);
        var second = InputSegments.List(Log)[1];
        File.Delete(second.Path);
        File.CreateSymbolicLink(InputSegments.PathOf(Log, second.Number), "/dev/zero");

        Append(100, 101);

        Assert.Contains("is a link", Assert.Single(told), StringComparison.Ordinal);
        Assert.Throws<Tocsin.Texts.InputException>(() => Read());
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("changed")]
    [InlineData("older")]
    [InlineData("half a gzip")]
    public void A_place_that_the_log_does_not_hold_is_gone_on_from_in_a_new_segment(string what)
    {
        InputPosition checkpoint;
        using (var log = Open())
        {
            for (var n = 0; n < 20; n++)
                log.Append(Beat(n));
            checkpoint = log.Position;
            for (var n = 20; n < (what == "half a gzip" ? 30 : 21); n++)
                log.Append(Beat(n));
        }
        var held = InputSegments.List(Log).Single(segment => segment.Number == checkpoint.Segment);
        var bytes = File.ReadAllBytes(held.Path);
        if (what == "older")
            File.Delete(held.Path);
        else
            File.WriteAllBytes(held.Path, what switch
            {
                "changed" => [.. bytes[..40], (byte)' ', .. bytes[40..]],
                _ => bytes[..(bytes.Length / 3)],
            });

        using (var log = Open())
        {
            log.GoOnFrom(checkpoint);
            Assert.True(log.Position.Segment > checkpoint.Segment && log.Position.Count >= checkpoint.Count);
            log.Append(Beat(100));
            Assert.Contains(lost, text => text.Contains($"{checkpoint}", StringComparison.Ordinal));
            log.GoOnFrom(log.Position);
            checkpoint = log.Position;
        }

        Assert.Equal(["LOST", "100"], Read()[^2..]);
        Assert.Equal("0", Read()[0]);
        Assert.Equal(what != "older", Directory.GetFiles(Log, "*.damaged").Length > 0);
        Assert.Equal(checkpoint, InputSegments.Read(Log, default).Last().After);
    }

    [Fact]
    public void A_log_that_was_moved_away_begins_where_the_checkpoint_was()
    {
        Append(0, 20);
        var checkpoint = InputSegments.Read(Log, default).Last().After;
        Directory.Move(Log, folder.PathOf("away"));

        using (var log = Open())
        {
            log.GoOnFrom(checkpoint);
            log.Append(Beat(20));
        }

        Assert.Equal(["20"], Read());
        Assert.Contains("does not hold", Assert.Single(lost), StringComparison.Ordinal);
    }

    private static void Damage(string path, string what)
    {
        switch (what)
        {
            case "foreign":
                File.WriteAllText(path, "name,price\nsomething,1\n");
                break;
            case "zeros":
                File.WriteAllBytes(path, new byte[4096]);
                break;
            case "long line":
                using (var file = File.Create(path))
                {
                    file.Write([.. InputSegments.Header(0), (byte)'\n']);
                    file.SetLength(InputJson.LineBytesMax + 1_000L);
                    file.Seek(0, SeekOrigin.End);
                    file.Write("\n"u8);
                }
                break;
            case "too large":
                using (var file = File.Create(path))
                    file.SetLength(InputSegments.BytesMax + 1);
                break;
            case "link to what never ends":
                File.CreateSymbolicLink(path, "/dev/zero");
                break;
            case "link to nothing":
                File.CreateSymbolicLink(path, "/dev/nothing-of-that-name");
                break;
            default:
                var packed = new MemoryStream();
                using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                    gzip.Write(what == "other gzip" ? "other\n"u8 : [.. InputSegments.Header(0), (byte)'\n']);
                File.WriteAllBytes(path, packed.ToArray()[..^(what == "other gzip" ? 0 : 9)]);
                break;
        }
    }

    private static Arrival.Beat Beat(int n) => new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), $"{n}");

    private List<string> Read() => [.. InputSegments.Read(Log, default).Select(entry => entry.Input is LoggedInput.Lost
        ? "LOST"
        : ((Arrival.Beat)((LoggedInput.Whole)entry.Input).Input).Name)];

    private InputLog Open() => InputLog.Open(Log, Small, new ManualTime(), told.Add, lost.Add);

    private void Append(int from, int to)
    {
        using var log = Open();
        for (var n = from; n < to; n++)
            log.Append(Beat(n));
    }
}
