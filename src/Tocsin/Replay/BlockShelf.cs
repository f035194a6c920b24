using Tocsin.Chains;
using Tocsin.Evm.Blocks;
using Tocsin.Inputs;

namespace Tocsin.Replay;

/// <summary>
/// Finds blocks by their marks in block files that are ordered by number, roughly: a stretch of lines around the last
/// one asked for is held.
/// </summary>
internal sealed class BlockShelf(IReadOnlyList<string> paths, ChainId chain, Rejections rejections) : IDisposable
{
    /// <summary>How far from its place by number a block is looked for.</summary>
    private const ulong Reach = 64;

    private readonly Dictionary<Hash32, (ulong Number, byte[] Line, string Place)> held = [];
    private LineReader? lines;
    private int file;
    private ulong newest;
    private bool ended;

    /// <summary>The block; null where the files do not hold it, or hold it malformed.</summary>
    public Block? Find(BlockRef wanted)
    {
        while (!held.ContainsKey(wanted.Hash) && !ended && (held.Count == 0 || newest <= wanted.Number + Reach))
            ReadLine(wanted.Number);
        if (!held.TryGetValue(wanted.Hash, out var found))
            return null;
        foreach (var (hash, line) in held)
            if (line.Number + Reach < wanted.Number)
                held.Remove(hash);
        try
        {
            return RecordedBlock.Read(found.Line, chain).Block;
        }
        catch (FormatException e)
        {
            rejections.Reject(found.Place, "malformed block", e.Message);
            return null;
        }
    }

    public void Dispose() => lines?.Dispose();

    private void ReadLine(ulong wanted)
    {
        if (lines is null)
        {
            if (file == paths.Count)
            {
                ended = true;
                return;
            }
            lines = LineReader.Open(paths[file++], RecordedBlock.LineBytesMax);
        }
        if (!lines.Read())
        {
            lines.Dispose();
            lines = null;
            return;
        }
        try
        {
            var block = RecordedBlock.ReadRef(lines.Line);
            newest = block.Number;
            if (newest + Reach >= wanted)
                held[block.Hash] = (newest, lines.Line.ToArray(), lines.Place);
        }
        catch (FormatException e)
        {
            rejections.Reject(lines.Place, "malformed block", e.Message);
        }
    }
}
