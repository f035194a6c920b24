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
/// played again. One writer at a time holds the folder; a line that a crash tore is cut when it opens, and a segment
/// that cannot be read is put aside: a log that is not whole is better than no watch. After a fault of the disk
/// (<see cref="IOException"/>) it must be opened anew. Not for use by several threads at once.
/// </summary>
internal sealed class InputLog : IDisposable
{
    private readonly string folder;
    private readonly InputLogOptions options;
    private readonly TimeProvider time;
    private readonly Action<string>? tell;
    private readonly Action<string>? tellLost;
    private readonly FileStream writer;
    private readonly Lock pinning = new();
    private readonly Dictionary<string, long> pins = [];
    private FileStream segment;
    private Task tidying = Task.CompletedTask;

    private InputLog(
        string folder, InputLogOptions options, TimeProvider time, Action<string>? tell, Action<string>? tellLost,
        FileStream writer)
    {
        (this.folder, this.options, this.time, this.writer) = (folder, options, time, writer);
        (this.tell, this.tellLost) = (tell, tellLost);
        var segments = Mend();
        segment = Resume(segments);
        foreach (var closed in segments)
            if (!closed.IsCompressed && closed.Number < Position.Segment)
                Tidy(closed.Number);
    }

    /// <summary>The place after the last input.</summary>
    public InputPosition Position { get; private set; }

    /// <summary>Opens the log of a folder, which is made where it is missing.</summary>
    /// <param name="tell">Hears what could not be compressed or removed.</param>
    /// <param name="tellLost">Hears what was put aside, and so cannot be replayed any more.</param>
    /// <exception cref="InputException">The folder cannot be written, or another process writes there.</exception>
    public static InputLog Open(
        string folder, InputLogOptions options, TimeProvider time, Action<string>? tell = null,
        Action<string>? tellLost = null)
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
            return new InputLog(folder, options, time, tell, tellLost, writer);
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    /// <summary>Adds an input. It is safe from a crash of ours after <see cref="Flush"/>, of the machine after one to
    /// disk.</summary>
    public void Append(Input input) => Append(InputJson.Write(input));

    /// <summary>Says that the engine begins anew here, and so that a replay must.</summary>
    /// <param name="block">The block to begin at, where one was named.</param>
    public void AppendAnew(ulong? block) => Append(InputJson.WriteAnew(block));

    public void Flush(bool toDisk) => segment.Flush(toDisk);

