using System.Text;
using System.Text.Json;
using Tocsin.Audit;
using Tocsin.Chains;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Signing;
using Tocsin.Texts;

namespace Tocsin.Records;

/// <summary>A bundle in which everything follows from its part of the log.</summary>
internal sealed record CheckedBundle(BundleManifest Manifest, BundledLog Log)
{
    /// <summary>What countersigns its part of the log, in words, or what of that does not fit.</summary>
    /// <param name="signers">Whose countersignatures count; empty where nobody is named.</param>
    public (string Words, string? Misfit) Countersigned(IReadOnlyCollection<Address> signers)
    {
        if (Countersignatures.FirstMisfit(Log.Entries, signers, Log.Before) is { } misfit)
            return ("", misfit);
        var reached = Log.Entries
            .Where(entry => entry.Kind == EventJson.HeadCountersignedKind)
            .Select(entry => ((HeadCountersigned)EventJson.Read(entry.Kind, entry.Payload)).Head.Sequence)
            .Append(0)
            .Max();
        return reached < Manifest.Last && signers.Count > 0
            ? ("", $"the signer countersigned nothing that holds entry {Manifest.Last}, the incident's last")
            : (Countersignatures.InWords(Log.Entries, signers), null);
    }

    /// <summary>Null where the head is that of an entry in it or of the one before; else what is wrong.</summary>
    /// <exception cref="InputException">The head is of another part of the log, and says nothing of it.</exception>
    public string? Misfit(LogHead kept)
    {
        if (kept.Sequence < Log.Before.Sequence || kept.Sequence > Log.End.Sequence)
            throw new InputException($"head {kept.Sequence} says nothing of this bundle, which holds entries "
                + $"{Log.Before.Sequence + 1} to {Log.End.Sequence}: give one of them, or the one before");
        var place = (int)(kept.Sequence - Log.Before.Sequence);
        var hash = place == 0 ? Log.Before.Hash : Log.Entries[place - 1].Hash;
        return hash == kept.Hash ? null : $"entry {kept.Sequence} is not the one whose head you kept";
    }
}

/// <summary>
/// Whether a bundle is what was written: it is written anew from its part of the log and from the plan's text alone,
/// and every byte must be the same.
/// </summary>
internal static class BundleCheck
{
    /// <returns>What is in it, or what is wrong.</returns>
    /// <exception cref="InputException">It is of a newer form.</exception>
    public static (CheckedBundle? Bundle, string? Wrong) Check(ReadOnlySpan<byte> zip)
    {
        IReadOnlyList<BundledFile> files;
        try
        {
            files = StoredZip.Read(zip);
        }
        catch (FormatException e)
        {
            return (null, $"this is not the file that was written: {e.Message}");
        }
        if (ManifestOf(files) is not { } manifest)
            return (null, $"{BundleManifest.Name} is not one of a bundle");
        if (manifest.Bundle != BundleManifest.Form)
            throw new InputException($"the bundle has form {manifest.Bundle} and this program reads form "
                + $"{BundleManifest.Form}: use the program that wrote it");
        if (WrongFile(manifest, files) is { } wrong)
            return (null, wrong);
        try
        {
            return CheckLog(manifest, files);
        }
        // What was made up can be wrong in any way that a fold can meet.
        catch (Exception e) when (
            e is FormatException or InputException or InvalidOperationException or JsonException or ArgumentException
                or KeyNotFoundException or IndexOutOfRangeException or OverflowException or NullReferenceException
                or DecoderFallbackException)
        {
            return (null, $"{EvidenceBundle.LogName} is no part of a log that holds {manifest.Incident}: {e.Message}");
        }
    }

    private static (CheckedBundle? Bundle, string? Wrong) CheckLog(
        BundleManifest manifest, IReadOnlyList<BundledFile> files)
    {
        var entries = EvidenceBundle.Entries(
            files.First(file => file.Name == EvidenceBundle.LogName).Bytes);
        if (entries is not [var first, ..])
            return (null, $"{EvidenceBundle.LogName} is empty");
        var before = new LogHead(first.Sequence - 1, first.PreviousHash);
        if (first.Sequence < 1 || (before.Sequence == 0 && before.Hash != Hash32.Zero))
            return (null, "the log does not begin like that");
        if (LogChain.FirstBrokenLink(entries, before) is { } broken)
            return (null, broken);
        var planFiles = files.Where(file => file.Name.StartsWith(EvidenceBundle.PlanFolder, StringComparison.Ordinal))
            .Select(file => new PlanFile(file.Name[EvidenceBundle.PlanFolder.Length..], Text(file)))
            .ToValueList();
        var kept = KeptIncident.Of(entries, manifest.Incident, planFiles);
        if (PlanReader.ContentHash(planFiles) != kept.PlanHash)
            return (null, $"the files in {EvidenceBundle.PlanFolder} are not the plan {kept.PlanHash} by which "
                + $"{manifest.Incident} was judged");
        var part = EvidenceBundle.Part(entries, before, kept);
        foreach (var (file, written) in files.Zip(EvidenceBundle.Files(kept, part)))
        {
            if (file.Name != written.Name || !file.Bytes.AsSpan().SequenceEqual(written.Bytes))
                return (null, NotTheSame(written.Name));
        }
        return (new CheckedBundle(manifest, part), null);
    }

    private static BundleManifest? ManifestOf(IReadOnlyList<BundledFile> files)
    {
        try
        {
            return files[0].Name == BundleManifest.Name && BundleManifest.Read(files[0].Bytes) is var manifest
                && !manifest.Files.Contains(null!)
                ? manifest
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? WrongFile(BundleManifest manifest, IReadOnlyList<BundledFile> files)
    {
        if (!manifest.Files.Select(file => file.Name).SequenceEqual(files.Skip(1).Select(file => file.Name)))
            return $"the files in it are not those that {BundleManifest.Name} names";
        string[] needed = [EvidenceBundle.LogName, EvidenceBundle.RecordName, EvidenceBundle.ReportName];
        if (needed.FirstOrDefault(name => manifest.Files.All(file => file.Name != name)) is { } missing)
            return $"{missing} is missing";
        var wrong = manifest.Files.Zip(files.Skip(1)).FirstOrDefault(one => one.First != BundleSum.Of(one.Second));
        return wrong.First is null ? null : $"{wrong.First.Name} is not what was written (its SHA-256 differs)";
    }

    private static string NotTheSame(string name) =>
        $"{name} is not what its part of the log gives in the words of this version of Tocsin, "
        + $"{typeof(BundleCheck).Assembly.GetName().Version!.ToString(3)}: where another version wrote it, check it "
        + "with that one";

    private static string Text(BundledFile file) =>
        new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(file.Bytes);
}
