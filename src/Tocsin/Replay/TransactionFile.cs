using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Inputs;

namespace Tocsin.Replay;

/// <summary>
/// Single transactions, each judged on its own as the only one of a block. A position is a number of lines.
/// </summary>
internal sealed class TransactionFile(string path, ChainId chain, Rejections rejections) : ReplaySource
{
    private LineReader? current;

    /// <summary>How many of the transactions told nothing of their logs.</summary>
    public long WithoutLogs { get; private set; }

    public override double? Fraction => current?.Fraction;

    public override async IAsyncEnumerable<ReplayUnit> ReadAsync(
        long position,
        IReadOnlyList<BlockRef> recent,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var lines = LineReader.Open(path, RecordedBlock.LineBytesMax);
        current = lines;
        while (lines.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            // A rejected line is done with too.
            if (lines.Number > position)
                yield return Read(lines) ?? new ReplayUnit(lines.Number, []);
        }
        await Task.CompletedTask;
    }

    private ReplayUnit? Read(LineReader lines)
    {
        try
        {
            if (!lines.IsTooLong)
                return Read(lines.Line, lines.Number);
            rejections.Reject(lines.Place, "line too long", $"more than {RecordedBlock.LineBytesMax} bytes");
        }
        catch (FormatException e)
        {
            var kind = e is OtherChainException ? "transaction of another chain" : "malformed transaction";
            rejections.Reject(lines.Place, kind, e.Message);
        }
        return null;
    }

    /// <summary>
    /// Reads <c>{"chain"?,"hash"?,"block"?,"trace":…,"logs"?:…,"time"? or "date"?}</c>. Without a hash it bears that
    /// of the line.
    /// </summary>
    private ReplayUnit Read(ReadOnlyMemory<byte> line, long number)
    {
        using var document = RecordedBlock.Parse(line);
        var root = document.RootElement;
        ChainNames.Check(root, chain);
        var frames = CallTree.Read(RpcJson.Field(root, "trace"));
        var hash = Given(root, "hash") is { } named ? RpcJson.ToHash(named, "hash") : Keccak256.Hash(line.Span);
        var logs = Given(root, "logs") is { } given ? Logs(RpcJson.ToArray(given, "logs")) : CallTree.Logs(frames);
        if (logs.Length == 0)
            WithoutLogs++;
        var top = frames[0];
        var creates = top.Kind is CallKind.Create or CallKind.Create2;
        var transaction = new Transaction(
            hash, 0, top.From, creates ? null : top.To, 0, top.ValueWei, top.Input, top.Error is null,
            creates ? top.To : null, top.Error is null ? logs : default);
        // The block is ours: it must be different for each, and need not be anything else.
        var reference = new BlockRef(BlockNumber(root), hash);
        var block = new Block(reference, Hash32.Zero, Time(root), new[] { transaction });
        return new ReplayUnit(
            number,
            [
                new ChainStep.Forward(block),
                new ChainStep.Traced(reference, [new TransactionTrace(hash, frames)]),
            ])
        { Anew = true, Transactions = 1 };
    }

    private static Log[] Logs(JsonElement given) => [.. given.EnumerateArray().Select(CallTree.ReadLog)];

    private static ulong BlockNumber(JsonElement root)
    {
        if (Given(root, "block") is not { } block)
            return 0;
        if (block.ValueKind != JsonValueKind.Number)
            return RpcJson.ToNumber(block, "block");
        return block.TryGetUInt64(out var number) ? number : throw new FormatException("'block' is no block number");
    }

    // Recordings seldom know the time of day; what counts within one transaction needs none.
    private static DateTimeOffset Time(JsonElement root)
    {
        var text = Given(root, "time") ?? Given(root, "date");
        if (text is not { ValueKind: JsonValueKind.String } given)
            return DateTimeOffset.UnixEpoch;
        return DateTimeOffset.TryParse(
            given.GetString(), CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new FormatException("'time' is not an instant");
    }

    private static JsonElement? Given(JsonElement parent, string name) =>
        RpcJson.Optional(parent, name) is { ValueKind: not JsonValueKind.Null } value ? value : null;
}
