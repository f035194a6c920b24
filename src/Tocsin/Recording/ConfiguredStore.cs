using Tocsin.Audit;
using Tocsin.Configuration;
using Tocsin.Storage;
using Tocsin.Texts;

namespace Tocsin.Recording;

/// <summary>The store that a configuration names: a file in its data folder, or a PostgreSQL database.</summary>
internal static class ConfiguredStore
{
    /// <exception cref="StorageException">It cannot be used.</exception>
    /// <exception cref="InputException">
    /// The secret with the connection string cannot be read, or the database is empty and the file is not.
    /// </exception>
    public static EventStore Open(TocsinConfiguration configuration)
    {
        var store = OpenToRestore(configuration);
        if (configuration.Database is null || store.Head != LogHead.Empty || !File.Exists(PathOf(configuration)))
            return store;
        store.Dispose();
        throw new InputException($"the database of '{configuration.Database}' is empty, and {PathOf(configuration)} "
            + "holds a log: bring it over by 'tocsin backup', with 'database: sqlite', and 'tocsin restore', or move "
            + "that file away");
    }

    /// <summary>Also where an empty one would be begun beside what was recorded before.</summary>
    /// <inheritdoc cref="Open"/>
    public static EventStore OpenToRestore(TocsinConfiguration configuration) =>
        configuration.Database is { } database
            ? EventStore.OpenPostgres(database.Reveal(configuration.Directory))
            : EventStore.Open(PathOf(configuration));

    /// <summary>For a command that makes no sense where nothing was recorded.</summary>
    /// <inheritdoc cref="Open"/>
    public static EventStore OpenExisting(TocsinConfiguration configuration)
    {
        if (configuration.Database is null && !File.Exists(PathOf(configuration)))
            throw new InputException($"{PathOf(configuration)} does not exist: {Nothing(configuration)}");
        var store = Open(configuration);
        if (configuration.Database is null || store.Head != LogHead.Empty)
            return store;
        store.Dispose();
        throw new InputException($"the database of '{configuration.Database}' is empty: {Nothing(configuration)}");
    }

    /// <summary>What it holds at this instant, also while the server runs.</summary>
    /// <inheritdoc cref="Open"/>
    public static StoreSnapshot OpenSnapshot(TocsinConfiguration configuration) =>
        configuration.Database is { } database
            ? StoreSnapshot.OpenPostgres(database.Reveal(configuration.Directory))
            : StoreSnapshot.Open(PathOf(configuration));

    private static string Nothing(TocsinConfiguration configuration) =>
        $"nothing was recorded yet. Start the server once by 'tocsin serve --config {configuration.Directory}', so "
        + "that its plan comes into force; then repeat this command";

    private static string PathOf(TocsinConfiguration configuration) =>
        Path.Combine(configuration.DataDirectory, "tocsin.db");
}
