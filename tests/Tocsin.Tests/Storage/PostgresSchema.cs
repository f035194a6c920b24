using Npgsql;
using Tocsin.Storage;

namespace Tocsin.Tests.Storage;

/// <summary>A schema of the tests' database.</summary>
internal sealed class PostgresSchema : StoreHome
{
    private readonly string socket;
    private readonly string name;

    public PostgresSchema(string socket, string name)
    {
        this.socket = socket;
        this.name = name;
        PostgresServer.Execute(Admin, $"CREATE SCHEMA {name} AUTHORIZATION tocsin");
    }

    public string Address => $"Host={socket};Database=tocsin;Username=tocsin;Search Path={name}";

    private string Admin => $"Host={socket};Database=tocsin;Username=admin;Search Path={name};Pooling=false";

    public override EventStore Open() => EventStore.OpenPostgres(Address);

    public override StoreSnapshot OpenSnapshot() => StoreSnapshot.OpenPostgres(Address);

    public override void Tamper(string sql) => PostgresServer.Execute(Admin, sql);

    public override void DropTriggers() =>
        Tamper("DROP TRIGGER log_is_not_changed ON log; DROP TRIGGER log_has_no_gaps ON log");

    /// <summary>Ends the connection of the store that is open, as a restart of the server does.</summary>
    public void Cut() => Tamper($"""
        SELECT pg_terminate_backend(pid, 10000) FROM pg_locks
        WHERE locktype = 'advisory' AND classid = 1413698382 AND objid = hashtext('{name}')::bit(32)::bigint::oid
        """);

    public object? Scalar(string sql)
    {
        using var connection = new NpgsqlConnection(Admin);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar();
    }

    /// <summary>What the database says of its own tables, indexes, triggers and functions.</summary>
    public string Schema() => (string)Scalar($"""
        SELECT replace(string_agg(line, chr(10) ORDER BY line), '{name}', 'SCHEMA') FROM (
            SELECT format('column %s %s %s %s %s %s %s', table_name, ordinal_position, column_name, data_type,
                collation_name, is_nullable, column_default) AS line
            FROM information_schema.columns WHERE table_schema = '{name}'
            UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = '{name}'
            UNION ALL SELECT format('constraint %s %s', conrelid::regclass, pg_get_constraintdef(oid))
            FROM pg_constraint WHERE connamespace = '{name}'::regnamespace
            UNION ALL SELECT format('%s %s', tgenabled, pg_get_triggerdef(t.oid))
            FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
            WHERE NOT tgisinternal AND relnamespace = '{name}'::regnamespace
            UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = '{name}'::regnamespace) lines
        """)!;

    public override void Dispose() => PostgresServer.Execute(Admin, $"DROP SCHEMA {name} CASCADE");
}
