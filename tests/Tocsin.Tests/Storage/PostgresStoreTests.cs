using Npgsql;
using Tocsin.Audit;
using static Tocsin.Tests.Storage.Samples;

namespace Tocsin.Tests.Storage;

public sealed class PostgresOutboxTests(PrivateCluster cluster) : OutboxBehaviourTests(cluster.NewSchema());

public sealed class PostgresStoreTests : StoreBehaviourTests
{
    private readonly PrivateCluster cluster;
    private readonly PostgresSchema schema;

    public PostgresStoreTests(PrivateCluster cluster)
        : this(cluster, cluster.NewSchema())
    {
    }

    private PostgresStoreTests(PrivateCluster cluster, PostgresSchema schema)
        : base(schema) => (this.cluster, this.schema) = (cluster, schema);

    private protected override StoreHome NewHome() => cluster.NewSchema();

    [Theory]
    [InlineData("UPDATE log SET payload = '{}' WHERE sequence = 2")]
    [InlineData("DELETE FROM log WHERE sequence = 3")]
    [InlineData("TRUNCATE log")]
    [InlineData("SET session_replication_role = replica; DELETE FROM log")]
    [InlineData("INSERT INTO log SELECT sequence, 0, stream, kind, '{}', previous_hash, hash FROM log "
        + "ON CONFLICT (sequence) DO UPDATE SET payload = excluded.payload")]
    [InlineData("INSERT INTO log SELECT sequence + 5, 0, stream, kind, '{}', previous_hash, hash FROM log")]
    [InlineData("SET session_replication_role = replica; "
        + "INSERT INTO log SELECT sequence + 5, 0, stream, kind, '{}', previous_hash, hash FROM log")]
    public void PostgreSQL_itself_refuses_to_change_the_log(string sql)
    {
        using (var store = schema.Open())
            store.Commit(Entries(1, 2, 3));

        var refusal = Assert.Throws<PostgresException>(() => schema.Tamper(sql));

        Assert.Contains("the log is append-only", refusal.Message);
        using var reopened = schema.Open();
        Assert.Null(LogChain.FirstBrokenLink(reopened.Read()));
        Assert.Equal(3, reopened.Head.Sequence);
    }
}
