using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Records;
using Tocsin.Storage;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary>
/// <c>tocsin incident export</c> and <c>evidence</c>: an incident out of the log, into a file. Neither asks the server:
/// they read the store beside it.
/// </summary>
internal static class IncidentRecordCommand
{
    public static Command Export()
    {
        var (incident, config, output, json) = (
            IncidentCommand.Incident(), ServerCommand.Config(), Output("A new file"), ServerCommand.Json());
        var rehearsal = OfRehearsal();
        var command = new Command(
            "export",
            "Write all that the log says of an incident as one JSON document, also while the server runs. "
            + "0: written; 1: the chain of the log is broken; 2: not possible")
        {
            incident, config, output, rehearsal, json,
        };
        command.SetAction(parsed => Export(
            parsed.GetValue(config)!, parsed.GetValue(incident)!, parsed.GetValue(output)!, parsed.GetValue(json),
            parsed.GetValue(rehearsal)));
        return command;
    }

    public static Command Evidence()
    {
        var (incident, config, output, json) = (
            IncidentCommand.Incident(), ServerCommand.Config(), Output("A new .zip file"), ServerCommand.Json());
        var rehearsal = OfRehearsal();
        var command = new Command(
            "evidence",
            "Write an incident with its part of the log, its plan, its report and the sum of each as one zip file, "
            + "also while the server runs; 'audit verify --bundle' checks it. What else happened meanwhile is in that "
            + "part. 0: written; 1: the chain of the log is broken; 2: not possible")
        {
            incident, config, output, rehearsal, json,
        };
        command.SetAction(parsed => Evidence(
            parsed.GetValue(config)!, parsed.GetValue(incident)!, parsed.GetValue(output)!, parsed.GetValue(json),
            parsed.GetValue(rehearsal)));
        return command;
    }

    internal static Option<bool> OfRehearsal() =>
        new("--rehearse") { Description = "Of the log of 'serve --rehearse'" };

    /// <exception cref="InputException">There is no such incident, or the file cannot be written.</exception>
    /// <exception cref="StorageException">The store cannot be read.</exception>
    public static int Export(string directory, string incident, string path, bool json, bool ofRehearsal = false)
    {
        var id = Named(incident);
        var (log, broken) = KeptLog.Read(directory, ofRehearsal);
        if (broken is not null)
            return Broken(broken);
        var kept = KeptIncident.Find(log, id);
        var bytes = Encoding.UTF8.GetBytes(kept.RecordJson());
        NewFile.Write(path, bytes);
        var (first, last) = (kept.Entries[0].Sequence, kept.Entries[^1].Sequence);
        Console.Out.WriteLine(json
            ? JsonSerializer.Serialize(
                new { File = path, Incident = id, First = first, Last = last, Sha256 = Sum(bytes) }, EventJson.Printed)
            : $"{path}: {id}, {kept.Entries.Count} events of entries {first} to {last}, SHA-256 {Sum(bytes)}");
        return ExitCode.Done;
    }

    /// <inheritdoc cref="Export(string, string, string, bool, bool)"/>
    public static int Evidence(string directory, string incident, string path, bool json, bool ofRehearsal = false)
    {
        var id = Named(incident);
        var (log, broken) = KeptLog.Read(directory, ofRehearsal);
        if (broken is not null)
            return Broken(broken);
        var bytes = EvidenceBundle.Write(log, id);
        // Never give away what would be refused.
        var (bundle, wrong) = BundleCheck.Check(bytes);
        if (bundle is null)
            return Broken(wrong!);
        NewFile.Write(path, bytes);
        var (before, end) = (bundle.Log.Before, bundle.Log.End);
        var (countersigned, misfit) = bundle.Countersigned([]);
        Console.Out.WriteLine(json
            ? JsonSerializer.Serialize(
                new
                {
                    File = path,
                    Incident = id,
                    Before = before.ToString(),
                    End = end.ToString(),
                    Countersigned = misfit ?? countersigned,
                    Sha256 = Sum(bytes),
                },
                EventJson.Printed)
            : $"{path}: {id}, entries {before.Sequence + 1} to {end.Sequence} of the log, head {end}; "
                + $"{misfit ?? countersigned}; SHA-256 {Sum(bytes)}");
        return ExitCode.Done;
    }

    private static string Sum(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static int Broken(string broken)
    {
        Console.Error.WriteLine($"BROKEN: {broken}; nothing was written: keep the database itself as evidence");
        return ExitCode.FoundWrong;
    }

    private static IncidentId Named(string incident) => IncidentId.TryParse(incident, out var id)
        ? id
        : throw new InputException($"'{incident}' is no incident: INC- and its number, as 'incident list' shows it");

    private static Option<string> Output(string description) =>
        new("--out") { Description = description, Required = true };
}
