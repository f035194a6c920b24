using Tocsin.Tests.Storage;

[assembly: AssemblyFixture(typeof(PrivateCluster))]

namespace Tocsin.Tests.Storage;

/// <summary>
/// A PostgreSQL server of the tests' own, on a Unix socket in a folder that is gone afterwards, run by a user without
/// rights. Started by the first test that asks for it.
/// </summary>
public sealed class PrivateCluster : IDisposable
{
    private readonly Lazy<PostgresServer> server = new(() => PostgresServer.Start());
    private int schemas;

    /// <summary>Skips the test where there is no PostgreSQL.</summary>
    internal PostgresSchema NewSchema() =>
        new(server.Value.Socket, $"test_{Interlocked.Increment(ref schemas)}");

    public void Dispose()
    {
        if (server.IsValueCreated)
            server.Value.Dispose();
    }
}
