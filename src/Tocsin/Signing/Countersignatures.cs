using System.Text.Json;
using Tocsin.Audit;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Recording;

namespace Tocsin.Signing;

/// <summary>The signer's countersignatures in a log whose chain is whole.</summary>
internal static class Countersignatures
{
    /// <summary>Names the first that does not fit the log or is by nobody of ours; null if all do.</summary>
    /// <param name="entries">The whole log, or a part of it without a gap.</param>
    /// <param name="signers">Whose countersignatures count; empty where nobody is named, and then who signed is not
    /// judged.</param>
    /// <param name="before">The head that the first of them follows; none for a whole log.</param>
    public static string? FirstMisfit(
        IReadOnlyList<LogEntry> entries, IReadOnlyCollection<Address> signers, LogHead before = default)
    {
        foreach (var entry in entries.Where(entry => entry.Kind == EventJson.HeadCountersignedKind))
        {
            if (Misfit(entry, entries, signers, before) is { } misfit)
                return $"entry {entry.Sequence}, a countersignature: {misfit}";
        }
        return null;
    }

    /// <summary>How many there are, where all fit.</summary>
    public static string InWords(IReadOnlyList<LogEntry> entries, IReadOnlyCollection<Address> signers)
    {
        var all = entries.Where(entry => entry.Kind == EventJson.HeadCountersignedKind).ToList();
        if (all.Count == 0)
            return "nothing in it is countersigned";
        var reaches = ((HeadCountersigned)EventJson.Read(all[^1].Kind, all[^1].Payload)).Head.Sequence;
        return signers.Count == 0
            ? $"{Quantities.Counted((ulong)all.Count, "countersignature")} up to entry {reaches}, by whom was not "
                + "checked: name the signer's account"
            : $"{Quantities.Counted((ulong)all.Count, "countersignature")} of the signer up to entry {reaches}";
    }

    private static string? Misfit(
        LogEntry entry, IReadOnlyList<LogEntry> entries, IReadOnlyCollection<Address> signers, LogHead before)
    {
        HeadCountersigned countersigned;
        try
        {
            countersigned = (HeadCountersigned)EventJson.Read(entry.Kind, entry.Payload);
        }
        catch (JsonException e)
        {
            return $"it cannot be read: {e.Message}";
        }
        var head = countersigned.Head;
        if (head.Sequence < 1 || head.Sequence >= entry.Sequence)
            return $"its head {head.Sequence} is not before it";
        // What is before a part of the log is not there to be compared.
        if (head.Sequence >= before.Sequence && HashAt(head.Sequence, entries, before) != head.Hash)
            return $"entry {head.Sequence} is not the one that was countersigned";
        if (LogHeadTypedData.Signer(countersigned) is not { } signer)
            return "it is no signature of that head";
        return signers.Count == 0 || signers.Contains(signer)
            ? null
            : $"{ChecksumAddress.Format(signer)} made it, who is not the signer";
    }

    private static Hash32 HashAt(long sequence, IReadOnlyList<LogEntry> entries, LogHead before) =>
        sequence == before.Sequence ? before.Hash : entries[(int)(sequence - before.Sequence) - 1].Hash;
}
