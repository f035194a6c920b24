using Tocsin.Evm.Inputs;
using Tocsin.Texts;

namespace Tocsin.Inputs;

/// <summary>How much of the input log is kept.</summary>
internal sealed record InputLogOptions
{
    /// <summary>From this size on, before compression, a segment is closed.</summary>
    public long SegmentBytes { get; init; } = 16 << 20;

    /// <summary>So long after it was closed, a segment may go.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(30);

    /// <summary>What all segments together may take on the disk; beyond it, the oldest goes.</summary>
    public long MaximumBytes { get; init; } = 2L << 30;
}

/// <summary>
/// The inputs of one chain's engine, in the order in which they were taken, on disk: what a finding came from can be
/// played again. One writer at a time holds the folder; a line that a crash tore is cut when it opens. After a fault of
/// the disk (<see cref="IOException"/>) it must be opened anew. Not for use by several threads at once.
/// </summary>
internal sealed class InputLog : IDisposable
{
    private readonly string folder;
    private readonly InputLogOptions options;
    private readonly TimeProvider time;
    private readonly Action<string>? tell;
    private readonly FileStream writer;
    private readonly Lock pinning = new();
    private readonly Dictionary<string, long> pins = [];
    private FileStream segment;
    private Task tidying = Task.CompletedTask;

    private InputLog(
        string folder, InputLogOptions options, TimeProvider time, Action<string>? tell, FileStream writer)
    {
        (this.folder, this.options, this.time, this.tell, this.writer) = (folder, options, time, tell, writer);
        var segments = Mend(folder);
        segment = Resume(segments);
        foreach (var closed in segments)
            if (!closed.IsCompressed && closed.Number < Position.Segment)
                Tidy(closed.Number);
    }

    /// <summary>The place after the last input.</summary>
    public InputPosition Position { get; private set; }

