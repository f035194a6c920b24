using System.Diagnostics;
using System.Text;
using Npgsql;
using Tocsin.Storage;
using Tocsin.Tests.Storage;

[assembly: AssemblyFixture(typeof(PrivateCluster))]

namespace Tocsin.Tests.Storage;

/// <summary>
/// A PostgreSQL server of the tests' own, on a Unix socket in a folder that is gone afterwards, run by a user without
/// rights. Started by the first test that asks for it.
/// </summary>
public sealed class PrivateCluster : IDisposable
{
    private const string Unprivileged = "postgres"; // Debian's package makes it

    private readonly Lazy<Server> server = new(() => new Server([]));
    private int schemas;

    /// <summary>Skips the test where there is no PostgreSQL.</summary>
    internal PostgresSchema NewSchema()
    {
        SkipUnlessInstalled();
        return new PostgresSchema(server.Value.Socket, $"test_{Interlocked.Increment(ref schemas)}");
    }

    /// <summary>A server for one test that must not disturb the others.</summary>
    /// <param name="settings">Such as <c>fsync=off</c>.</param>
    internal static Server StartAlone(params string[] settings)
    {
        SkipUnlessInstalled();
        return new Server(settings);
    }

    public void Dispose()
    {
        if (server.IsValueCreated)
            server.Value.Dispose();
    }

    private static string? Binaries { get; } = !OperatingSystem.IsLinux() || !Directory.Exists("/usr/lib/postgresql")
        ? null
        : Directory.GetDirectories("/usr/lib/postgresql")
            .Select(folder => Path.Combine(folder, "bin"))
            .Where(folder => File.Exists(Path.Combine(folder, "initdb")))
            .MaxBy(folder => int.TryParse(Path.GetFileName(Path.GetDirectoryName(folder)), out var version)
                ? version : 0);

    private static void SkipUnlessInstalled()
    {
        Assert.SkipWhen(Binaries is null, "PostgreSQL is not installed: apt-get install postgresql");
        Assert.SkipWhen(
            Environment.IsPrivilegedProcess && !File.Exists("/usr/bin/setpriv"),
            "PostgreSQL does not run as root, and setpriv of util-linux is needed to become another user");
    }

    /// <summary>A running server with a database and a user that owns it and is nothing more.</summary>
    internal sealed class Server : IDisposable
    {
        // Ends with the tests however they end: its standard input is closed then.
        private const string UntilInputEnds =
            """folder=$1; shift; "$@" & child=$!; cat > /dev/null; kill -QUIT $child; wait; rm -rf "$folder" """;

        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-pg-");
        private readonly Process process;

        public Server(string[] settings)
        {
            Run("chmod", "0700", Socket);
            if (Environment.IsPrivilegedProcess)
                Run("chown", Unprivileged, Socket);
            var data = Path.Combine(Socket, "data");
            var create = Start(
                [Path.Combine(Binaries!, "initdb"), "-D", data, "-U", "admin", "-A", "trust", "-E", "UTF8",
                    "--locale=C", "--no-sync"]);
            var output = create.StandardOutput.ReadToEndAsync();
            var errors = create.StandardError.ReadToEnd();
            create.WaitForExit();
            Assert.True(create.ExitCode == 0, $"initdb: {errors}{output.Result}");
            process = Start(
                ["sh", "-c", UntilInputEnds, "sh", Socket, Path.Combine(Binaries!, "postgres"), "-D", data,
                    "-c", "listen_addresses=", "-c", $"unix_socket_directories={Socket}", "-c", "autovacuum=off",
                    "-c", "shared_buffers=16MB", .. settings.SelectMany(setting => new[] { "-c", setting })]);
            WaitUntilReady();
            Tamper("CREATE ROLE tocsin LOGIN");
            Tamper("CREATE DATABASE tocsin OWNER tocsin");
        }

        public string Socket => folder.FullName;

        public string Address => $"Host={Socket};Database=tocsin;Username=tocsin";

        /// <summary>Executes as the administrator.</summary>
        public void Tamper(string sql, string database = "postgres") =>
            PostgresSchema.Execute($"Host={Socket};Database={database};Username=admin;Pooling=false", sql);

        public void Dispose()
        {
            process.StandardInput.Close();
            process.WaitForExit();
            process.Dispose();
        }

        // Its own word, so that nothing has to be tried again and again. Read to the end: a full pipe would stop it.
        private void WaitUntilReady()
        {
            var said = new StringBuilder();
            var isReady = new TaskCompletionSource<bool>();
            process.ErrorDataReceived += (_, line) =>
            {
                said.AppendLine(line.Data);
                if (line.Data is null || line.Data.Contains("ready to accept connections", StringComparison.Ordinal))
                    isReady.TrySetResult(line.Data is not null);
            };
            process.BeginErrorReadLine();
            Assert.True(isReady.Task.GetAwaiter().GetResult(), $"PostgreSQL did not start: {said}");
        }

        private static Process Start(string[] command)
        {
            if (Environment.IsPrivilegedProcess)
                command = ["setpriv", "--reuid", Unprivileged, "--regid", Unprivileged, "--clear-groups", .. command];
            var info = new ProcessStartInfo(command[0], command[1..])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = "/",
            };
            info.Environment["LC_ALL"] = "C";
            return Process.Start(info)!;
        }

        private static void Run(params string[] command)
        {
            using var process = Process.Start(command[0], command[1..]);
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }
    }
}

/// <summary>A schema of the tests' database.</summary>
internal sealed class PostgresSchema : StoreHome
{
    private readonly string socket;
    private readonly string name;

    public PostgresSchema(string socket, string name)
    {
        this.socket = socket;
        this.name = name;
        Execute(Admin, $"CREATE SCHEMA {name} AUTHORIZATION tocsin");
    }

    public string Address => $"Host={socket};Database=tocsin;Username=tocsin;Search Path={name}";

    private string Admin => $"Host={socket};Database=tocsin;Username=admin;Search Path={name};Pooling=false";

    public override EventStore Open() => EventStore.OpenPostgres(Address);

    public override StoreSnapshot OpenSnapshot() => StoreSnapshot.OpenPostgres(Address);

    public override void Tamper(string sql) => Execute(Admin, sql);

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

    public override void Dispose() => Execute(Admin, $"DROP SCHEMA {name} CASCADE");

    public static void Execute(string address, string sql)
    {
        using var connection = new NpgsqlConnection(address);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
