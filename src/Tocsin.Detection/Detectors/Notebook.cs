using System.Diagnostics.CodeAnalysis;
using Tocsin.Chains;

namespace Tocsin.Detection.Detectors;

/// <param name="Turn">The higher, the later it was noted.</param>
/// <param name="Worth">How many times as long as another it stays before it makes room, less one.</param>
public sealed record Note<TKey, TValue>(TKey Key, TValue Value, long Turn, int Worth = 0);

/// <param name="Before">The value before the block; null where there was none.</param>
/// <param name="Turn">The last turn before it was noted; null in an undo from before that was kept.</param>
public sealed record NoteUndo<TKey, TValue>(ulong Block, TKey Key, Note<TKey, TValue>? Before, long? Turn = null);

/// <summary>All that a notebook holds, as plain values.</summary>
/// <param name="Undo">What the remembered blocks changed, oldest first; each key once a block.</param>
/// <param name="TooMany">The newest block whose changes were forgotten although a rollback could take it back; null
/// where there is none.</param>
/// <param name="LastTurn">Null in a state from before that was kept.</param>
public sealed record NotebookState<TKey, TValue>(
    ValueList<Note<TKey, TValue>> Notes, ValueList<NoteUndo<TKey, TValue>> Undo, ulong? TooMany = null,
    long? LastTurn = null);

