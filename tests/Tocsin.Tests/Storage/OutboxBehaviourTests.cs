using Tocsin.Findings;
using Tocsin.Storage;
using static Tocsin.Tests.Storage.Samples;

namespace Tocsin.Tests.Storage;

/// <summary>What the outbox of a store does, whatever database it is in.</summary>
public abstract class OutboxBehaviourTests : IDisposable
{
    private readonly StoreHome home;

    private protected OutboxBehaviourTests(StoreHome home) => this.home = home;

    public void Dispose()
    {
        home.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void An_item_queued_twice_is_there_once_and_keeps_what_became_of_it()
    {
        using var store = home.Open();
        store.Commit(new Batch { Outbox = [Item("a"), Item("a")] });
        store.Commit(Outcome("a", settled: true, Noon));

        store.Commit(new Batch { Outbox = [Item("a") with { Alert = "another" }] });

        Assert.Empty(store.UnsettledOutbox());
        Assert.Empty(store.DueOutbox("war-room", Noon.AddDays(1), 10));
    }

    [Fact]
    public void An_item_comes_back_as_it_was_queued()
    {
        using var store = home.Open();
        var item = Item("a", Severity.Minor, age: 3);

        store.Commit(new Batch { Outbox = [item] });

        var state = Assert.Single(store.UnsettledOutbox());
        Assert.Equal(item, state.Item);
        Assert.Equal((0, DateTimeOffset.MinValue, false), (state.Attempts, state.NextAttemptAt, state.Settled));
        Assert.Null(state.LastResult);
    }

    [Fact]
    public void The_worst_goes_first_then_the_oldest_then_the_first_queued()
    {
        using var store = home.Open();
        store.Commit(new Batch
        {
            Outbox =
            [
                Item("old and minor", Severity.Minor, age: 900),
                Item("young and critical", Severity.Critical, age: 1),
                Item("z, old and critical", Severity.Critical, age: 60),
                Item("a, old and critical", Severity.Critical, age: 60),
                Item("high", Severity.High, age: 5),
            ],
        });

        string[] order =
            ["z, old and critical", "a, old and critical", "young and critical", "high", "old and minor"];
        Assert.Equal(order, store.DueOutbox("war-room", Noon, 10).Select(state => state.Item.Key));
        Assert.Equal(order, store.UnsettledOutbox().Select(state => state.Item.Key));
        Assert.Equal(order[..2], store.DueOutbox("war-room", Noon, 2).Select(state => state.Item.Key));
    }

    [Fact]
    public void A_failed_attempt_is_counted_and_makes_the_item_due_later()
    {
        using var store = home.Open();
        store.Commit(new Batch { Outbox = [Item("a"), Item("b")] });

        store.Commit(Outcome("a", settled: false, Noon.AddSeconds(30), "busy"));
        store.Commit(Outcome("b", settled: false, Noon.AddSeconds(90), "busy"));

        Assert.Empty(store.DueOutbox("war-room", Noon.AddSeconds(30).AddTicks(-1), 10));
        var due = Assert.Single(store.DueOutbox("war-room", Noon.AddSeconds(30), 10));
        Assert.Equal(("a", 1, "busy"), (due.Item.Key, due.Attempts, due.LastResult));
        Assert.Equal(Noon.AddSeconds(30), store.NextOutboxAttempt("war-room"));
    }

    [Theory]
    [InlineData(Severity.Critical, 5 * 60)]
    [InlineData(Severity.Routine, 24 * 60 * 60)]
    public void What_a_clock_that_was_ahead_put_off_is_due_and_nothing_else(Severity severity, int longestSeconds)
    {
        using var store = home.Open();
        store.Commit(new Batch { Outbox = [Item("a", severity), Item("b", severity)] });
        store.Commit(Outcome("a", settled: false, Noon.AddSeconds(longestSeconds), "it asked for so long"));
        store.Commit(Outcome("b", settled: false, Noon.AddSeconds(longestSeconds + 1), "busy"));

        Assert.Equal("b", Assert.Single(store.DueOutbox("war-room", Noon, 10)).Item.Key);
    }

    [Theory]
    [InlineData(-60)]
    [InlineData(0)]
    [InlineData(60)]
    public void A_new_item_is_due_at_once_also_when_the_clock_was_set_back(int age)
    {
        using var store = home.Open();

        store.Commit(new Batch { Outbox = [Item("a", age: age)] });

        Assert.Single(store.DueOutbox("war-room", Noon, 10));
        Assert.Single(store.DueOutbox("war-room", Noon.AddYears(-20), 10));
        Assert.True(store.NextOutboxAttempt("war-room") <= Noon.AddYears(-20));
    }

    [Fact]
    public void A_settled_item_stays_settled_when_a_late_attempt_ends_otherwise()
    {
        using var store = home.Open();
        store.Commit(new Batch { Outbox = [Item("a")] });

        store.Commit(Outcome("a", settled: true, Noon));
        store.Commit(Outcome("a", settled: false, Noon));

        Assert.Empty(store.UnsettledOutbox());
        Assert.Null(store.NextOutboxAttempt("war-room"));
    }

    [Fact]
    public void An_item_can_be_queued_and_settled_in_one_batch()
    {
        using var store = home.Open();

        store.Commit(Outcome("a", settled: true, Noon) with { Outbox = [Item("a")] });

        Assert.Empty(store.UnsettledOutbox());
    }

    [Fact]
    public void The_channels_that_something_waits_for_are_each_named_once()
    {
        using var store = home.Open();
        store.Commit(new Batch
        {
            Outbox =
            [
                Item("a"), Item("b"), Item("c") with { Channel = "phone" }, Item("d") with { Channel = "mail" },
            ],
        });
        store.Commit(Outcome("d", settled: true, Noon));

        Assert.Equal(["phone", "war-room"], store.UnsettledChannels());
    }

    [Fact]
    public void What_is_due_next_of_a_severity_says_nothing_of_another()
    {
        using var store = home.Open();
        store.Commit(new Batch { Outbox = [Item("a", Severity.Critical), Item("b", Severity.Minor)] });
        store.Commit(Outcome("a", settled: false, Noon.AddSeconds(90), "busy"));
        store.Commit(Outcome("b", settled: false, Noon.AddSeconds(30), "busy"));

        Assert.Equal(
            Noon.AddSeconds(90), store.NextOutboxAttempt("war-room", Severity.Critical, Severity.Critical));
        Assert.Equal(Noon.AddSeconds(30), store.NextOutboxAttempt("war-room", Severity.High, Severity.Routine));
    }

    [Fact]
    public void A_channel_sees_its_own_items_alone()
    {
        using var store = home.Open();

        store.Commit(new Batch { Outbox = [Item("a"), Item("b") with { Channel = "phone" }] });

        Assert.Equal("b", Assert.Single(store.DueOutbox("phone", Noon, 10)).Item.Key);
        Assert.Equal("a", Assert.Single(store.DueOutbox("war-room", Noon, 10)).Item.Key);
        Assert.Null(store.NextOutboxAttempt("nobody"));
    }
}
