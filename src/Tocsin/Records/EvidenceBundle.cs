using System.Text;
using System.Text.Json;
using Tocsin.Audit;
using Tocsin.Backups;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Storage;
using Tocsin.Texts;

namespace Tocsin.Records;

/// <summary>
/// An incident as evidence, in one file: its part of the log without a gap, and what follows from that part: the
/// record, the report, the plan, the sums. A link of the log's chain is over a whole payload, so the events of one
/// incident cannot be cut out: those of others that stand among them are in it.
/// </summary>
internal static class EvidenceBundle
{
    public const string LogName = "log.jsonl";
    public const string RecordName = "incident.json";
    public const string ReportName = "report.md";
    public const string PlanFolder = "plan/";

    /// <param name="log">The whole log, its chain unbroken.</param>
    /// <exception cref="InputException">The log does not hold it, or it is more than a bundle holds.</exception>
    public static byte[] Write(IReadOnlyList<LogEntry> log, IncidentId id)
    {
        var incident = KeptIncident.Find(log, id);
        try
        {
            return StoredZip.Write(Files(incident, Part(log, LogHead.Empty, incident)));
        }
        catch (FormatException e)
        {
            throw new InputException($"no bundle of {id} can be written: {e.Message}", e);
        }
    }

    /// <summary>The files of a bundle, in their order; the same from whole log and part.</summary>
    public static IReadOnlyList<BundledFile> Files(KeptIncident incident, BundledLog part)
    {
        BundledFile[] files =
        [
            new(LogName, Lines(part.Entries)),
            new(RecordName, Encoding.UTF8.GetBytes(incident.RecordJson())),
            new(ReportName, Encoding.UTF8.GetBytes(incident.Report())),
            .. incident.PlanFiles.Select(file =>
                new BundledFile(PlanFolder + file.Name, Encoding.UTF8.GetBytes(file.Text))),
        ];
        var manifest = BundleManifest.Of(incident, part, files);
        return [new(BundleManifest.Name, manifest.Write()), .. files];
    }

    /// <summary>
    /// The entries from the incident's first to the first countersignature that covers its last; to its last where none
    /// does.
    /// </summary>
    /// <param name="before">The head before <paramref name="entries"/>.</param>
    public static BundledLog Part(IReadOnlyList<LogEntry> entries, LogHead before, KeptIncident incident)
    {
        var (first, last) = (incident.Entries[0].Sequence, incident.Entries[^1].Sequence);
        var skipped = (int)(first - before.Sequence) - 1;
        var end = entries.Skip((int)(last - before.Sequence)).FirstOrDefault(entry => Covers(entry, last));
        var count = (int)((end?.Sequence ?? last) - first) + 1;
        return new BundledLog(
            skipped == 0 ? before : new LogHead(entries[skipped - 1].Sequence, entries[skipped - 1].Hash),
            [.. entries.Skip(skipped).Take(count)]);
    }

    /// <summary>The entries that are in <see cref="LogName"/>.</summary>
    /// <exception cref="FormatException">A line is no entry.</exception>
    public static IReadOnlyList<LogEntry> Entries(byte[] lines)
    {
        var entries = new List<LogEntry>();
        var rest = lines.AsSpan();
        while (rest.Length > 0)
        {
            var length = rest.IndexOf((byte)'\n');
            if (length < 0)
                throw new FormatException("its last line does not end");
            entries.Add(BackupText.RowOf(BackupText.Read(rest[..length])) is StoreRow.Entry(var entry)
                ? entry
                : throw new FormatException($"line {entries.Count + 1} is no entry"));
            rest = rest[(length + 1)..];
        }
        return entries;
    }

    private static byte[] Lines(IEnumerable<LogEntry> entries)
    {
        using var lines = new MemoryStream();
        foreach (var entry in entries)
        {
            lines.Write(BackupText.Write(BackupText.Of(new StoreRow.Entry(entry))));
            lines.WriteByte((byte)'\n');
        }
        return lines.ToArray();
    }

    private static bool Covers(LogEntry entry, long last)
    {
        if (entry.Kind != EventJson.HeadCountersignedKind)
            return false;
        try
        {
            return ((HeadCountersigned)EventJson.Read(entry.Kind, entry.Payload)).Head.Sequence >= last;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
