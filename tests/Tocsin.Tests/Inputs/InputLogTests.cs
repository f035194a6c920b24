using System.Text;
using Tocsin.Evm.Inputs;
using Tocsin.Inputs;
using Tocsin.Tests.Replay;
using Tocsin.Texts;

namespace Tocsin.Tests.Inputs;

public sealed class InputLogTests : IDisposable
{
    private static readonly InputLogOptions Small = new() { SegmentBytes = 500 };

    private readonly ReplayFolder folder = new();
    private readonly ManualTime time = new();

    private string Log => folder.PathOf("inputs");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_appended_is_read_in_order_across_segments_and_openings()
    {
        Append(Small, 0, 25);
        Append(Small, 25, 50);

        Assert.Equal(Names(0, 50), Read(default));
        Assert.True(InputSegments.List(Log).Count > 5);
        Assert.All(InputSegments.List(Log).SkipLast(1), segment => Assert.True(segment.IsCompressed));
    }

    [Fact]
    public void Every_position_is_a_place_to_read_from()
    {
        var positions = new List<InputPosition>();
        using (var log = Open(Small))
        {
            for (var n = 0; n < 30; n++)
            {
                positions.Add(log.Position);
                log.Append(Beat(n));
            }
        }
        for (var n = 0; n < 30; n++)
            Assert.Equal(Names(n, 30), Read(positions[n]));
    }

    [Fact]
    public void A_reader_sees_what_was_flushed_while_the_log_is_written()
    {
        using var log = Open(Small);
        for (var n = 0; n < 20; n++)
            log.Append(Beat(n));
        log.Flush(toDisk: false);

        Assert.Equal(Names(0, 20), Read(default));
        log.Append(Beat(20));
        Assert.Equal(Names(0, 21), log.ReadFrom(default).Select(NameOf));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(12)]
    [InlineData(24)]
    [InlineData(25)]
    public void Cut_at_a_position_the_log_goes_on_from_there(int at)
    {
        InputPosition position;
        using (var log = Open(Small))
        {
            for (var n = 0; n < at; n++)
                log.Append(Beat(n));
            position = log.Position;
            for (var n = at; n < 25; n++)
                log.Append(Beat(n));
        }
        using (var log = Open(Small))
        {
            log.GoOnFrom(position);
            Assert.Equal(position, log.Position);
            for (var n = 100; n < 110; n++)
                log.Append(Beat(n));
        }
        Assert.Equal([.. Names(0, at), .. Names(100, 110)], Read(default));
    }

