using Microsoft.Extensions.Logging.Abstractions;
using Tocsin.Audit;
using Tocsin.Communications;
using Tocsin.Dispatch;
using Tocsin.Recording;
using Tocsin.Storage;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Storage.Samples;

namespace Tocsin.Tests.Storage;

/// <summary>A database server that goes away in the middle of things and is there again.</summary>
public sealed class LostConnectionTests(PrivateCluster cluster) : IDisposable
{
    // Ends the session that executes it, the first time: a sequence counts on also when what counted is rolled back.
    private const string EndOnce = """
        CREATE SEQUENCE ends;
        GRANT USAGE ON SEQUENCE ends TO tocsin;
        CREATE FUNCTION end_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
            BEGIN
                IF nextval('ends') <= 1 THEN
                    PERFORM pg_terminate_backend(pg_backend_pid());
                    PERFORM pg_sleep(60);
                END IF;
                RETURN NULL;
            END $$;
        """;

    private readonly PostgresSchema schema = cluster.NewSchema();

    public void Dispose() => schema.Dispose();

    [Fact]
    public void A_store_goes_on_after_the_connection_was_cut_while_nothing_happened()
    {
        using var store = schema.Open();
        var first = store.Commit(Entries(1));
        schema.Cut();

        Assert.Equal(first, store.Read());
        schema.Cut();
        store.Commit(Entries(2));
        schema.Cut();
        Assert.Equal([7], store.Key("acknowledge", () => [7]));

        Assert.Equal(2, store.Head.Sequence);
        Assert.Null(LogChain.FirstBrokenLink(store.Read()));
    }

    [Theory]
    [InlineData("CREATE TRIGGER ends AFTER INSERT ON {0} FOR EACH ROW EXECUTE FUNCTION end_once()")]
    [InlineData("CREATE CONSTRAINT TRIGGER ends AFTER INSERT ON {0} DEFERRABLE INITIALLY DEFERRED "
        + "FOR EACH ROW EXECUTE FUNCTION end_once()")]
    public void A_commit_that_did_not_arrive_is_made_again(string trigger)
    {
        foreach (var table in (string[])["log", "checkpoint"])
        {
            using var home = cluster.NewSchema();
            using var store = home.Open();
            store.Commit(new Batch { Outbox = [Item("a")] });
            home.Tamper(EndOnce + string.Format(trigger, table));

            store.Commit(Outcome("a", settled: false, Noon) with
            {
                Entries = table == "log" ? [Entry(1), Entry(2)] : [],
                Checkpoint = new Checkpoint("watch", "17"),
            });

            Assert.Equal(table == "log" ? 2 : 0, store.Read().Count());
            Assert.Equal(store.Head.Sequence, store.Read().Count());
            Assert.Equal(1, Assert.Single(store.UnsettledOutbox()).Attempts);
            Assert.Equal("17", store.ReadCheckpoint("watch"));
            Assert.Null(LogChain.FirstBrokenLink(store.Read()));
        }
    }

    /// <summary>
    /// The server waits for a copy that never comes: by then the commit is on its disk, and the client knows nothing.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_commit_that_arrived_unheard_is_not_made_again(bool withEntries)
    {
        using var server = PostgresServer.Start();
        using var home = new PostgresSchema(server.Socket, "test_sync");
        using var store = home.Open();
        store.Commit(new Batch { Outbox = [Item("a")] });
        server.Tamper("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
        server.Tamper("SELECT pg_reload_conf()");
        WaitUntilCopiesAreWaitedFor(server, home);
        var commit = Task.Run(() => store.Commit(
            Outcome("a", settled: false, Noon) with { Entries = withEntries ? [Entry(1), Entry(2)] : [] }));
        WaitUntilCommitWaits(home, commit);

        server.Tamper("ALTER SYSTEM RESET synchronous_standby_names");
        home.Cut();
        var entries = await commit;

        server.Tamper("SELECT pg_reload_conf()");
        Assert.Equal(withEntries ? 2 : 0, entries.Count);
        Assert.Equal(entries, store.Read());
        Assert.Equal(1, Assert.Single(store.UnsettledOutbox()).Attempts);
        store.Commit(Entries(3));
        Assert.Null(LogChain.FirstBrokenLink(store.Read()));
    }

    [Fact]
    public void A_store_that_another_process_wrote_to_meanwhile_refuses_everything()
    {
        using var store = schema.Open();
        store.Commit(Entries(1));
        using (var other = Overtake())
        {
            Assert.Contains("in use by another process",
                Assert.Throws<StorageException>(() => store.Commit(Entries(2))).Message);
            other.Commit(Entries(3));
        }

        Assert.Contains("restart it", Assert.Throws<StorageException>(() => store.Commit(Entries(2))).Message);
        Assert.Throws<StorageException>(() => store.ReadCheckpoint("watch"));
        Assert.Throws<StorageException>(() => store.Read().ToList());
    }

    /// <summary>A server that can keep nothing must end, so that what looks after it starts it anew.</summary>
    [Fact]
    public async Task A_server_whose_log_ends_otherwise_than_it_left_it_ends_with_the_reason()
    {
        var uri = new Uri("https://tocsin.example");
        var time = new ManualTime();
        using var logbook = new Logbook(schema.Open(), new Links(_ => uri, (_, _, _) => uri, uri), time);
        using var dispatcher = new Dispatcher(logbook, time, NullLogger<Dispatcher>.Instance);
        await dispatcher.StartAsync(TestContext.Current.CancellationToken);
        using (var other = Overtake())
            other.Commit(Entries(3));
        Assert.Throws<StorageException>(() => logbook.Adopt(MinimalPlan.Read()));

        time.Advance(TimeSpan.FromSeconds(1));

        var fault = await Assert.ThrowsAsync<StorageException>(() => dispatcher.ExecuteTask!);
        Assert.Contains("restart it", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_that_another_process_left_as_it_was_goes_on()
    {
        using var store = schema.Open();
        store.Commit(Entries(1));
        using (Overtake())
            Assert.Throws<StorageException>(() => store.Commit(Entries(2)));

        store.Commit(Entries(2));

        Assert.Null(LogChain.FirstBrokenLink(store.Read()));
        Assert.Equal(2, store.Head.Sequence);
    }

    [Fact]
    public void A_database_that_lost_what_it_confirmed_is_not_written_to()
    {
        using var store = schema.Open();
        store.Commit(Entries(1, 2));
        schema.DropTriggers();
        schema.Tamper("DELETE FROM log WHERE sequence = 2");
        schema.Cut();

        var refusal = Assert.Throws<StorageException>(() => store.Commit(Entries(3)));

        Assert.Contains("has lost what it confirmed", refusal.Message);
        Assert.Equal(1L, schema.Scalar("SELECT count(*) FROM log"));
    }

    private EventStore Overtake()
    {
        schema.Cut();
        return schema.Open();
    }

    // A session that shows the setting was begun after every process had been told; the checkpointer, which tells the
    // others whether copies count, looks at its settings before it makes a checkpoint.
    private static void WaitUntilCopiesAreWaitedFor(PostgresServer server, PostgresSchema home)
    {
        while (home.Scalar("SHOW synchronous_standby_names") is not "nobody")
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        server.Tamper("CHECKPOINT");
    }

    private static void WaitUntilCommitWaits(PostgresSchema home, Task commit)
    {
        while (home.Scalar("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") is not 1L)
            Assert.False(commit.IsCompleted, "the commit did not wait for a copy");
    }
}
