using System.Data.Common;
using Npgsql;

namespace Tocsin.Storage.Postgres;

/// <summary>Where a PostgreSQL database is, and as whom one goes there: read from a connection string.</summary>
internal static class PostgresAddress
{
    /// <exception cref="StorageException">It is none. The text is a secret and in no message.</exception>
    public static NpgsqlConnectionStringBuilder Read(string connectionString)
    {
        try
        {
            var address = new NpgsqlConnectionStringBuilder(connectionString)
            {
                Pooling = false, // the lock is the session's
                Multiplexing = false,
                Enlist = false,
                IncludeErrorDetail = false,
                PersistSecurityInfo = false,
                MaxAutoPrepare = 40,
            };
            if (string.IsNullOrEmpty(address.Host))
                throw new ArgumentException("no host");
            address.ApplicationName ??= "tocsin";
            // On another machine, who says nothing gets the strictest.
            if (!IsOnThisMachine(address.Host) && !SaysHowToEncrypt(connectionString))
                address.SslMode = SslMode.VerifyFull;
            return address;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException
            or KeyNotFoundException or OverflowException)
        {
            // Its message may quote the text, which holds a password.
            throw new StorageException("what 'database' leads to is no connection string such as "
                + "Host=/var/run/postgresql;Database=tocsin;Username=tocsin (a URL postgres://… is not read)");
        }
    }

    /// <summary>How messages call it.</summary>
    public static string Name(NpgsqlConnectionStringBuilder address) =>
        $"the PostgreSQL database {address.Database ?? address.Username ?? "of this user"} on {address.Host}";

    private static bool IsOnThisMachine(string hosts) => hosts.Split(',').All(host =>
        host.Trim() is ['/' or '@', ..] or "localhost" or "127.0.0.1" or "::1");

    private static bool SaysHowToEncrypt(string connectionString)
    {
        var words = new DbConnectionStringBuilder { ConnectionString = connectionString };
        return words.ContainsKey("SSL Mode") || words.ContainsKey("SslMode");
    }
}