/// <summary>
/// The last value of each of a few keys: each change is remembered with its block for as long as a rollback may take it
/// back. Bounded: beyond its size a new key takes the place of the one that was noted longest ago, where what is worth
/// more counts as noted later; or, where notes have weights, of the lightest, and one that is lighter than all is not
/// noted. What a block changed is bounded too: it holds what was there before, once a key, however
/// often the block wrote it; and if many blocks together changed too much, the oldest cannot be taken back.
/// </summary>
/// <param name="weight">What a value weighs, by itself alone; null where all weigh the same.</param>
internal sealed class Notebook<TKey, TValue>(int notesMax, Func<TValue, decimal>? weight = null)
    where TKey : notnull
{
    /// <summary>The largest worth: nobody writes so often that what has it makes room.</summary>
    public const int WorthMax = 1_000;

    private const int UndoMin = 16_384;
    private const int UndoTimes = 16;

    private readonly Dictionary<TKey, Note<TKey, TValue>> places = [];
    private readonly SortedSet<Note<TKey, TValue>> ranked = new(Comparer<Note<TKey, TValue>>.Create(
        (left, right) => (Weight(left, weight), Rank(left, notesMax), left.Turn)
            .CompareTo((Weight(right, weight), Rank(right, notesMax), right.Turn))));
    private readonly List<NoteUndo<TKey, TValue>> undo = [];
    private readonly HashSet<TKey> changed = [];
    private long lastTurn;
    private ulong? tooMany;

    public int Count => places.Count;

    /// <summary>True where a new note takes another one's place.</summary>
    public bool IsFull => places.Count == notesMax;

    /// <summary>In the order in which they were last noted.</summary>
    public IEnumerable<Note<TKey, TValue>> Notes => places.Values.OrderBy(note => note.Turn);

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        var found = places.TryGetValue(key, out var place);
        value = found ? place!.Value : default;
        return found;
    }

    /// <param name="worth">0 to <see cref="WorthMax"/>: it stays until so many times the size of the notebook more was
    /// noted after it. A key that is there never becomes worth less.</param>
    public void Set(TKey key, TValue value, BlockScene scene, int worth = 0) => Set(key, value, scene.Block, worth);

    /// <inheritdoc cref="Set(TKey, TValue, BlockScene, int)"/>
    public void Set(TKey key, TValue value, BlockRef block, int worth = 0)
    {
        if (!places.ContainsKey(key) && IsFull)
        {
            if (weight is not null && weight(value) < weight(ranked.Min!.Value))
                return;
            Remove(ranked.Min!.Key, block);
        }
        Remember(key, block);
        var most = places.TryGetValue(key, out var before) ? Math.Max(before.Worth, worth) : worth;
        Put(new Note<TKey, TValue>(key, value, ++lastTurn, most));
        Forget(block.Number);
    }

    public void Remove(TKey key, BlockScene scene) => Remove(key, scene.Block);

    public void Remove(TKey key, BlockRef block)
    {
        if (!places.ContainsKey(key))
            return;
        Remember(key, block);
        Drop(key);
    }

    /// <exception cref="RollbackTooDeepException">So much was noted since that it is not remembered.</exception>
    public void Rollback(BlockRef ancestor)
    {
        if (tooMany is { } forgotten && forgotten > ancestor.Number)
            throw new RollbackTooDeepException(ancestor, new BlockRef(forgotten, default));
        while (undo.Count > 0 && undo[^1].Block > ancestor.Number)
        {
            var first = undo.FindLastIndex(one => one.Block != undo[^1].Block) + 1;
            // All that the block left, before all that was there: the order within it is not known.
            for (var i = first; i < undo.Count; i++)
                Drop(undo[i].Key);
            for (var i = first; i < undo.Count; i++)
                if (undo[i].Before is { } before)
                    Put(before);
            // What is worth more stays for so many turns: those of an orphaned block are no turns.
            lastTurn = undo[first].Turn ?? lastTurn;
            undo.RemoveRange(first, undo.Count - first);
        }
        FindChanged();
    }

    public NotebookState<TKey, TValue> Snapshot() =>
        new(Notes.ToValueList(), undo.ToValueList(), tooMany, lastTurn);

    public void Restore(NotebookState<TKey, TValue> state)
    {
        places.Clear();
        ranked.Clear();
        undo.Clear();
        foreach (var note in state.Notes)
            Put(note);
        undo.AddRange(state.Undo);
        tooMany = state.TooMany;
        // Otherwise beyond all that may come back, so that no two are ever noted at the same turn.
        lastTurn = state.LastTurn ?? state.Notes
            .Concat(state.Undo.Select(one => one.Before).OfType<Note<TKey, TValue>>())
            .Select(note => note.Turn).DefaultIfEmpty().Max();
        FindChanged();
    }

    private static decimal Weight(Note<TKey, TValue> note, Func<TValue, decimal>? weight) =>
        weight is null ? 0 : weight(note.Value);

    private static Int128 Rank(Note<TKey, TValue> note, int notesMax) => note.Turn + ((Int128)note.Worth * notesMax);

    // A block that writes a key again changes nothing of what was there before it.
    private void Remember(TKey key, BlockRef block)
    {
        if (undo.Count > 0 && undo[^1].Block != block.Number)
            changed.Clear();
        if (changed.Add(key))
            undo.Add(new NoteUndo<TKey, TValue>(block.Number, key, places.GetValueOrDefault(key), lastTurn));
    }

    private void FindChanged()
    {
        changed.Clear();
        for (var i = undo.Count - 1; i >= 0 && undo[i].Block == undo[^1].Block; i--)
            changed.Add(undo[i].Key);
    }

    private void Put(Note<TKey, TValue> note)
    {
        Drop(note.Key);
        places[note.Key] = note;
        ranked.Add(note);
    }

    private void Drop(TKey key)
    {
        if (places.Remove(key, out var note))
            ranked.Remove(note);
    }

    private void Forget(ulong block)
    {
        if (undo.Count > Math.Max(UndoMin, UndoTimes * notesMax))
            ForgetTooMany(block);
        // Seldom, and looked for only then: whoever fills blocks must not make each note cost all the others.
        if (!IsOld(undo[undo.Count / 2]))
            return;
        var old = undo.Count / 2;
        while (old < undo.Count && IsOld(undo[old]))
            old++;
        undo.RemoveRange(0, old);

        bool IsOld(NoteUndo<TKey, TValue> one) => one.Block + Engine.RollbackDepthMax < block;
    }

    // First what the block itself brought and dropped again: that is nothing to take back. Then the oldest half, in
    // whole blocks.
    private void ForgetTooMany(ulong block)
    {
        var first = undo.FindIndex(one => one.Block == block);
        var turn = undo[first].Turn;
        undo.RemoveAll(one => one.Block == block && one.Before is null && !places.ContainsKey(one.Key));
        undo[first] = undo[first] with { Turn = turn };
        FindChanged();
        if (undo.Count <= Math.Max(UndoMin, UndoTimes * notesMax) / 2)
            return;
        var middle = undo[undo.Count / 2].Block;
        var kept = undo.FindIndex(one => one.Block > middle || one.Block == block);
        if (kept == 0)
            return;
        tooMany = undo[kept - 1].Block;
        undo.RemoveRange(0, kept);
    }
}
