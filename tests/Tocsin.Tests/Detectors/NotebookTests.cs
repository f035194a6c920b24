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
    public void Where_notes_have_weights_the_lightest_makes_room_and_what_is_lighter_than_all_is_not_noted()
    {
        var blocks = new Blocks();
        var notebook = new Notebook<string, int>(3, value => value);
        notebook.Set("heavy", 100, blocks.Scene);
        notebook.Set("old", 1, blocks.Scene);
        notebook.Set("new", 1, blocks.Scene);
        blocks.Next();
        for (var dust = 0; dust < 1_000; dust++)
            notebook.Set($"dust {dust}", 0, blocks.Scene);
        Assert.Equal("heavy=100 old=1 new=1", Read(notebook));

        notebook.Set("next", 2, blocks.Scene);
        Assert.Equal("heavy=100 new=1 next=2", Read(notebook));
        notebook.Set("heavy", 0, blocks.Scene);
        notebook.Set("last", 1, blocks.Scene);
        Assert.Equal("new=1 next=2 last=1", Read(notebook));

        notebook.Rollback(Blocks.Ref(0));
        Assert.Equal("heavy=100 old=1 new=1", Read(notebook));
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

    [Fact]
    public void What_is_worth_more_makes_room_later_but_not_never()
    {
        var blocks = new Blocks();
        var notebook = new Notebook<int, int>(NotesMax);
        notebook.Set(-1, 1, blocks.Scene, worth: 10);
        for (var i = 0; i < 10 * NotesMax; i++)
            notebook.Set(i, i, blocks.Scene);
        Assert.True(notebook.TryGet(-1, out _));
        Assert.Equal(NotesMax, notebook.Count);

        for (var i = 0; i < 2 * NotesMax; i++)
            notebook.Set(1_000 + i, i, blocks.Scene);
        Assert.False(notebook.TryGet(-1, out _));
    }

    [Fact]
    public void A_block_of_a_million_writes_is_remembered_by_what_was_there_before()
    {
        var blocks = new Blocks();
        var notebook = new Notebook<int, int>(NotesMax);
        notebook.Set(-1, 7, blocks.Scene);
        blocks.Next();
        for (var i = 0; i < 1_000_000; i++)
            notebook.Set(i, i, blocks.Scene);

        Assert.InRange(notebook.Snapshot().Undo.Count, 1, 16_384);
        notebook.Rollback(Blocks.Ref(0));
        Assert.Equal("-1=7", Read(notebook));
    }

    [Fact]
    public void What_was_forgotten_because_it_was_too_much_is_refused_and_not_made_up()
    {
        var blocks = new Blocks();
        var notebook = new Notebook<int, int>(100);
        for (var block = 0; block < 200; block++)
        {
            for (var i = 0; i < 200; i++)
                notebook.Set((block * 1_000) + i, i, blocks.Scene);
            blocks.Next();
        }

        Assert.InRange(notebook.Snapshot().Undo.Count, 1, 16_384);
        Assert.Throws<RollbackTooDeepException>(() => notebook.Rollback(Blocks.Ref(10)));
        notebook.Rollback(Blocks.Ref(190));
        Assert.True(notebook.TryGet(190_199, out _));
        Assert.False(notebook.TryGet(191_000, out _));
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

    /// <summary>Each number notes one of 30 keys, some of them worth more, begins a block, or is a reorg; at 0 it is
    /// restored.</summary>
    [Fact]
    public void What_makes_room_is_the_same_live_after_reorgs_restored_and_in_a_fresh_replay() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 99)).Where(script => script.Length <= 300).ToArbitrary(), script =>
        {
            var blocks = new Blocks();
            var live = new Notebook<int, int>(NotesMax);
            List<(int Key, int Turn)>[] canonical = [[]];
            foreach (var (number, turn) in script.Select((number, turn) => (number, turn)))
            {
                if (number == 0)
                {
                    var json = JsonSerializer.Serialize(live.Snapshot(), EventJson.Options);
                    live = new Notebook<int, int>(NotesMax);
                    live.Restore(JsonSerializer.Deserialize<NotebookState<int, int>>(json, EventJson.Options)!);
                }
                else if (number < 70)
                {
                    Write(live, number % 30, turn, blocks);
                    canonical[^1].Add((number % 30, turn));
                }
                else if (number < 90)
                {
                    blocks.Next();
                    canonical = [.. canonical, []];
                }
                else
                {
                    var back = Math.Max(0, canonical.Length - 1 - (turn % 12));
                    live.Rollback(Blocks.Ref((ulong)back));
                    blocks.Enter((ulong)back);
                    canonical = canonical[..(back + 1)];
                }
            }
            var fresh = new Notebook<int, int>(NotesMax);
            var again = new Blocks();
            foreach (var (number, block) in canonical.Select((block, number) => (number, block)))
            {
                again.Enter((ulong)number);
                foreach (var (key, turn) in block)
                    Write(fresh, key, turn, again);
            }
            return Read(live) == Read(fresh);

            static void Write(Notebook<int, int> notebook, int key, int turn, Blocks at)
            {
                if (key % 7 == 3)
                    notebook.Remove(key - 1, at.Scene);
                notebook.Set(key, turn, at.Scene, worth: key % 5 == 0 ? 2 : 0);
            }
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
