using System.CommandLine;
using Tocsin.Backups;
using Tocsin.Configuration;
using Tocsin.Recording;
using Tocsin.Storage;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary><c>tocsin restore</c>: what a backup holds, into a store in which nothing is.</summary>
internal static class RestoreCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "What 'backup' wrote" };
        var config = new Option<string>("--config") { Description = "The folder of tocsin.yaml", Required = true };
        var json = new Option<bool>("--json") { Description = "Print one JSON document on standard output" };
        var command = new Command(
            "restore",
            "Read a backup into the empty store that tocsin.yaml names, all of it or nothing, and verify the chain of "
            + "the log; the server must not be running. 0: restored; 1: the chain is broken; 2: not possible")
        {
            file, config, json,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(file)!, parsed.GetValue(config)!, parsed.GetValue(json)));
        return command;
    }

    /// <exception cref="InputException">The file is no whole backup. Nothing was restored.</exception>
    /// <exception cref="StorageException">The store is not empty, or cannot be used. Nothing was restored.</exception>
    public static int Run(string path, string directory, bool json)
    {
        var configuration = TocsinConfiguration.Load(directory);
        var backup = BackupFile.Open(path);
        using var store = ConfiguredStore.OpenToRestore(configuration);
        if (Restore(store, backup, path) is { } broken)
            return Fail($"BROKEN: {broken}; nothing was restored");
        var (countersigned, misfit) = AuditCommand.Countersigned(store, configuration);
        if (misfit is not null)
            return Fail($"restored, but BROKEN: {misfit}");
        Console.Out.WriteLine(json
            ? BackupCommand.Json(path, backup.Contents)
            : $"restored and verified: {BackupCommand.Words(backup.Contents)}; {countersigned}; compare the head with "
                + "the newest one that you kept: 'tocsin audit verify --head'");
        return ExitCode.Done;
    }

    private static string? Restore(EventStore store, BackupFile backup, string path)
    {
        try
        {
            return store.Restore(backup.Read());
        }
        catch (ArgumentException e)
        {
            throw new InputException($"{path} cannot have been written by a backup: {e.Message}", e);
        }
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return ExitCode.FoundWrong;
    }
}