    /// <summary>
    /// Cuts everything after a place: what a crash left behind the checkpoint is taken, and logged, again. Where the
    /// log does not hold the place, what should have held it is put aside, and a new segment begins.
    /// </summary>
    public void GoOnFrom(InputPosition position)
    {
        tidying.Wait();
        segment.Flush();
        if (position == Position)
            return;
        if (WhyNotHeld(position) is { } why)
            BeginAfter(position, why);
        else
            Cut(position);
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
    private List<InputSegment> Mend()
    {
        foreach (var unfinished in Directory.EnumerateFiles(folder, "*.tmp"))
            File.Delete(unfinished);
        foreach (var plain in InputSegments.List(folder).Where(segment => !segment.IsCompressed))
        {
            var compressed = InputSegments.PathOf(folder, plain.Number, compressed: true);
            if (!File.Exists(compressed))
                continue;
            if (Fault(plain, out var end) is null && end is not null)
                File.Delete(compressed);
            else
                PutAside(plain, "it is no segment of an input log, and another bears its number");
        }
        return InputSegments.List(folder);
    }

    // The newest segment is written on where it can be. One that cannot be read is put aside, and its number is not
    // given again: a replay sees the gap.
    private FileStream Resume(List<InputSegment> segments)
    {
        var newest = segments.Count == 0 ? 0 : segments[^1].Number;
        var next = newest + 1;
        for (var at = segments.Count - 1; at >= 0; at--)
        {
            var found = segments[at];
            var fault = Fault(found, out var end);
            if (fault is null && end is { } place)
                return found.Number == newest && !found.IsCompressed
                    ? WriteOn(place)
                    : BeginSegment(next, place.Count);
            segments.RemoveAt(at);
            if (fault is null && found.Number == newest)
            {
                // The power went while it was begun.
                File.Delete(found.Path);
                next = newest;
            }
            else
                PutAside(found, fault ?? "its head is torn, although another segment follows it");
        }
        return BeginSegment(next, 0);
    }

    private string? Fault(InputSegment found, out InputPosition? end)
    {
        end = null;
        try
        {
            end = InputSegments.EndOf(folder, found);
            return null;
        }
        catch (InputException e)
        {
            return e.Message;
        }
    }

    private void PutAside(InputSegment found, string why)
    {
        var aside = InputSegments.PutAside(found);
        tellLost?.Invoke(
            $"a segment of the input log was put aside as {aside}: {why}. What it holds cannot be replayed; "
            + "the watch goes on");
    }

    private string? WhyNotHeld(InputPosition position)
    {
        try
        {
            return InputSegments.List(folder).Exists(held => InputSegments.Holds(folder, held, position))
                ? null
                : "it was changed or lost, or is older than the checkpoint";
        }
        catch (InputException e)
        {
            return e.Message;
        }
    }

    private void Cut(InputPosition position)
    {
        segment.Dispose();
        foreach (var later in InputSegments.List(folder))
            if (later.Number > position.Segment)
                File.Delete(later.Path);
        if (!File.Exists(InputSegments.PathOf(folder, position.Segment)))
            InputSegments.Decompress(folder, position.Segment, position.Offset);
        segment = WriteOn(position);
        segment.Flush(flushToDisk: true);
    }

    private void BeginAfter(InputPosition position, string why)
    {
        segment.Dispose();
        var isEmpty = Position.Offset == InputSegments.Header(Position.Count).Length + 1;
        var aside = new List<string>();
        foreach (var held in InputSegments.List(folder))
        {
            if (held.Number == Position.Segment && isEmpty)
                File.Delete(held.Path);
            else if (held.Number >= position.Segment)
                aside.Add(InputSegments.PutAside(held));
        }
        var next = Math.Max(Position.Segment, position.Segment) + 1;
        segment = BeginSegment(next, Math.Max(Position.Count, position.Count));
        tellLost?.Invoke(
            $"the input log {folder} does not hold {position}, up to which the checkpoint says that it was written: "
            + $"{why}. {(aside.Count > 0 ? $"Put aside: {string.Join(", ", aside)}. " : "")}What came before cannot "
            + "all be replayed; the watch goes on");
    }

    private void Append(byte[] line)
    {
        segment.Write(line);
        segment.WriteByte((byte)'\n');
        Position = new InputPosition(Position.Segment, Position.Offset + line.Length + 1, Position.Count + 1);
        if (Position.Offset >= options.SegmentBytes)
            CloseSegment();
    }

    private FileStream WriteOn(InputPosition end)
    {
        var stream = OpenSegment(end.Segment, FileMode.Open);
        stream.SetLength(end.Offset);
        stream.Seek(0, SeekOrigin.End);
        Position = end;
        return stream;
    }

    private FileStream OpenSegment(long number, FileMode mode) => new(
        InputSegments.PathOf(folder, number), mode, FileAccess.Write, FileShare.Read | FileShare.Delete,
        bufferSize: 64 << 10);

    private FileStream BeginSegment(long number, long count)
    {
        // Whatever else bears the name of a segment is not ours to write into.
        while (Path.Exists(InputSegments.PathOf(folder, number)))
            number++;
        var stream = OpenSegment(number, FileMode.CreateNew);
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
                    // Before the first pin nobody has said yet what is still needed.
                    if (HasPins())
                        RemoveOld(now, current);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException or InputException)
                {
                    tell?.Invoke($"segment {closed} of the input log {folder} could not be put away: {e.Message}");
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
    }

    private bool HasPins()
    {
        lock (pinning)
            return pins.Count > 0;
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
}
