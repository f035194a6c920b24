using System.Diagnostics.CodeAnalysis;
using Tocsin.Chains;

namespace Tocsin.Detection.Detectors;

/// <param name="Turn">The higher, the later it was noted.</param>
public sealed record Note<TKey, TValue>(TKey Key, TValue Value, long Turn);

/// <param name="Before">The value before the block; null where there was none.</param>
public sealed record NoteUndo<TKey, TValue>(ulong Block, TKey Key, Note<TKey, TValue>? Before);

/// <summary>All that a notebook holds, as plain values.</summary>
/// <param name="Undo">What the remembered blocks changed, oldest first.</param>
public sealed record NotebookState<TKey, TValue>(
    ValueList<Note<TKey, TValue>> Notes, ValueList<NoteUndo<TKey, TValue>> Undo);

/// <summary>
/// The last value of each of a few keys: each change is remembered with its block for as long as a rollback may take it
/// back. Bounded: beyond its size a new key takes the place of the one that was noted longest ago.
/// </summary>
internal sealed class Notebook<TKey, TValue>(int notesMax)
    where TKey : notnull
{
    private static readonly Comparer<Note<TKey, TValue>> ByTurn =
        Comparer<Note<TKey, TValue>>.Create((left, right) => left.Turn.CompareTo(right.Turn));

    private readonly Dictionary<TKey, Note<TKey, TValue>> places = [];
    private readonly SortedSet<Note<TKey, TValue>> notes = new(ByTurn);
    private readonly List<NoteUndo<TKey, TValue>> undo = [];

    public int Count => places.Count;

    /// <summary>In the order in which they were last noted.</summary>
    public IEnumerable<Note<TKey, TValue>> Notes => notes;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        var found = places.TryGetValue(key, out var place);
        value = found ? place!.Value : default;
        return found;
    }

    public void Set(TKey key, TValue value, BlockScene scene)
    {
        if (!places.ContainsKey(key) && places.Count == notesMax)
            Remove(notes.Min!.Key, scene);
        undo.Add(new NoteUndo<TKey, TValue>(scene.Block.Number, key, places.GetValueOrDefault(key)));
        Put(new Note<TKey, TValue>(key, value, (notes.Max?.Turn ?? 0) + 1));
        Forget(scene.Block.Number);
    }

    public void Remove(TKey key, BlockScene scene)
    {
        if (!places.TryGetValue(key, out var note))
            return;
        undo.Add(new NoteUndo<TKey, TValue>(scene.Block.Number, key, note));
        Drop(key);
    }

    public void Rollback(BlockRef ancestor)
    {
        while (undo.Count > 0 && undo[^1].Block > ancestor.Number)
        {
            if (undo[^1].Before is { } before)
                Put(before);
            else
                Drop(undo[^1].Key);
            undo.RemoveAt(undo.Count - 1);
        }
    }

    public NotebookState<TKey, TValue> Snapshot() => new(notes.ToValueList(), undo.ToValueList());

    public void Restore(NotebookState<TKey, TValue> state)
    {
        places.Clear();
        notes.Clear();
        undo.Clear();
        foreach (var note in state.Notes)
            Put(note);
        undo.AddRange(state.Undo);
    }

    private void Put(Note<TKey, TValue> note)
    {
        Drop(note.Key);
        places[note.Key] = note;
        notes.Add(note);
    }

    private void Drop(TKey key)
    {
        if (places.Remove(key, out var note))
            notes.Remove(note);
    }

    private void Forget(ulong block)
    {
        // Seldom, and looked for only then: whoever fills blocks must not make each note cost all the others.
        if (!IsOld(undo[undo.Count / 2]))
            return;
        var old = undo.Count / 2;
        while (old < undo.Count && IsOld(undo[old]))
            old++;
        undo.RemoveRange(0, old);

        bool IsOld(NoteUndo<TKey, TValue> one) => one.Block + Engine.RollbackDepthMax < block;
    }
}
