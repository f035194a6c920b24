using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Detection;
using Tocsin.Detection.Detectors;
using Tocsin.Recording;

namespace Tocsin.Tests.Detectors;

public sealed class NotebookTests
{
    private const int NotesMax = 5;

    [Fact]
    public void A_rollback_restores_values_and_order()
    {
        var blocks = new Blocks();
        var notebook = new Notebook<string, int>(NotesMax);
        Set("a", 1);
        Set("b", 2);
        Set("c", 3);
        blocks.Next();
        Set("a", 10);
        notebook.Remove("b", blocks.Scene);
        Set("d", 4);
        blocks.Next();
        Set("c", 30);
        Assert.Equal("a=10 d=4 c=30", Read(notebook));

        notebook.Rollback(Blocks.Ref(1));
        Assert.Equal("c=3 a=10 d=4", Read(notebook));
        notebook.Rollback(Blocks.Ref(0));
        Assert.Equal("a=1 b=2 c=3", Read(notebook));

        void Set(string key, int value) => notebook.Set(key, value, blocks.Scene);
    }

    [Fact]
    public void Beyond_its_size_the_one_noted_longest_ago_makes_room_and_comes_back()
    {
        var blocks = new Blocks();
        var notebook = new Notebook<string, int>(2);
        notebook.Set("a", 1, blocks.Scene);
        notebook.Set("b", 2, blocks.Scene);
        blocks.Next();
        notebook.Set("a", 3, blocks.Scene);
        notebook.Set("c", 4, blocks.Scene);
        Assert.Equal("a=3 c=4", Read(notebook));
        Assert.False(notebook.TryGet("b", out _));

        notebook.Rollback(Blocks.Ref(0));

        Assert.Equal("a=1 b=2", Read(notebook));
    }

    [Fact]
    public void What_no_rollback_can_take_back_is_forgotten()
    {
        var blocks = new Blocks();
        var notebook = new Notebook<int, int>(NotesMax);
        for (var number = 0; number < 20_000; number++)
        {
            notebook.Set(number % 50, number, blocks.Scene);
            blocks.Next();
        }

        Assert.Equal(NotesMax, notebook.Count);
        // Two for each block: who made room, and who took it; and as many before it is worth forgetting.
        Assert.InRange(notebook.Snapshot().Undo.Count, 2 * Engine.RollbackDepthMax, 4 * (Engine.RollbackDepthMax + 2));
    }

    /// <summary>Each number notes or removes one of nine keys, begins a block, or is a reorg; at 0 it is written as
    /// JSON and read.</summary>
    [Fact]
    public void It_is_what_a_list_of_all_its_pasts_would_be() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 99)).Where(script => script.Length <= 300).ToArbitrary(), script =>
        {
            var blocks = new Blocks();
            var notebook = new Notebook<int, string>(NotesMax);
            List<(int Key, string Value)>[] pasts = [[]];
            foreach (var (number, turn) in script.Select((number, turn) => (number, turn)))
            {
                if (number == 0)
                {
                    var json = JsonSerializer.Serialize(notebook.Snapshot(), EventJson.Options);
                    notebook = new Notebook<int, string>(NotesMax);
                    notebook.Restore(
                        JsonSerializer.Deserialize<NotebookState<int, string>>(json, EventJson.Options)!);
                }
                else if (number < 60)
                {
                    notebook.Set(number % 9, $"{turn}", blocks.Scene);
                    Note(pasts[^1], number % 9, $"{turn}");
                }
                else if (number < 70)
                {
                    notebook.Remove(number % 9, blocks.Scene);
                    pasts[^1].RemoveAll(note => note.Key == number % 9);
                }
                else if (number < 94)
                {
                    blocks.Next();
                    pasts = [.. pasts, [.. pasts[^1]]];
                }
                else
                {
                    var back = Math.Max(0, pasts.Length - 1 - (turn % 12));
                    notebook.Rollback(Blocks.Ref((ulong)back));
                    blocks.Enter((ulong)back);
                    pasts = pasts[..(back + 1)];
                }
                var expected = string.Join(' ', pasts[^1].Select(note => $"{note.Key}={note.Value}"));
                if (Read(notebook) != expected || notebook.Count != pasts[^1].Count
                    || pasts[^1].Exists(note => !notebook.TryGet(note.Key, out var value) || value != note.Value))
                    return false;
            }
            return true;
        }).QuickCheckThrowOnFailure();

    private static void Note(List<(int Key, string Value)> notes, int key, string value)
    {
        if (notes.RemoveAll(note => note.Key == key) == 0 && notes.Count == NotesMax)
            notes.RemoveAt(0);
        notes.Add((key, value));
    }

    private static string Read<TKey, TValue>(Notebook<TKey, TValue> notebook)
        where TKey : notnull => string.Join(' ', notebook.Notes.Select(note => $"{note.Key}={note.Value}"));
}
