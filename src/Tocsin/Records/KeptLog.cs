using Tocsin.Audit;
using Tocsin.Configuration;
using Tocsin.Recording;
using Tocsin.Storage;
using Tocsin.Texts;

namespace Tocsin.Records;

/// <summary>The event log of an installation at one instant, read beside the server that writes it.</summary>
internal static class KeptLog
{
    /// <param name="ofRehearsal">That of 'serve --rehearse'.</param>
    /// <returns>Its entries, or what is wrong with its chain.</returns>
    /// <exception cref="InputException">The configuration cannot be used.</exception>
    /// <exception cref="StorageException">The store cannot be read.</exception>
    public static (IReadOnlyList<LogEntry> Entries, string? Broken) Read(string directory, bool ofRehearsal = false)
    {
        var configuration = TocsinConfiguration.Load(directory);
        using var snapshot = ConfiguredStore.OpenSnapshot(ofRehearsal ? configuration.ForRehearsal() : configuration);
        // The log comes first of what a store holds.
        List<LogEntry> entries =
        [
            .. snapshot.Read().TakeWhile(row => row is StoreRow.Entry).Select(row => ((StoreRow.Entry)row).Value),
        ];
        return (entries, LogChain.FirstBrokenLink(entries));
    }
}
