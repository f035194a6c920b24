using System.Diagnostics;
using System.Text;
using Npgsql;

namespace Tocsin.Tests.Storage;

/// <summary>A running server with a database and a user that owns it and is nothing more.</summary>
internal sealed class PostgresServer : IDisposable
{
    // Ends with the tests however they end: its standard input is closed then.
    private const string UntilInputEnds =
        """folder=$1; shift; "$@" & child=$!; cat > /dev/null; kill -QUIT $child; wait; rm -rf "$folder" """;

    private const string Unprivileged = "postgres"; // Debian's package makes it

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-pg-");
    private readonly Process process;

    private PostgresServer(string[] settings)
    {
        Run("chmod", "0700", Socket);
        if (Environment.IsPrivilegedProcess)
            Run("chown", Unprivileged, Socket);
        var data = Path.Combine(Socket, "data");
        var create = Launch(
            [Path.Combine(Binaries!, "initdb"), "-D", data, "-U", "admin", "-A", "trust", "-E", "UTF8",
                "--locale=C", "--no-sync"]);
        var output = create.StandardOutput.ReadToEndAsync();
        var errors = create.StandardError.ReadToEnd();
        create.WaitForExit();
        Assert.True(create.ExitCode == 0, $"initdb: {errors}{output.Result}");
        process = Launch(
            ["sh", "-c", UntilInputEnds, "sh", Socket, Path.Combine(Binaries!, "postgres"), "-D", data,
                "-c", "listen_addresses=", "-c", $"unix_socket_directories={Socket}", "-c", "autovacuum=off",
                "-c", "shared_buffers=16MB", .. settings.SelectMany(setting => new[] { "-c", setting })]);
        WaitUntilReady();
        Tamper("CREATE ROLE tocsin LOGIN");
        Tamper("CREATE DATABASE tocsin OWNER tocsin");
    }

    private static string? Binaries { get; } = !OperatingSystem.IsLinux() || !Directory.Exists("/usr/lib/postgresql")
        ? null
        : Directory.GetDirectories("/usr/lib/postgresql")
            .Select(folder => Path.Combine(folder, "bin"))
            .Where(folder => File.Exists(Path.Combine(folder, "initdb")))
            .MaxBy(folder => int.TryParse(Path.GetFileName(Path.GetDirectoryName(folder)), out var version)
                ? version : 0);

    public string Socket => folder.FullName;

    public string Address => $"Host={Socket};Database=tocsin;Username=tocsin";

    /// <summary>Skips the test where there is no PostgreSQL.</summary>
    /// <param name="settings">Such as <c>fsync=off</c>.</param>
    public static PostgresServer Start(params string[] settings)
    {
        Assert.SkipWhen(Binaries is null, "PostgreSQL is not installed: apt-get install postgresql");
        Assert.SkipWhen(
            Environment.IsPrivilegedProcess && !File.Exists("/usr/bin/setpriv"),
            "PostgreSQL does not run as root, and setpriv of util-linux is needed to become another user");
        return new PostgresServer(settings);
    }

    /// <summary>Executes as the administrator.</summary>
    public void Tamper(string sql, string database = "postgres") =>
        Execute($"Host={Socket};Database={database};Username=admin;Pooling=false", sql);

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

    private static Process Launch(string[] command)
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

    public static void Execute(string address, string sql)
    {
        using var connection = new NpgsqlConnection(address);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
