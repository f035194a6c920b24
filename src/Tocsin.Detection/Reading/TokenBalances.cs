using System.Runtime.InteropServices;
using Tocsin.Chains;

namespace Tocsin.Detection.Reading;

/// <summary>What one account received and gave of one asset within a transaction.</summary>
/// <param name="Lent">How far below its start the account's balance was at the worst: what it gave out of its
/// own.</param>
internal readonly record struct TokenBalance(Address Account, int Asset, UInt256 Received, UInt256 Given, UInt256 Lent)
{
    /// <summary>True if the account gave out of its own and had all of it back at the end.</summary>
    public bool IsRepaidLender => !Lent.IsZero && Received >= Given;

    public decimal NetUnits(int decimals) => Received >= Given
        ? Amounts.Units(Received - Given, decimals)
        : -Amounts.Units(Given - Received, decimals);
}

/// <summary>The balances that a transaction changes, in the order in which accounts appear.</summary>
internal sealed class TokenBalances
{
    // Up to here looking through all of them is faster than hashing; most transactions stay below.
    private const int FewMax = 8;

    private readonly Dictionary<(Address Account, int Asset), int> places = [];
    private readonly List<TokenBalance> balances = [];

    public ReadOnlySpan<TokenBalance> AsSpan() => CollectionsMarshal.AsSpan(balances);

    public void Clear()
    {
        places.Clear();
        balances.Clear();
    }

    public void Move(int asset, Address from, Address to, UInt256 amount)
    {
        ref var giver = ref PlaceOf(from, asset);
        var given = Amounts.AddSaturating(giver.Given, amount);
        var missing = given > giver.Received ? given - giver.Received : UInt256.Zero;
        giver = giver with { Given = given, Lent = missing > giver.Lent ? missing : giver.Lent };
        ref var receiver = ref PlaceOf(to, asset);
        receiver = receiver with { Received = Amounts.AddSaturating(receiver.Received, amount) };
    }

    private ref TokenBalance PlaceOf(Address account, int asset)
    {
        var place = balances.Count <= FewMax ? FindAmongFew(account, asset) : FindAmongMany(account, asset);
        if (place < 0)
        {
            place = balances.Count;
            balances.Add(new TokenBalance(account, asset, default, default, default));
        }
        return ref CollectionsMarshal.AsSpan(balances)[place];
    }

    private int FindAmongFew(Address account, int asset)
    {
        var all = CollectionsMarshal.AsSpan(balances);
        for (var place = 0; place < all.Length; place++)
            if (all[place].Asset == asset && all[place].Account == account)
                return place;
        return -1;
    }

    private int FindAmongMany(Address account, int asset)
    {
        for (var place = places.Count; place < balances.Count; place++)
            places.Add((balances[place].Account, balances[place].Asset), place);
        return places.TryGetValue((account, asset), out var found) ? found : -1;
    }
}
