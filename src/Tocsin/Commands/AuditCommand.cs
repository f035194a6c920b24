using Tocsin.Audit;
using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Evm;
using Tocsin.Recording;
using Tocsin.Records;
using Tocsin.Signing;
using Tocsin.Storage;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary><c>tocsin audit verify</c>: whether the log is what was written.</summary>
internal static class AuditCommand
{
    /// <param name="head">
    /// A head from outside, for example from an old alert; null to check the log against itself.
    /// </param>
    /// <param name="signers">
    /// Accounts whose countersignatures count; empty for the one that is configured.
    /// </param>
    public static int Verify(
        string directory, string? head, IReadOnlyList<string> signers, bool ofRehearsal = false)
    {
        var configured = TocsinConfiguration.Load(directory);
        var configuration = ofRehearsal ? configured.ForRehearsal() : configured;
        using var store = ConfiguredStore.OpenExisting(configuration);
        var entries = store.Read().ToList();
        if (LogChain.FirstBrokenLink(entries) is { } broken)
            return Say(ExitCode.FoundWrong, $"BROKEN: {broken}");
        var accounts = Accounts(signers, configuration.Signer);
        if (Countersignatures.FirstMisfit(entries, accounts) is { } misfit)
            return Say(ExitCode.FoundWrong, $"BROKEN: {misfit}");
        var countersigned = Countersignatures.InWords(entries, accounts);
        if (head is null)
            return Say(
                ExitCode.Done,
                $"internally consistent: {entries.Count} entries up to {store.Head}; {countersigned}; "
                + "give a head that you kept elsewhere to compare");
        var kept = Parse(head);
        if (kept.Sequence > entries.Count)
            return Say(
                ExitCode.FoundWrong,
                $"BROKEN: the log ends at {store.Head.Sequence}, before the head {kept.Sequence} that you kept");
        var hash = kept.Sequence == 0 ? Hash32.Zero : entries[(int)kept.Sequence - 1].Hash;
        return hash == kept.Hash
            ? Say(
                ExitCode.Done,
                $"the log holds the head that you kept: nothing up to entry {kept.Sequence} was changed; "
                + $"{entries.Count - kept.Sequence} entries followed; {countersigned}")
            : Say(ExitCode.FoundWrong, $"BROKEN: entry {kept.Sequence} is not the one whose head you kept");
    }

    /// <summary>Whether a bundle of 'incident evidence' is what was written; it needs nothing but the file.</summary>
    /// <param name="head">A head from outside, of an entry in it; null to check it against itself.</param>
    /// <param name="signers">Accounts whose countersignatures count; empty where nobody is named.</param>
    /// <exception cref="InputException">The file cannot be read, or the head says nothing of it.</exception>
    public static int VerifyBundle(string path, string? head, IReadOnlyList<string> signers)
    {
        var accounts = Accounts(signers, null);
        var kept = head is null ? (LogHead?)null : Parse(head);
        var (bundle, wrong) = BundleCheck.Check(BundleFile.Read(path));
        if (bundle is null)
            return Say(ExitCode.FoundWrong, $"BROKEN: {wrong}");
        var (countersigned, misfit) = bundle.Countersigned(accounts);
        if ((misfit ?? (kept is { } given ? bundle.Misfit(given) : null)) is { } broken)
            return Say(ExitCode.FoundWrong, $"BROKEN: {broken}");
        var (manifest, log) = (bundle.Manifest, bundle.Log);
        return Say(
            ExitCode.Done,
            $"{manifest.Incident}: entries {log.Before.Sequence + 1} to {log.End.Sequence} follow from each other, up "
            + $"to the head {log.End}, and all {manifest.Files.Count} files are what they give; {countersigned}; "
            + (kept is null ? "give a head that you kept elsewhere to compare" : "it holds the head that you kept"));
    }

    /// <summary>What the signer that is configured has countersigned, in words, or what does not fit to it.</summary>
    public static (string Words, string? Misfit) Countersigned(EventStore store, TocsinConfiguration configuration)
    {
        var entries = store.Read().ToList();
        var accounts = Accounts([], configuration.Signer);
        return (Countersignatures.InWords(entries, accounts), Countersignatures.FirstMisfit(entries, accounts));
    }

    private static List<Address> Accounts(IReadOnlyList<string> given, SignerSettings? configured) =>
        given.Count == 0
            ? configured is null ? [] : [configured.Account]
            : [.. given.Select(text => ChecksumAddress.TryParse(text, out var account)
                ? account
                : throw new InputException($"'{text}' is not an address with a right checksum"))];

    private static LogHead Parse(string text)
    {
        var parts = text.Split(':');
        return parts.Length == 2 && long.TryParse(parts[0], out var sequence) && sequence >= 0
            && Hash32.TryParse(parts[1], out var hash)
            ? new LogHead(sequence, hash)
            : throw new InputException($"'{text}' is not a head: NUMBER:0xHASH, as alerts carry it");
    }

    private static int Say(int code, string message)
    {
        (code == ExitCode.Done ? Console.Out : Console.Error).WriteLine(message);
        return code;
    }
}
