using Tocsin.Chains;

namespace Tocsin.Detection;

/// <summary>
/// When evidence in a block counts as past taking back: so many blocks deep or, where the chain says itself what is
/// final, at its word.
/// </summary>
internal sealed class Finality(Thresholds thresholds)
{
    private readonly ulong confirmations = (ulong)thresholds.Confirmations;

    /// <summary>The newest block that the chain called final.</summary>
    public BlockRef? Told { get; private set; }

    public void Restore(BlockRef? told) => Told = told;

    /// <summary>Takes the chain's word; false where it is nothing new.</summary>
    public bool Take(BlockRef block)
    {
        if (!thresholds.FinalityIsTold || block.Number <= Told?.Number)
            return false;
        Told = block;
        return true;
    }

    /// <summary>What was called final and is taken back all the same was not final.</summary>
    public void Rollback(BlockRef ancestor)
    {
        if (Told?.Number > ancestor.Number)
            Told = ancestor;
    }

    /// <summary>True where a new head confirms evidence of that block.</summary>
    public bool ConfirmsAt(ulong evidence, ulong head) =>
        !thresholds.FinalityIsTold && head - evidence == confirmations;

    /// <summary>True where the chain's newest word confirms evidence of that block, and the word before did
    /// not.</summary>
    public bool ConfirmsNow(ulong evidence, ulong? before) =>
        evidence <= Told?.Number && (before is null || evidence > before);

    public bool IsConfirmed(ulong evidence, ulong head) =>
        thresholds.FinalityIsTold ? evidence <= Told?.Number : head - evidence >= confirmations;
}
