using Tocsin.Audit;
using Tocsin.Chains;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Audit;

public sealed class LogChainTests
{
    private static readonly IReadOnlyList<LogEntry> Log = Chain(5);

    [Fact]
    public void What_was_appended_is_whole()
    {
        Assert.Null(LogChain.FirstBrokenLink(Log));
        Assert.Null(LogChain.FirstBrokenLink([]));
    }

    [Fact]
    public void Any_changed_field_breaks_its_own_link()
    {
        Func<LogEntry, LogEntry>[] changes =
        [
            e => e with { Instant = e.Instant.AddTicks(1) },
            e => e with { Stream = e.Stream + "x" },
            e => e with { Kind = e.Kind + "x" },
            e => e with { Payload = e.Payload + " " },
            e => e with { Hash = Hash32.Zero },
        ];
        foreach (var change in changes)
            Assert.Equal("entry 3 was changed after it was written", LogChain.FirstBrokenLink(Log.Select(e =>
                e.Sequence == 3 ? change(e) : e)));
    }

    [Fact]
    public void Text_that_moves_from_one_field_to_the_next_is_a_change() => Assert.NotEqual(
        LogChain.Append(LogHead.Empty, new NewEntry(Noon, "ab", "c", "d")).Hash,
        LogChain.Append(LogHead.Empty, new NewEntry(Noon, "a", "bc", "d")).Hash);

    [Fact]
    public void An_entry_taken_out_put_in_or_moved_is_named()
    {
        Assert.Equal("entry 3 is missing: entry 4 follows 2", LogChain.FirstBrokenLink(Log.Where(e =>
            e.Sequence != 3)));
        Assert.Equal("entry 1 is missing: entry 2 follows 0", LogChain.FirstBrokenLink(Log.Skip(1)));
        Assert.Contains("entry 2", LogChain.FirstBrokenLink([Log[1], Log[0]]), StringComparison.Ordinal);
        Assert.Contains("entry 3 does not follow", LogChain.FirstBrokenLink([Log[0], Log[1],
            Log[2] with { PreviousHash = Log[0].Hash }]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_history_that_was_written_anew_has_another_head() =>
        Assert.NotEqual(Log[^1].Hash, Chain(5, "{\"changed\":1}")[^1].Hash);

    [Fact]
    public void The_head_names_number_and_hash() =>
        Assert.Equal($"5:{Log[^1].Hash}", new LogHead(5, Log[^1].Hash).ToString());

    private static List<LogEntry> Chain(int count, string first = "{}")
    {
        var entries = new List<LogEntry>();
        for (var i = 0; i < count; i++)
        {
            var head = entries.Count == 0 ? LogHead.Empty : new LogHead(entries[^1].Sequence, entries[^1].Hash);
            entries.Add(LogChain.Append(head, new NewEntry(At(i), "INC-1", "note-added.1", i == 0 ? first : "{}")));
        }
        return entries;
    }
}
