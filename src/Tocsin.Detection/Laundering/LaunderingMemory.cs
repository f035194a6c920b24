using Tocsin.Chains;

namespace Tocsin.Detection.Laundering;

/// <summary>What went to one place of one asset.</summary>
/// <param name="Place">As people are told it.</param>
/// <param name="Asset">Its name; <c>coins</c> for the chain's own.</param>
/// <param name="Usd">0 where nothing tells a price.</param>
public sealed record MovedSum(string Place, string Asset, decimal Units, decimal Usd);

/// <summary>An account through which the money of an attack goes.</summary>
/// <param name="Root">The account that the attack's finding names; itself where that is this one.</param>
/// <param name="Until">So long it is followed.</param>
/// <param name="Recipients">Accounts that it paid, the first of them.</param>
public sealed record FollowedAccount(
    Address Root, DateTimeOffset Until, ValueList<MovedSum> Moved, ValueList<Address> Recipients, decimal SplitUsd);

/// <summary>Adds to what is remembered of an account, within bounds.</summary>
internal static class LaunderingMemory
{
    public const int RecipientsMax = 32;
    public const int PlacesMax = 32;

    public static FollowedAccount WithMoved(this FollowedAccount account, MovedSum more)
    {
        var sums = account.Moved.ToList();
        var place = sums.FindIndex(sum => sum.Place == more.Place && sum.Asset == more.Asset);
        if (place >= 0)
            sums[place] = sums[place] with
            {
                Units = Math.Min(Amounts.UnitsMax, sums[place].Units + more.Units),
                Usd = Math.Min(Amounts.UsdMax, sums[place].Usd + more.Usd),
            };
        else if (sums.Count < PlacesMax)
            sums.Add(more);
        return account with { Moved = sums.ToValueList() };
    }

    public static FollowedAccount WithRecipient(this FollowedAccount account, Address recipient, decimal usd) =>
        account with
        {
            Recipients = account.Recipients.Contains(recipient) || account.Recipients.Count == RecipientsMax
                ? account.Recipients
                : account.Recipients.Add(recipient),
            SplitUsd = Math.Min(Amounts.UsdMax, account.SplitUsd + usd),
        };
}
