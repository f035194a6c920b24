using FsCheck;
using FsCheck.Fluent;
using Tocsin.Audit;
using Tocsin.Storage;
using static Tocsin.Tests.Storage.Samples;

namespace Tocsin.Tests.Storage;

/// <summary>What a store does, whatever database it is in.</summary>
public abstract class StoreBehaviourTests : IDisposable
{
    private const int Cases = 50; // each makes a store

    private readonly StoreHome home;

    private protected StoreBehaviourTests(StoreHome home) => this.home = home;

    private protected abstract StoreHome NewHome();

    public void Dispose()
    {
        home.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_new_store_is_empty()
    {
        using var store = home.Open();

        Assert.Equal(LogHead.Empty, store.Head);
        Assert.Empty(store.Read());
        Assert.Empty(store.UnsettledOutbox());
        Assert.Null(store.NextOutboxAttempt("war-room"));
        Assert.Null(store.ReadCheckpoint("watch"));
    }

    [Fact]
    public void What_was_committed_is_read_back_by_the_next_process()
    {
        IReadOnlyList<LogEntry> committed;
        LogHead head;
        using (var store = home.Open())
        {
            committed = [.. store.Commit(Entries(1, 2)), .. store.Commit(Entries(3))];
            head = store.Head;
        }

        using var reopened = home.Open();
        Assert.Equal(committed, reopened.Read());
        Assert.Equal(head, reopened.Head);
        Assert.Equal([1L, 2L, 3L], committed.Select(entry => entry.Sequence));
        Assert.Null(LogChain.FirstBrokenLink(reopened.Read()));
    }

    [Fact]
    public void The_next_process_continues_the_chain()
    {
        using (var store = home.Open())
            store.Commit(Entries(1));
        using var reopened = home.Open();

        reopened.Commit(Entries(2, 3));

        Assert.Equal(3, reopened.Head.Sequence);
        Assert.Null(LogChain.FirstBrokenLink(reopened.Read()));
    }

    [Fact]
    public void An_instant_comes_back_as_the_same_instant_whatever_its_offset()
    {
        using var store = home.Open();
        var instant = new DateTimeOffset(2026, 3, 29, 2, 30, 0, TimeSpan.FromHours(2)).AddTicks(1);

        store.Commit(new Batch { Entries = [Entry(1) with { Instant = instant }] });

        Assert.Equal(instant, Assert.Single(store.Read()).Instant);
        Assert.Null(LogChain.FirstBrokenLink(store.Read()));
    }

    [Theory]
    [InlineData(0, 600)]
    [InlineData(1, 599)]
    [InlineData(255, 345)]
    [InlineData(256, 344)]
    [InlineData(600, 0)]
    [InlineData(9999, 0)]
    public void Reading_begins_after_the_given_entry_and_misses_none(long after, int count)
    {
        using var store = home.Open();
        store.Commit(Entries([.. Enumerable.Range(1, 600)]));

        var sequences = store.Read(after).Select(entry => entry.Sequence);

        Assert.Equal(Enumerable.Range(1, count).Select(number => after + number), sequences);
    }

    [Fact]
    public void Reading_goes_on_while_others_commit_and_ends_at_the_head_of_its_beginning()
    {
        using var store = home.Open();
        store.Commit(Entries([.. Enumerable.Range(1, 300)]));
        var read = new List<long>();

        foreach (var entry in store.Read())
        {
            read.Add(entry.Sequence);
            if (entry.Sequence % 100 == 0)
                store.Commit(Entries(1));
        }

        Assert.Equal(Enumerable.Range(1, 300).Select(number => (long)number), read);
        Assert.Equal(303, store.Head.Sequence);
    }

    [Fact]
    public void Commits_from_many_threads_make_one_chain()
    {
        using var store = home.Open();

        Parallel.For(0, 40, number => store.Commit(Entries(number, number + 1)));

        Assert.Equal(80, store.Read().Count());
        Assert.Null(LogChain.FirstBrokenLink(store.Read()));
    }

    [Theory]
    [InlineData("UPDATE log SET payload = '{}' WHERE sequence = 2", "entry 2 was changed after it was written")]
    [InlineData("UPDATE log SET instant_ticks = instant_ticks + 1 WHERE sequence = 3",
        "entry 3 was changed after it was written")]
    [InlineData("DELETE FROM log WHERE sequence = 2", "entry 2 is missing: entry 3 follows 1")]
    public void A_log_changed_behind_our_back_is_named(string sql, string broken)
    {
        using (var store = home.Open())
            store.Commit(Entries(1, 2, 3));

        home.DropTriggers();
        home.Tamper(sql);

        using var reopened = home.Open();
        Assert.Equal(broken, LogChain.FirstBrokenLink(reopened.Read()));
    }

    [Fact]
    public void A_batch_that_fails_in_the_middle_leaves_nothing()
    {
        using var store = home.Open();
        store.Commit(Entries(1) with { Checkpoint = new Checkpoint("watch", "before") });
        var head = store.Head;

        Assert.Throws<ArgumentException>(() => store.Commit(Entries(2) with
        {
            Outbox = [Item("a")],
            Settled = [new OutboxOutcome("never queued", true, Noon, "delivered")],
            Checkpoint = new Checkpoint("watch", "after"),
        }));
        Assert.Throws<StorageException>(() =>
            store.Commit(Entries(2) with { Outbox = [Item("a", (Findings.Severity)9)] }));

        Assert.Equal(head, store.Head);
        Assert.Single(store.Read());
        Assert.Empty(store.UnsettledOutbox());
        Assert.Equal("before", store.ReadCheckpoint("watch"));
        store.Commit(Entries(2));
        Assert.Null(LogChain.FirstBrokenLink(store.Read()));
    }

    [Theory]
    [InlineData('\0')]
    [InlineData('\ud83d')]
    [InlineData('\udea8')]
    public void Text_that_would_not_come_back_is_refused(char foreign)
    {
        using var store = home.Open();
        var text = $"cut{foreign}off";

        Assert.ThrowsAny<ArgumentException>(() =>
            store.Commit(new Batch { Entries = [Entry(1) with { Payload = text }] }));
        Assert.ThrowsAny<ArgumentException>(() =>
            store.Commit(Entries(1) with { Checkpoint = new Checkpoint("watch", text) }));

        Assert.Equal(LogHead.Empty, store.Head);
    }

    [Fact]
    public void A_checkpoint_is_replaced_and_kept()
    {
        using (var store = home.Open())
        {
            store.Commit(new Batch { Checkpoint = new Checkpoint("watch", "1") });
            store.Commit(new Batch { Checkpoint = new Checkpoint("watch", "2") });
            store.Commit(new Batch { Checkpoint = new Checkpoint("feed", "3") });
        }

        using var reopened = home.Open();
        Assert.Equal("2", reopened.ReadCheckpoint("watch"));
        Assert.Equal("3", reopened.ReadCheckpoint("feed"));
    }

    [Fact]
    public void A_key_is_made_once_and_kept()
    {
        using (var store = home.Open())
            Assert.Equal([1, 2, 3], store.Key("acknowledge", () => [1, 2, 3]));

        using var reopened = home.Open();
        Assert.Equal([1, 2, 3], reopened.Key("acknowledge", () => throw new InvalidOperationException("made twice")));
        Assert.Equal([4], reopened.Key("antiforgery", () => [4]));
    }

    [Fact]
    public void Any_sequence_of_batches_is_read_back_as_it_was_committed()
    {
        var texts = ArbMap.Default.GeneratorFor<NonNull<string>>()
            .Select(text => text.Get.Replace('\0', '0')).Where(text => !text.Any(char.IsSurrogate));
        var entries =
            from ticks in Gen.Choose(0, int.MaxValue)
            from stream in texts
            from kind in texts
            from payload in texts
            select new NewEntry(Noon.AddTicks(ticks), stream, kind, payload + "\U0001F6A8");
        var batches = entries.ListOf().Select(list => new Batch { Entries = [.. list] }).ListOf();

        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(Cases), Prop.ForAll(Arb.From(batches), BatchesComeBack));
    }

    private bool BatchesComeBack(IList<Batch> batches)
    {
        using var another = NewHome();
        var committed = new List<LogEntry>();
        using (var store = another.Open())
        {
            foreach (var batch in batches)
                committed.AddRange(store.Commit(batch));
        }
        using var reopened = another.Open();
        var given = batches.SelectMany(batch => batch.Entries);
        return reopened.Read().SequenceEqual(committed)
            && given.SequenceEqual(committed.Select(it => new NewEntry(it.Instant, it.Stream, it.Kind, it.Payload)))
            && LogChain.FirstBrokenLink(committed) is null
            && reopened.Head.Sequence == committed.Count;
    }
}
