using System.CommandLine;
using System.Text.Json;
using Tocsin.Backups;
using Tocsin.Configuration;
using Tocsin.Recording;
using Tocsin.Storage;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary><c>tocsin backup</c>: everything that the store holds, in one file, also while the server runs.</summary>
internal static class BackupCommand
{
    public static Command Create()
    {
        var config = new Option<string>("--config") { Description = "The folder of tocsin.yaml", Required = true };
        var output = new Option<string>("--out")
        {
            Description = "A new file, compressed where its name ends with .gz. It holds keys: keep it secret",
            Required = true,
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON document on standard output" };
        var command = new Command(
            "backup",
            "Write log, messages, checkpoints and keys of the server to one file, also while it runs; 'restore' reads "
            + "it into any database. Inputs and evidence files are not in it. 0: written; 1: the chain of the log is "
            + "broken; 2: not possible")
        {
            config, output, json,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(config)!, parsed.GetValue(output)!, parsed.GetValue(json), TimeProvider.System));
        return command;
    }

    /// <exception cref="InputException">The file is there, or cannot be written.</exception>
    /// <exception cref="StorageException">The store cannot be read.</exception>
    public static int Run(string directory, string path, bool json, TimeProvider time)
    {
        using var snapshot = ConfiguredStore.OpenSnapshot(TocsinConfiguration.Load(directory));
        var (contents, broken) = BackupFile.Write(snapshot, path, time.GetUtcNow());
        if (contents is null)
        {
            Console.Error.WriteLine($"BROKEN: {broken}; nothing was written: keep the database itself as evidence");
            return ExitCode.FoundWrong;
        }
        Console.Out.WriteLine(json ? Json(path, contents) : $"{path}: {Words(contents)}");
        return ExitCode.Done;
    }

    public static string Words(BackupContents contents) =>
        $"{contents.Entries} entries up to {contents.Head}, {contents.Messages} messages ({contents.Unsent} still to "
        + $"be sent), {contents.Checkpoints} checkpoints, {contents.Keys} keys";

    public static string Json(string path, BackupContents contents) => JsonSerializer.Serialize(
        new
        {
            File = path,
            Head = contents.Head.ToString(),
            contents.Entries,
            contents.Messages,
            contents.Unsent,
            contents.Checkpoints,
            contents.Keys,
        },
        EventJson.Printed);
}
