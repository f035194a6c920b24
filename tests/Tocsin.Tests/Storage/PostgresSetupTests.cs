using Tocsin.Storage;
using static Tocsin.Tests.Storage.Samples;

namespace Tocsin.Tests.Storage;

public sealed class PostgresSetupTests(PrivateCluster cluster) : IDisposable
{
    private readonly PostgresSchema schema = cluster.NewSchema();

    public void Dispose() => schema.Dispose();

    [Fact]
    public void A_second_opener_of_the_database_is_refused_until_the_first_is_closed()
    {
        using (schema.Open())
            Assert.Contains("is in use by another process", Refusal(schema.Address));

        schema.Open().Dispose();
    }

    [Fact]
    public void Stores_in_two_schemas_do_not_disturb_each_other()
    {
        using var other = cluster.NewSchema();
        using var first = schema.Open();
        using var second = other.Open();

        first.Commit(Entries(1));

        Assert.Equal((1, 0), (first.Head.Sequence, second.Head.Sequence));
    }

    [Fact]
    public void Tables_of_another_program_are_refused_and_left_alone()
    {
        schema.Tamper("CREATE TABLE schema_version (version BIGINT); INSERT INTO schema_version VALUES (7)");

        Assert.Contains("holds tables of another program", Refusal(schema.Address));
        Assert.Equal(1L, schema.Scalar("SELECT count(*) FROM pg_class WHERE relkind = 'r' "
            + "AND relnamespace = current_schema()::regnamespace"));
    }

    [Fact]
    public void A_newer_schema_of_the_database_is_refused()
    {
        schema.Open().Dispose();
        schema.Tamper("INSERT INTO schema_version (version) VALUES (99)");

        Assert.Contains("use the newer program", Refusal(schema.Address));
        Assert.Contains("use the newer program",
            Assert.Throws<StorageException>(() => schema.OpenSnapshot().Dispose()).Message);
    }

    [Fact]
    public void A_schema_that_does_not_exist_is_refused() =>
        Assert.Contains("has no schema to put tables into", Refusal(schema.Address.Replace("test_", "no_such_")));

    [Fact]
    public void A_database_that_does_not_exist_is_refused() =>
        Assert.Contains("does not exist: make it",
            Refusal(schema.Address.Replace("Database=tocsin", "Database=nothing")));

    [Fact]
    public void A_user_that_may_not_make_tables_is_refused()
    {
        schema.Tamper($"REVOKE ALL ON SCHEMA {schema.Scalar("SELECT current_schema()")} FROM tocsin; "
            + $"ALTER SCHEMA {schema.Scalar("SELECT current_schema()")} OWNER TO admin; "
            + $"GRANT USAGE ON SCHEMA {schema.Scalar("SELECT current_schema()")} TO tocsin");

        Assert.Contains("make that user the owner", Refusal(schema.Address));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_database_that_only_reads_is_refused(bool holdsALog)
    {
        if (holdsALog)
            schema.Open().Dispose();
        var refusal = Refusal(schema.Address + ";Options=-c default_transaction_read_only=on");

        Assert.Contains("connect to the primary server", refusal);
    }

    [Fact]
    public void A_server_that_is_not_there_is_refused() =>
        Assert.Contains("cannot be reached", Refusal("Host=/nonexistent;Database=tocsin;Username=tocsin"));

    [Fact]
    public void A_server_that_would_lose_what_it_confirmed_is_refused()
    {
        using var careless = PostgresServer.Start("fsync=off");

        Assert.Contains("fsync = off", Refusal(careless.Address));
    }

    [Fact]
    public void A_commit_is_on_the_disk_before_it_returns_whatever_the_user_is_set_to()
    {
        schema.Open().Dispose();
        schema.Tamper("""
            CREATE FUNCTION careful() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF current_setting('synchronous_commit') = 'off' THEN
                        RAISE EXCEPTION 'careless';
                    END IF;
                    RETURN NEW;
                END $$;
            CREATE TRIGGER careful BEFORE INSERT ON checkpoint FOR EACH ROW EXECUTE FUNCTION careful();
            """);
        using var store = EventStore.OpenPostgres(schema.Address + ";Options=-c synchronous_commit=off");

        store.Commit(new Batch { Checkpoint = new Checkpoint("watch", "1") });

        Assert.Equal("1", store.ReadCheckpoint("watch"));
    }

    [Fact]
    public void A_database_that_cannot_keep_every_character_is_refused()
    {
        using var server = PostgresServer.Start();
        server.Tamper("CREATE DATABASE narrow OWNER tocsin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");

        Assert.Contains("encoding UTF8", Refusal(server.Address.Replace("Database=tocsin", "Database=narrow")));
    }

    [Theory]
    [InlineData("postgres://tocsin:hunter2@db.example/tocsin")]
    [InlineData("Host=postgres://tocsin:hunter2@db.example/tocsin")]
    [InlineData("Host=tocsin:hunter2@db.example;Database=tocsin")]
    [InlineData("postgres://tocsin:hunter2@db.example/tocsin?sslmode=require")]
    [InlineData("Host=db;Password=hunter2;hunter2")]
    [InlineData("Host=db;hunter2=x")]
    [InlineData("Host=db;Port=hunter2")]
    [InlineData("Password=hunter2")]
    [InlineData("hunter2")]
    [InlineData("")]
    public void What_is_no_connection_string_is_refused_without_being_quoted(string text)
    {
        var refusal = Assert.Throws<StorageException>(() => EventStore.OpenPostgres(text));

        Assert.Contains("no connection string", refusal.Message);
        Assert.DoesNotContain("hunter2", refusal.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=db.example;Password=hunter2", true)]
    [InlineData("Host=db.example;Password=hunter2;SSL Mode=Disable", false)]
    [InlineData("Host=db.example;Password=hunter2;sslmode=Require", false)]
    [InlineData("Host=/run/a,db.example", true)]
    [InlineData("Host=/run/a", false)]
    [InlineData("Host=localhost", false)]
    public void A_server_elsewhere_must_prove_who_it_is_unless_it_is_said_otherwise(string text, bool isStrict) =>
        Assert.Equal(isStrict, Tocsin.Storage.Postgres.PostgresAddress.Read(text).SslMode == Npgsql.SslMode.VerifyFull);

    private static string Refusal(string address) =>
        Assert.Throws<StorageException>(() => EventStore.OpenPostgres(address)).Message;
}
