using Microsoft.Data.Sqlite;
using Tocsin.Audit;
using Tocsin.Storage;
using static Tocsin.Tests.Storage.Samples;
using static Tocsin.Tests.Storage.StoreFolder;

namespace Tocsin.Tests.Storage;

public sealed class SqliteOutboxTests() : OutboxBehaviourTests(new StoreFolder());

public sealed class SqliteStoreTests : StoreBehaviourTests
{
    private readonly StoreFolder folder;

    public SqliteStoreTests()
        : this(new StoreFolder())
    {
    }

    private SqliteStoreTests(StoreFolder folder)
        : base(folder) => this.folder = folder;

    private protected override StoreHome NewHome() => new StoreFolder();

    [Fact]
    public void A_store_goes_on_after_SQLite_rolled_back_by_itself_as_on_a_full_disk()
    {
        using (var store = folder.Open())
            store.Commit(Entries(1));
        Tamper(folder.Database, "CREATE TRIGGER full BEFORE INSERT ON checkpoint WHEN NEW.name = 'full' "
            + "BEGIN SELECT RAISE(ROLLBACK, 'full'); END");
        using (var store = folder.Open())
        {
            var full = Entries(2) with { Checkpoint = new Checkpoint("full", "x") };
            Assert.Throws<StorageException>(() => store.Commit(full));
            Assert.Throws<StorageException>(() => store.Commit(full));

            store.Commit(Entries(2));

            Assert.Equal(2, store.Head.Sequence);
            Assert.Null(LogChain.FirstBrokenLink(store.Read()));
        }
    }

    [Theory]
    [InlineData("UPDATE log SET payload = '{}' WHERE sequence = 2")]
    [InlineData("DELETE FROM log WHERE sequence = 3")]
    [InlineData("INSERT OR REPLACE INTO log SELECT sequence, 0, stream, kind, '{}', previous_hash, hash FROM log")]
    [InlineData("INSERT INTO log SELECT sequence + 5, 0, stream, kind, '{}', previous_hash, hash FROM log")]
    public void The_database_itself_refuses_to_change_the_log(string sql)
    {
        using (var store = folder.Open())
            store.Commit(Entries(1, 2, 3));

        var refusal = Assert.Throws<SqliteException>(() => Tamper(folder.Database, sql));

        Assert.Contains("the log is append-only", refusal.Message);
        using var reopened = folder.Open();
        Assert.Null(LogChain.FirstBrokenLink(reopened.Read()));
    }

    [Fact]
    public void A_copy_of_the_files_of_a_running_store_holds_everything_committed()
    {
        using var store = folder.Open();
        store.Commit(Entries(1, 2) with { Outbox = [Item("a")], Checkpoint = new Checkpoint("watch", "17") });
        store.Commit(Entries(3));

        // What kill -9 leaves behind: the files as they are, nothing flushed, nothing closed.
        File.Copy(folder.Database, folder.PathOf("copy.db"));
        File.Copy(folder.Database + "-wal", folder.PathOf("copy.db-wal"));
        var committed = store.Read().ToList();
        store.Commit(Entries(4));

        using var copy = EventStore.Open(folder.PathOf("copy.db"));
        Assert.Equal(committed, copy.Read());
        Assert.Equal("a", Assert.Single(copy.UnsettledOutbox()).Item.Key);
        Assert.Equal("17", copy.ReadCheckpoint("watch"));
    }
}
