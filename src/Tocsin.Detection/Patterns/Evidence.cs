using Tocsin.Chains;
using Tocsin.Detection.Reading;
using Tocsin.Findings;

namespace Tocsin.Detection.Patterns;

/// <summary>
/// What one origin did within a pattern's time frame that bears on it, up to and with the transaction at hand.
/// </summary>
internal sealed class Evidence
{
    public List<AttackTransaction> Transactions { get; } = [];

    public List<Indicator> Indicators { get; } = [];

    public List<Address> Addresses { get; } = [];

    /// <summary>Gathers the evidence; null where the transaction at hand does not close the pattern.</summary>
    public static Evidence? Gather(Pattern pattern, Scene scene, TransactionFacts own)
    {
        if (!Closes(pattern, own))
            return null;
        var evidence = new Evidence();
        var since = scene.Time - pattern.Window;
        foreach (var earlier in scene.Earlier)
        {
            if (earlier.Time < since)
                continue;
            if (pattern.IsOneRound && Closes(pattern, earlier.Facts))
                evidence.Clear();
            else
                evidence.Add(pattern, earlier.Block, earlier.Facts);
        }
        evidence.Add(pattern, scene.Block, own);
        return evidence;
    }

    public IEnumerable<Flow> Flows()
    {
        foreach (var transaction in Transactions)
            foreach (var flow in transaction.Flows)
                yield return flow;
    }

    /// <summary>Weight times strength of each required indicator, the strongest of its kind; null if one is
    /// missing.</summary>
    public decimal? Confidence(Pattern pattern)
    {
        var chances = new decimal[pattern.Required.Count];
        for (var i = 0; i < chances.Length; i++)
        {
            foreach (var indicator in Indicators)
                if (indicator.Name == pattern.Required[i])
                    chances[i] = Math.Max(chances[i], indicator.Strength * Weights.Of(pattern.Threat, indicator.Name));
            if (chances[i] == 0)
                return null;
        }
        return Weights.NoisyOr(chances);
    }

    /// <summary>True if the last transaction alone has every required indicator.</summary>
    public bool IsCompleteIn(Pattern pattern, Hash32 transaction)
    {
        var found = 0;
        foreach (var name in pattern.Required.AsSpan())
        {
            foreach (var indicator in Indicators)
            {
                if (indicator.Name != name || indicator.Transaction != transaction)
                    continue;
                found++;
                break;
            }
        }
        return found == pattern.Required.Count;
    }

    private void Add(Pattern pattern, BlockRef block, TransactionFacts facts)
    {
        var contributes = Contributes(pattern, facts);
        // The attack begins with its first indicator; what moved money after that belongs to it.
        if (!contributes && (Transactions.Count == 0 || facts.Flows.Count == 0))
            return;
        Transactions.Add(new AttackTransaction(block, facts.Hash, facts.Flows));
        foreach (var indicator in facts.Indicators.AsSpan())
            if (pattern.Requires(indicator.Name))
                Indicators.Add(indicator);
        AddAddress(facts.From);
        if (facts.Contract is { } contract)
            AddAddress(contract);
    }

    private void Clear()
    {
        Transactions.Clear();
        Indicators.Clear();
        Addresses.Clear();
    }

    private void AddAddress(Address address)
    {
        if (!Addresses.Contains(address))
            Addresses.Add(address);
    }

    private static bool Closes(Pattern pattern, TransactionFacts facts)
    {
        foreach (var indicator in facts.Indicators.AsSpan())
            if (indicator.Name == pattern.Closing)
                return true;
        return false;
    }

    private static bool Contributes(Pattern pattern, TransactionFacts facts)
    {
        foreach (var indicator in facts.Indicators.AsSpan())
            if (pattern.Requires(indicator.Name))
                return true;
        return false;
    }
}
