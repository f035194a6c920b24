using System.Security.Cryptography;
using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Detectors;
using Tocsin.Recording;
using Tocsin.Texts;

namespace Tocsin.Replay;

/// <summary>How much was taken.</summary>
internal sealed record ReplayCounts(long Inputs, long Blocks, long Transactions, long Findings)
{
    public static ReplayCounts None { get; } = new(0, 0, 0, 0);
}

/// <summary>
/// Where a replay can go on: kept beside the findings as <c>OUT.state</c> while it is under way, gone when it is done.
/// </summary>
/// <param name="Arguments">What was replayed, without any secret, for comparison.</param>
/// <param name="Watch">A hash of what was looked for: with another plan the findings would not fit together.</param>
/// <param name="Heard">What came beside blocks; null in a state of before that was kept.</param>
/// <param name="FindingsBytes">How long the file of findings was.</param>
internal sealed record ReplayState(
    int Version,
    ValueList<string> Arguments,
    Hash32 Watch,
    long Position,
    long FindingsBytes,
    EngineSnapshot Engine,
    ReplayCounts Counts,
    ValueList<Rejected> Rejected,
    ValueList<MissingBlocks> Missing,
    ValueList<InputKind>? Heard = null)
{
    public const int CurrentVersion = 1;

    public static string PathFor(string findings) => findings + ".state";

    public static Hash32 Digest(Watch watch) =>
        new(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(watch, EventJson.Options)));

    /// <summary>The blocks that stand at this place, oldest first.</summary>
    public static IReadOnlyList<BlockRef> RecentBlocks(EngineSnapshot engine)
    {
        if (engine.Start is not { } start)
            return [];
        var blocks = engine.Blocks.Select(block => block.Ref).ToList();
        // Below the oldest block lies the start only while nothing was forgotten.
        if (blocks.Count == 0 || blocks[0].Number == start.Number + 1)
            blocks.Insert(0, start);
        return blocks;
    }

    /// <summary>The state beside those findings; null where there is none.</summary>
    /// <exception cref="InputException">It cannot be read, or belongs to another replay.</exception>
    public static ReplayState? Read(string findings, ValueList<string> arguments, Hash32 watch)
    {
        var path = PathFor(findings);
        if (!File.Exists(path))
            return null;
        ReplayState? state;
        try
        {
            state = JsonSerializer.Deserialize<ReplayState>(File.ReadAllBytes(path), EventJson.Options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InputException($"{path} is no state of a replay ({e.Message}); --restart begins anew", e);
        }
        if (state is null || state.Version != CurrentVersion)
            throw new InputException($"{path} is of another version of Tocsin; --restart begins anew");
        if (!state.Arguments.Equals(arguments))
            throw new InputException(
                $"{path} belongs to a replay of {string.Join(' ', state.Arguments)}, and this is one of "
                + $"{string.Join(' ', arguments)}: give the same, another --findings, or --restart to begin anew");
        if (state.Watch != watch)
            throw new InputException(
                $"{path} belongs to a replay under another plan or configuration: --restart begins anew with this one");
        return state;
    }

    /// <summary>Replaces the file as a whole: a crash leaves the old state or the new one.</summary>
    public void Write(string findings)
    {
        var path = PathFor(findings);
        using (var file = new FileStream(path + ".tmp", FileMode.Create))
        {
            JsonSerializer.Serialize(file, this, EventJson.Options);
            file.Flush(flushToDisk: true);
        }
        File.Move(path + ".tmp", path, overwrite: true);
    }
}
