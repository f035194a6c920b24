using System.Text.Json;
using Tocsin.Detection.Detectors;
using Tocsin.Recording;

namespace Tocsin.Tests.Detectors;

public sealed class CellTests
{
    [Fact]
    public void It_is_the_last_value_and_a_rollback_restores_the_one_before()
    {
        var blocks = new Blocks();
        var cell = new Cell<int>();
        Assert.False(cell.TryGet(out _));
        blocks.Next();
        cell.Set(1, blocks.Scene);
        blocks.Next();
        cell.Set(2, blocks.Scene);
        cell.Set(3, blocks.Scene);
        Assert.Equal(3, Read(cell));

        cell = ThroughJson(cell);
        cell.Rollback(Blocks.Ref(1));
        Assert.Equal(1, Read(cell));
        cell.Rollback(Blocks.Ref(0));
        Assert.Null(Read(cell));
    }

    private static int? Read(Cell<int> cell) => cell.TryGet(out var value) ? value : null;

    private static Cell<int> ThroughJson(Cell<int> cell)
    {
        var json = JsonSerializer.Serialize(cell.Snapshot(), EventJson.Options);
        var read = new Cell<int>();
        read.Restore(JsonSerializer.Deserialize<NotebookState<string, int>>(json, EventJson.Options)!);
        return read;
    }
}
