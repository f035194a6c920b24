using Microsoft.Data.Sqlite;
using Tocsin.Storage;

namespace Tocsin.Tests.Storage;

/// <summary>A folder with a SQLite file.</summary>
internal sealed class StoreFolder : StoreHome
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-store-");

    public string Database => PathOf("tocsin.db");

    public string PathOf(string name) => Path.Combine(folder.FullName, name);

    public override EventStore Open() => EventStore.Open(Database);

    public override StoreSnapshot OpenSnapshot() => StoreSnapshot.Open(Database);

    public override void Tamper(string sql) => Tamper(Database, sql);

    public static void Tamper(string database, string sql) => With(database, command =>
    {
        command.CommandText = sql;
        return command.ExecuteNonQuery();
    });

    public override void DropTriggers() =>
        Tamper("DROP TRIGGER log_is_not_updated; DROP TRIGGER log_is_not_deleted; DROP TRIGGER log_has_no_gaps");

    /// <summary>What the database says of its own tables, indexes and triggers.</summary>
    public string Schema() => With(Database, command =>
    {
        command.CommandText =
            "SELECT type || ' ' || name || ': ' || coalesce(sql, '') FROM sqlite_master ORDER BY type, name";
        using var reader = command.ExecuteReader();
        var lines = new List<string>();
        while (reader.Read())
            lines.Add(reader.GetString(0));
        return string.Join('\n', lines);
    });

    public override void Dispose() => folder.Delete(recursive: true);

    private static T With<T>(string database, Func<SqliteCommand, T> act)
    {
        SQLitePCL.Batteries_V2.Init();
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        return act(command);
    }
}
