using System.Data.Common;
using Npgsql;

namespace Tocsin.Storage.Postgres;

/// <summary>Where a PostgreSQL database is, and as whom one goes there: read from a connection string.</summary>
internal static class PostgresAddress
{
    // Everything waits for the log: whoever is not answered soon must hear it, whatever the text says.
    private const int ConnectSecondsMax = 5;
    private const int CommandSecondsMax = 10;
    private const int CancelMillisecondsMax = 1_000;

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
            // A URL in the place of a host would be told in messages, with the password that is in it.
            if (string.IsNullOrEmpty(address.Host) || address.Host.Contains("://", StringComparison.Ordinal)
                || address.Host.LastIndexOf('@') > 0)
                throw new ArgumentException("no host");
            address.Timeout = Bounded(address.Timeout, ConnectSecondsMax);
            address.CommandTimeout = Bounded(address.CommandTimeout, CommandSecondsMax);
            address.CancellationTimeout = Bounded(address.CancellationTimeout, CancelMillisecondsMax);
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

    // Zero, and for a cancellation minus one too, means for ever.
    private static int Bounded(int wanted, int most) => wanted <= 0 ? most : Math.Min(wanted, most);

    private static bool IsOnThisMachine(string hosts) => hosts.Split(',').All(host =>
        host.Trim() is ['/' or '@', ..] or "localhost" or "127.0.0.1" or "::1");

    private static bool SaysHowToEncrypt(string connectionString)
    {
        var words = new DbConnectionStringBuilder { ConnectionString = connectionString };
        return words.ContainsKey("SSL Mode") || words.ContainsKey("SslMode");
    }
}
