using Tocsin.Chains;

namespace Tocsin.Detection.Accounts;

/// <summary>Tokens that left an account without its owner's doing.</summary>
/// <param name="Spender">Who took them: certain where <paramref name="IsSure"/>, otherwise the contract called.</param>
/// <param name="IsSure">The call that took them was seen.</param>
/// <param name="Block">That holds the transaction.</param>
public sealed record Pull(
    Hash32 Transaction,
    Address Sender,
    Address Spender,
    Address Victim,
    Address Recipient,
    Address Token,
    decimal Usd,
    bool IsSure,
    BlockRef Block);

/// <summary>The pulls of one actor together. The same pull told by its log and by its call counts once.</summary>
internal sealed class PullTally
{
    private readonly Dictionary<(Hash32, Address, Address, Address), Pull> pulls = [];

    public IEnumerable<Pull> Pulls => pulls.Values;

    public int Victims => pulls.Values.Select(pull => pull.Victim).Distinct().Count();

    public int Recipients => pulls.Values.Select(pull => pull.Recipient).Distinct().Count();

    public decimal Usd => Math.Min(Amounts.UsdMax, pulls.Values.Sum(pull => pull.Usd));

    public void Add(Pull pull)
    {
        var key = (pull.Transaction, pull.Victim, pull.Recipient, pull.Token);
        if (!pulls.TryGetValue(key, out var known))
            pulls[key] = pull;
        // Several logs of one transaction add up; the call that explains them does not add to them.
        else if (known.IsSure == pull.IsSure)
            pulls[key] = known with { Usd = Math.Min(Amounts.UsdMax, known.Usd + pull.Usd) };
        else if (pull.IsSure)
            pulls[key] = pull;
    }
}
