using System.Security.Cryptography;
using System.Text.Json;
using Tocsin.Audit;
using Tocsin.Chains;
using Tocsin.Incidents;
using Tocsin.Recording;

namespace Tocsin.Records;

/// <summary>What a bundle says of itself.</summary>
/// <param name="Bundle">The version of its form.</param>
/// <param name="Plan">The content hash of the plan by which the incident is judged.</param>
/// <param name="Before">The log's head before the part that is in it, as alerts carry heads.</param>
/// <param name="End">The log's head at the end of that part.</param>
/// <param name="First">The incident's first entry.</param>
/// <param name="Last">The incident's last entry, when the bundle was written.</param>
internal sealed record BundleManifest(
    int Bundle,
    IncidentId Incident,
    Hash32 Plan,
    string Before,
    string End,
    long First,
    long Last,
    ValueList<BundleSum> Files)
{
    public const int Form = 1;

    public const string Name = "manifest.json";

    private static readonly JsonSerializerOptions Options = new(EventJson.Printed)
    {
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        WriteIndented = true,
        NewLine = "\n",
    };

    public static BundleManifest Of(KeptIncident incident, BundledLog log, IReadOnlyList<BundledFile> files) => new(
        Form, incident.Id, incident.PlanHash, log.Before.ToString(), log.End.ToString(),
        incident.Entries[0].Sequence, incident.Entries[^1].Sequence, files.Select(BundleSum.Of).ToValueList());

    public byte[] Write() => [.. JsonSerializer.SerializeToUtf8Bytes(this, Options), (byte)'\n'];

    /// <exception cref="JsonException">It is none.</exception>
    public static BundleManifest Read(byte[] text) =>
        JsonSerializer.Deserialize<BundleManifest>(text, Options) ?? throw new JsonException("it says nothing");
}

/// <param name="Sha256">In hexadecimal, as <c>sha256sum</c> prints it.</param>
internal sealed record BundleSum(string Name, long Bytes, string Sha256)
{
    public static BundleSum Of(BundledFile file) =>
        new(file.Name, file.Bytes.Length, Convert.ToHexStringLower(SHA256.HashData(file.Bytes)));
}

/// <summary>A part of the log without a gap.</summary>
internal sealed record BundledLog(LogHead Before, IReadOnlyList<LogEntry> Entries)
{
    public LogHead End => new(Entries[^1].Sequence, Entries[^1].Hash);
}