    [Fact]
    public void What_was_put_aside_at_the_beginning_is_told_and_what_grew_too_old_is_not()
    {
        Append(Small, 0, 50);
        var first = InputSegments.List(Log)[0];
        File.Copy(first.Path, folder.PathOf("aside"));
        File.Delete(first.Path);
        Assert.IsNotType<LoggedInput.Lost>(InputSegments.Read(Log, default).First().Input);

        File.Move(folder.PathOf("aside"), first.Path + ".damaged");

        var lost = Assert.IsType<LoggedInput.Lost>(InputSegments.Read(Log, default).First().Input);
        Assert.Contains(Path.GetFileName(first.Path), lost.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void From_a_position_that_the_log_does_not_hold_nothing_is_read()
    {
        Append(Small, 0, 10);
        using var log = Open(Small);
        var end = log.Position;

        Assert.Throws<InputException>(() => log.ReadFrom(end with { Count = 3 }).ToList());
        Assert.Throws<InputException>(() => log.ReadFrom(end with { Segment = end.Segment + 9 }).ToList());
        Assert.Equal(end, log.Position);
    }

    [Fact]
    public void A_line_that_a_crash_tore_at_any_byte_is_cut()
    {
        Append(new InputLogOptions(), 0, 3);
        var path = InputSegments.List(Log)[0].Path;
        var whole = File.ReadAllBytes(path);
        var text = Encoding.UTF8.GetString(whole);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            var kept = Math.Max(0, text[..length].Count(c => c == '\n') - 1);
            using (var log = Open(new InputLogOptions()))
            {
                Assert.Equal(kept, log.Position.Count);
                log.Append(Beat(77));
            }
            Assert.Equal([.. Names(0, kept), "77"], Read(default));
        }
    }

    [Fact]
    public void A_crash_between_segments_loses_no_count()
    {
        Append(Small, 0, 20);
        var last = InputSegments.List(Log)[^1];
        File.WriteAllText(last.Path, "");

        using (var log = Open(Small))
        {
            Assert.Equal(last.Number, log.Position.Segment);
            log.Append(Beat(77));
        }
        Assert.Equal("77", Read(default)[^1]);
        Assert.Equal(Read(default).Count, InputSegments.Read(Log, default).Last().After.Count);
    }

    [Fact]
    public void Half_compressed_segments_are_mended()
    {
        Append(Small, 0, 20);
        var first = InputSegments.List(Log)[0];
        InputSegments.Decompress(Log, first.Number, InputSegments.EndOf(Log, first)!.Value.Offset);
        File.WriteAllBytes(InputSegments.PathOf(Log, first.Number, compressed: true), [0x1f]);
        File.WriteAllText(folder.PathOf("inputs/0000000002.jsonl.gz.tmp"), "half");

        Append(Small, 20, 21);

        Assert.Equal(Names(0, 21), Read(default));
        Assert.True(InputSegments.List(Log)[0].IsCompressed);
        Assert.Empty(Directory.EnumerateFiles(Log, "*.tmp"));
    }

    [Fact]
    public void Old_segments_go_by_age_and_by_size_but_never_pinned_ones()
    {
        var options = Small with { Keep = TimeSpan.FromDays(1) };
        InputPosition pinned;
        using (var log = Open(options))
        {
            for (var n = 0; n < 20; n++)
                log.Append(Beat(n));
            pinned = log.Position;
            log.Pin("checkpoint", pinned);
            for (var n = 20; n < 40; n++)
                log.Append(Beat(n));
            time.Advance(TimeSpan.FromDays(2));
            for (var n = 40; n < 60; n++)
                log.Append(Beat(n));
        }
        Assert.Equal(pinned.Segment, InputSegments.List(Log)[0].Number);
        Assert.Equal(Names(20, 60), Read(pinned));
        Assert.Throws<InputException>(() => Read(new InputPosition(1, 30, 0)));

        using (var log = Open(Small with { MaximumBytes = 1 }))
        {
            log.Pin("checkpoint", log.Position);
            for (var n = 60; n < 80; n++)
            {
                log.Append(Beat(n));
                log.Pin("checkpoint", log.Position);
            }
        }

        Assert.Single(InputSegments.List(Log));
        Assert.Equal("79", Read(default)[^1]);
    }

    [Fact]
    public void Two_writers_at_once_are_refused()
    {
        using var log = Open(Small);

        Assert.Throws<InputException>(() => Open(Small));
    }

    [Fact]
    public void Foreign_lines_and_holes_are_told_with_their_place()
    {
        Append(Small, 0, 30);
        var segments = InputSegments.List(Log);
        File.AppendAllText(segments[^1].Path, "{\"kind\":\"gossip.1\"}\n");
        Assert.Contains(
            segments[^1].Path, Assert.Throws<InputException>(() => Read(default)).Message, StringComparison.Ordinal);

        File.Delete(segments[2].Path);
        var lost = InputSegments.Read(Log, default).Select(entry => entry.Input).OfType<LoggedInput.Lost>().First();
        Assert.Contains("between segment 2 and segment 4", lost.Words, StringComparison.Ordinal);
    }

    private static Arrival.Beat Beat(int n) => new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), $"{n}");

    private static List<string> Names(int from, int to) => [.. Enumerable.Range(from, to - from).Select(n => $"{n}")];

    private static string NameOf((LoggedInput Input, InputPosition After) entry) =>
        ((Arrival.Beat)((LoggedInput.Whole)entry.Input).Input).Name;

    private List<string> Read(InputPosition from) => [.. InputSegments.Read(Log, from).Select(NameOf)];

    private InputLog Open(InputLogOptions options) => InputLog.Open(Log, options, time, Assert.Fail);

    private void Append(InputLogOptions options, int from, int to)
    {
        using var log = Open(options);
        for (var n = from; n < to; n++)
            log.Append(Beat(n));
    }
}
