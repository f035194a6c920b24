using Tocsin.Chains;

namespace Tocsin.Signing;

/// <summary>
/// One signature that was given: which call of which decision, under which nonce, and the exact bytes.
/// </summary>
/// <param name="Replacement">Its number among those of the call; null for the first signature.</param>
internal sealed record JournalEntry(
    Hash32 Decision,
    Hash32 PlanHash,
    string Action,
    ulong Use,
    int Call,
    Hash32 CallsHash,
    ChainId Chain,
    ulong Nonce,
    Hash32 Transaction,
    string Raw,
    DateTimeOffset At,
    int? Replacement = null);

/// <summary>
/// The signer's memory of signatures. What is here was perhaps sent; what is not here was never signed.
/// </summary>
internal sealed class SignerJournal : IDisposable
{
    private readonly ChainedLines<JournalEntry> lines;

    private SignerJournal(ChainedLines<JournalEntry> lines) => this.lines = lines;

    public IReadOnlyList<JournalEntry> Entries => lines.Entries;

    /// <inheritdoc cref="ChainedLines{T}.Open"/>
    public static SignerJournal Open(string path) =>
        new(ChainedLines<JournalEntry>.Open(path, "the signer's journal"));

    /// <inheritdoc cref="ChainedLines{T}.Append"/>
    public void Append(JournalEntry entry) => lines.Append(entry);

    public void Dispose() => lines.Dispose();
}
