using System.IO.Compression;
using System.Text.Json;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Recording;
using Tocsin.Texts;

namespace Tocsin.Replay;

/// <summary>Where a recording can go on: kept beside it as <c>FILE.state</c> until it is whole.</summary>
/// <param name="Parent">The hash of the last block recorded, on which the next must stand; null before the
/// first.</param>
internal sealed record RecordingState(
    ulong From, ulong To, bool Traces, ulong Next, Hash32? Parent, long Bytes, long Transactions);

/// <summary>
/// Writes blocks as a node gives them into a block file, a line each, checked while they are written. A file whose name
/// ends with .gz is compressed, a piece at a time: gzip files joined are a gzip file (RFC 1952).
/// </summary>
internal sealed class BlockRecording(
    Node node, string path, ChainId chain, bool traces, Rejections retried, TimeProvider time)
{
    private const int AheadMax = 8;
    private const int AttemptsMax = 7;
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(5);
    private static readonly Backoff Retry = new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(10));

    private readonly bool compressed = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);

    public RecordingState State { get; private set; } = new(0, 0, false, 0, null, 0, 0);

    public DateTimeOffset? At { get; private set; }

    /// <summary>Records what is not recorded yet of a range.</summary>
    /// <exception cref="InputException">The file or the state beside it is not usable, or the node gives no usable
    /// answer any more; what was written is kept.</exception>
    public async Task RunAsync(ulong from, ulong to, bool restart, Action advanced, CancellationToken cancellationToken)
    {
        State = Resume(from, to, restart);
        await using var file = OpenFile();
        Stream piece = OpenPiece(file);
        var saveAt = time.GetUtcNow() + SaveEvery;
        var asked = new Queue<Task<RecordedLine>>();
        try
        {
            for (var next = State.Next; State.Next <= to;)
            {
                for (; asked.Count < AheadMax && next <= to; next++)
                    asked.Enqueue(TryAsync(next, cancellationToken));
                Append(piece, await asked.Dequeue());
                advanced();
                if (time.GetUtcNow() < saveAt)
                    continue;
                piece = Save(file, piece);
                saveAt = time.GetUtcNow() + SaveEvery;
            }
        }
        finally
        {
            foreach (var open in asked)
                await ((Task)open).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Save(file, piece).Dispose();
        }
        File.Delete(StatePath);
    }

    private string StatePath => path + ".state";

    private RecordingState Resume(ulong from, ulong to, bool restart)
    {
        var anew = new RecordingState(from, to, traces, from, null, 0, 0);
        try
        {
            if (restart || !File.Exists(StatePath))
                return !restart && File.Exists(path)
                    ? throw new InputException(
                        $"{path} exists already: choose another file, or --restart to write it anew")
                    : anew;
            var state = JsonSerializer.Deserialize<RecordingState>(File.ReadAllBytes(StatePath), EventJson.Options);
            return state is not null && (state.From, state.To, state.Traces) == (from, to, traces)
                ? state
                : throw new InputException(
                    $"{StatePath} belongs to a recording of another range: give the same, or --restart to begin anew");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InputException($"{StatePath} is no state of a recording ({e.Message}): --restart begins anew", e);
        }
    }

    private FileStream OpenFile()
    {
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
            file.SetLength(State.Bytes);
            file.Seek(0, SeekOrigin.End);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be written: {e.Message}", e);
        }
    }

    private Stream OpenPiece(FileStream file) =>
        compressed ? new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true) : new BufferedStream(file);

    private Stream Save(FileStream file, Stream piece)
    {
        if (compressed)
            piece.Dispose();
        else
            piece.Flush();
        file.Flush(flushToDisk: true);
        State = State with { Bytes = file.Position };
        File.WriteAllBytes(StatePath + ".tmp", JsonSerializer.SerializeToUtf8Bytes(State, EventJson.Options));
        File.Move(StatePath + ".tmp", StatePath, overwrite: true);
        return compressed ? OpenPiece(file) : piece;
    }

    // A block on another one than the last was fetched across a reorg: what is recorded must be one chain.
    private void Append(Stream piece, RecordedLine line)
    {
        if (State.Parent is { } parent && parent != line.Parent)
            throw new InputException(
                $"block {line.Ref} does not stand on block {State.Next - 1} as recorded: the chain changed meanwhile; "
                + "record blocks that are final, with --restart");
        piece.Write(line.Bytes);
        piece.WriteByte((byte)'\n');
        At = line.Time;
        State = State with
        {
            Next = line.Ref.Number + 1,
            Parent = line.Ref.Hash,
            Transactions = State.Transactions + line.Transactions,
        };
    }

    private async Task<RecordedLine> TryAsync(ulong number, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await FetchAsync(number, cancellationToken);
            }
            catch (Exception e) when (e is NodeException or FormatException)
            {
                if (attempt == AttemptsMax)
                    throw new InputException($"block {number}: {e.Message}; given up after {AttemptsMax} attempts");
                lock (retried)
                    retried.Reject($"block {number}", "answer that was asked for again", e.Message);
                await Task.Delay(Retry.After(attempt), time, cancellationToken);
            }
        }
    }

    private async Task<RecordedLine> FetchAsync(ulong number, CancellationToken cancellationToken)
    {
        var quantity = $"0x{number:x}";
        var block = node.BlockTextAsync(number, cancellationToken);
        var calls = traces
            ? node.TextAsync("debug_traceBlockByNumber", cancellationToken, quantity, CallTracer)
            : null;
        await Task.WhenAll(new Task?[] { block, calls }.OfType<Task>());
        var text = await block ?? throw new FormatException("the node does not have it, or not its receipts");
        var line = new MemoryStream();
        line.Write(System.Text.Encoding.UTF8.GetBytes($$"""{"chain":{{chain}},"block":"""));
        line.Write(text.Body);
        line.Write(",\"receipts\":"u8);
        line.Write(text.Receipts);
        if (calls is not null)
        {
            line.Write(",\"traces\":"u8);
            line.Write(await calls);
        }
        line.WriteByte((byte)'}');
        var bytes = line.GetBuffer().AsMemory(0, (int)line.Length);
        // Read as a replay reads it: what is written can be used.
        var read = RecordedBlock.Read(bytes, chain).Block;
        if (read.Ref.Number != number)
            throw new FormatException($"asked for block {number} the node gave {read.Ref}");
        return new RecordedLine(bytes.ToArray(), read.Ref, read.ParentHash, read.Time, read.Transactions.Length);
    }

    private static readonly Dictionary<string, object?> CallTracer = new()
    {
        ["tracer"] = "callTracer",
        ["tracerConfig"] = new Dictionary<string, object?> { ["withLog"] = true },
    };

    private sealed record RecordedLine(
        byte[] Bytes, BlockRef Ref, Hash32 Parent, DateTimeOffset Time, int Transactions);
}
