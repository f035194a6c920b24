using Tocsin.Audit;
using Tocsin.Communications;
using Tocsin.Findings;
using Tocsin.Storage;
using Tocsin.Storage.Postgres;
using Tocsin.Storage.Sqlite;
using Tocsin.Tests.Tidy;
using static Tocsin.Tests.Storage.Samples;

namespace Tocsin.Tests.Storage;

/// <summary>
/// A database of each version that was ever made, kept as schema.N.ENGINE.sql, is brought up to date with all that is
/// in it, and is then like a new one.
/// </summary>
public sealed class MigrationTests(PrivateCluster cluster)
{
    private const string HeadOfKept = "3:0x796d63f522f3becf16eab51fd5bad92aa0fd382518d8259b6664fcbae063e32b";

    public static TheoryData<int> SqliteVersions => [.. Enumerable.Range(1, SqliteSql.Migrations.Count)];

    public static TheoryData<int> PostgresVersions => [.. Enumerable.Range(1, PostgresSql.Migrations.Count)];

    [Theory]
    [MemberData(nameof(SqliteVersions))]
    public void A_file_of_each_version_is_brought_up_to_date(int version)
    {
        using var fresh = new StoreFolder();
        using var kept = new StoreFolder();
        kept.Tamper(Kept(version, "sqlite"));

        HoldsWhatWasKept(kept);

        fresh.Open().Dispose();
        Assert.Equal(fresh.Schema(), kept.Schema());
    }

    [Theory]
    [MemberData(nameof(PostgresVersions))]
    public void A_database_of_each_version_is_brought_up_to_date(int version)
    {
        using var fresh = cluster.NewSchema();
        using var kept = cluster.NewSchema();
        PostgresServer.Execute(kept.Address + ";Pooling=false", Kept(version, "postgres"));

        HoldsWhatWasKept(kept);

        fresh.Open().Dispose();
        Assert.Equal(fresh.Schema(), kept.Schema());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Steps_go_forward_from_where_a_database_is(int from)
    {
        using var folder = new StoreFolder();
        using var schema = cluster.NewSchema();

        using (var file = SqliteDatabase.Open(folder.Database))
            GoesForward(file, from);
        using (var database = PostgresDatabase.Open(schema.Address))
            GoesForward(database, from);
    }

    [Fact]
    public void A_step_that_fails_leaves_the_database_as_the_step_before_made_it()
    {
        using var folder = new StoreFolder();
        using var schema = cluster.NewSchema();

        using (var file = SqliteDatabase.Open(folder.Database))
            StaysAtTwo(file);
        using (var database = PostgresDatabase.Open(schema.Address))
            StaysAtTwo(database);
    }

    private static void HoldsWhatWasKept(StoreHome home)
    {
        using (var store = home.Open())
        {
            Assert.Equal(HeadOfKept, store.Head.ToString());
            Assert.Null(LogChain.FirstBrokenLink(store.Read()));
            Assert.Equal(["{\"plan\":\"0x01\"}", "{\"title\":\"Zürich \U0001F6A8\"}", "{\"person\":\"kim\"}"],
                store.Read().Select(entry => entry.Payload));
            var unsent = new OutboxItem("INC-1/2/war-room", "war-room", Severity.Critical, Noon,
                "{\"incident\":\"INC-1\"}");
            Assert.Equal([new OutboxState(unsent, 2, Noon.AddSeconds(30), false, "busy")], store.UnsettledOutbox());
            Assert.Equal("{\"block\":17}", store.ReadCheckpoint("watch/1"));
            Assert.Equal(Enumerable.Range(0, 32).Select(number => (byte)number),
                store.Key("acknowledge-links", () => []));
            store.Commit(Entries(4) with { Outbox = [Item("new")] });
        }
        using var snapshot = home.OpenSnapshot();
        Assert.Equal(9, snapshot.Read().Count());
    }

    private static void GoesForward(IDatabase database, int from)
    {
        IReadOnlyList<string> steps =
        [
            "CREATE TABLE steps (one BIGINT)",
            "ALTER TABLE steps ADD COLUMN two BIGINT",
            "ALTER TABLE steps ADD COLUMN three BIGINT; INSERT INTO steps VALUES (1, 2, 3)",
        ];
        database.Connection.Run("DELETE FROM schema_version");
        Schema.Migrate(database, 0, [.. steps.Take(from)]);

        Schema.Migrate(database, from, steps);

        Assert.Equal(3L, database.Connection.Scalar("SELECT three FROM steps WHERE one = 1 AND two = 2"));
        Assert.Equal([1L, 2L, 3L], Versions(database));
    }

    private static void StaysAtTwo(IDatabase database)
    {
        database.Connection.Run("DELETE FROM schema_version");

        Assert.ThrowsAny<System.Data.Common.DbException>(() => Schema.Migrate(
            database, 0,
            [
                "CREATE TABLE one (a BIGINT)", "CREATE TABLE two (a BIGINT)",
                "DROP TABLE one; CREATE TABLE two (a BIGINT)",
            ]));

        Assert.Equal([1L, 2L], Versions(database));
        Assert.Equal(0L, database.Connection.Scalar("SELECT count(*) FROM one"));
    }

    private static List<long> Versions(IDatabase database) =>
        database.Connection.Rows(row => row.GetInt64(0), "SELECT version FROM schema_version ORDER BY version");

    private static string Kept(int version, string engine) =>
        Repository.Text($"tests/Tocsin.Tests/Storage/schema.{version}.{engine}.sql");
}
