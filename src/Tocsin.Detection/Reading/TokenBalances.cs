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
        if (!places.TryGetValue((account, asset), out var place))
        {
            place = balances.Count;
            places.Add((account, asset), place);
            balances.Add(new TokenBalance(account, asset, default, default, default));
        }
        return ref CollectionsMarshal.AsSpan(balances)[place];
    }
}