    /// <summary>Opens the log of a folder, which is made where it is missing.</summary>
    /// <param name="tell">Hears what could not be compressed or removed.</param>
    /// <exception cref="InputException">Another process writes there, or the newest segment is no input
    /// log.</exception>
    public static InputLog Open(
        string folder, InputLogOptions options, TimeProvider time, Action<string>? tell = null)
    {
        FileStream writer;
        try
        {
            Directory.CreateDirectory(folder);
            writer = new FileStream(
                Path.Combine(folder, "writer.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"the input log {folder} cannot be written, or is by another process: {e.Message}", e);
        }
        try
        {
            return new InputLog(folder, options, time, tell, writer);
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    /// <summary>Adds an input. It is safe from a crash of ours after <see cref="Flush"/>, of the machine after one to
    /// disk.</summary>
    public void Append(Input input)
    {
        var line = InputJson.Write(input);
        segment.Write(line);
        segment.WriteByte((byte)'\n');
        Position = new InputPosition(Position.Segment, Position.Offset + line.Length + 1, Position.Count + 1);
        if (Position.Offset >= options.SegmentBytes)
            CloseSegment();
    }

    public void Flush(bool toDisk) => segment.Flush(toDisk);

    /// <summary>
    /// Cuts everything after a place: what a crash left behind the checkpoint is taken, and logged, again.
    /// </summary>
    /// <exception cref="InputException">The log does not hold that place.</exception>
    public void TruncateTo(InputPosition position)
    {
        tidying.Wait();
        segment.Flush();
        CheckHeld(position);
        if (position == Position)
            return;
        segment.Dispose();
        foreach (var later in InputSegments.List(folder))
            if (later.Number > position.Segment)
                File.Delete(later.Path);
        if (!File.Exists(InputSegments.PathOf(folder, position.Segment)))
            InputSegments.Decompress(folder, position.Segment);
        segment = OpenSegment(position.Segment);
        segment.SetLength(position.Offset);
        segment.Seek(0, SeekOrigin.End);
        segment.Flush(flushToDisk: true);
        Position = position;
    }

    /// <summary>The inputs from a place on, each with the place after it.</summary>
    /// <inheritdoc cref="InputSegments.Read"/>
    public IEnumerable<(LoggedInput Input, InputPosition After)> ReadFrom(InputPosition position)
    {
        segment.Flush();
        return InputSegments.Read(folder, position);
    }

    /// <summary>
    /// Keeps everything from a place on, whatever its age and size, until the same name is pinned elsewhere or let go.
    /// Held in memory: whoever needs it pins again after a start, before the first input.
    /// </summary>
    /// <param name="position">Null to let go.</param>
    public void Pin(string name, InputPosition? position)
    {
        lock (pinning)
        {
            if (position is { Segment: var number })
                pins[name] = number;
            else
                pins.Remove(name);
        }
    }

    public void Dispose()
    {
        try
        {
            // Writes what is left; on a full disk this fails, and the folder must be free all the same.
            segment.Dispose();
        }
        finally
        {
            tidying.Wait();
            writer.Dispose();
        }
    }

    // What a crash left half-done: a compression that was not finished, or whose original was not removed yet.
    private static List<InputSegment> Mend(string folder)
    {
        foreach (var unfinished in Directory.EnumerateFiles(folder, "*.tmp"))
            File.Delete(unfinished);
        var segments = InputSegments.List(folder);
        foreach (var plain in segments.Where(segment => !segment.IsCompressed))
            File.Delete(InputSegments.PathOf(folder, plain.Number, compressed: true));
        return segments;
    }

    private FileStream Resume(List<InputSegment> segments)
    {
        if (segments.Count == 0)
            return BeginSegment(1, 0);
        var last = segments[^1];
        if (InputSegments.Open(folder, last) is not { } opened)
            return BeginSegment(last.Number, segments.Count == 1 ? 0 : CountUpTo(segments[^2]));
        long count, whole;
        using (var lines = opened.Lines)
        {
            (count, whole) = (opened.First, lines.Offset);
            while (lines.Read() && lines.IsTerminated)
                (count, whole) = (count + 1, lines.Offset);
        }
        if (last.IsCompressed)
            return BeginSegment(last.Number + 1, count);
        Position = new InputPosition(last.Number, whole, count);
        var stream = OpenSegment(last.Number);
        stream.SetLength(whole);
        stream.Seek(0, SeekOrigin.End);
        return stream;
    }

    private long CountUpTo(InputSegment closed)
    {
        if (InputSegments.Open(folder, closed) is not { } opened)
            throw new InputException($"{closed.Path} is torn at its head, although another segment follows it");
        using var lines = opened.Lines;
        var count = opened.First;
        while (lines.Read())
            count++;
        return count;
    }

    private FileStream OpenSegment(long number) => new(
        InputSegments.PathOf(folder, number), FileMode.OpenOrCreate, FileAccess.Write,
        FileShare.Read | FileShare.Delete, bufferSize: 64 << 10);

    private FileStream BeginSegment(long number, long count)
    {
        var stream = OpenSegment(number);
        stream.SetLength(0);
        var header = InputSegments.Header(count);
        stream.Write(header);
        stream.WriteByte((byte)'\n');
        Position = new InputPosition(number, header.Length + 1, count);
        return stream;
    }

    private void CloseSegment()
    {
        var closed = Position.Segment;
        segment.Flush(flushToDisk: true);
        segment.Dispose();
        File.SetLastWriteTimeUtc(InputSegments.PathOf(folder, closed), time.GetUtcNow().UtcDateTime);
        segment = BeginSegment(closed + 1, Position.Count);
        Tidy(closed);
    }

    // Beside the writing, which must not wait for it: an alert may hang on the next input.
    private void Tidy(long closed)
    {
        var (now, current) = (time.GetUtcNow(), Position.Segment);
        tidying = tidying.ContinueWith(
            _ =>
            {
                try
                {
                    InputSegments.Compress(folder, closed);
                    RemoveOld(now, current);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    tell?.Invoke($"segment {closed} of the input log {folder} could not be put away: {e.Message}");
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
    }

    private void RemoveOld(DateTimeOffset now, long current)
    {
        var segments = InputSegments.List(folder);
        var bytes = segments.Sum(segment => segment.Bytes);
        foreach (var old in segments)
        {
            if (old.Number >= current || IsPinned(old.Number)
                || (now - old.ClosedAt <= options.Keep && bytes <= options.MaximumBytes))
                return;
            File.Delete(old.Path);
            bytes -= old.Bytes;
        }
    }

    private bool IsPinned(long number)
    {
        lock (pinning)
            return pins.Values.Any(pinned => number >= pinned);
    }

    private void CheckHeld(InputPosition position)
    {
        if (position == Position)
            return;
        var held = InputSegments.List(folder).Find(segment => segment.Number == position.Segment);
        if (held is not null && InputSegments.Open(folder, held) is { } opened)
        {
            using var lines = opened.Lines;
            var count = opened.First;
            while (lines.Offset < position.Offset && lines.Read() && lines.IsTerminated)
                count++;
            if (lines.Offset == position.Offset && count == position.Count)
                return;
        }
        throw new InputException(
            $"the input log {folder} does not hold {position}, up to which the checkpoint says that it was written: "
            + "it was changed or lost; move it away to begin a new one");
    }
}
