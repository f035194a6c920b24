namespace Tocsin.Storage;

/// <summary>Brings a database up to date by steps that only go forward; step n makes version n.</summary>
internal static class Schema
{
    public const string ReadVersion = "SELECT max(version) FROM schema_version";

    private const string WriteVersion = "INSERT INTO schema_version (version) VALUES (@version)";

    /// <param name="version">What the database has; 0 for an empty one.</param>
    /// <exception cref="StorageException">A newer program made it.</exception>
    public static void Migrate(IDatabase database, long version, IReadOnlyList<string> steps)
    {
        if (version > steps.Count)
        {
            throw new StorageException($"{database.Name} has schema {version} and this program knows only schemas up "
                + $"to {steps.Count}: use the newer program that wrote it");
        }
        for (var next = (int)version + 1; next <= steps.Count; next++)
        {
            database.Begin();
            try
            {
                database.Connection.Run(steps[next - 1]);
                database.Connection.Run(WriteVersion, ("@version", next));
                database.Commit();
            }
            catch
            {
                database.RollBack();
                throw;
            }
        }
    }

    /// <summary>For who only reads.</summary>
    /// <exception cref="StorageException">The schema is not the one that this program makes.</exception>
    public static void Require(IDatabase database, long version, IReadOnlyList<string> steps)
    {
        if (version == steps.Count)
            return;
        throw new StorageException(version == 0
            ? $"{database.Name} holds no store: nothing was recorded yet"
            : $"{database.Name} has schema {version} and this program reads schema {steps.Count}: "
                + (version < steps.Count ? "start the server once, which brings it up to date"
                    : "use the newer program that wrote it"));
    }
}
