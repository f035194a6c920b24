using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;

namespace Tocsin.Detection.Money;

/// <summary>Events by which units of a token come into the world and leave it.</summary>
internal static class TokenEvents
{
    /// <summary>FiatToken of Circle: minter and receiver indexed, the amount in the data.</summary>
    public static readonly Hash32 Mint = Keccak256.Hash("Mint(address,address,uint256)");

    /// <summary>FiatToken of Circle: burner indexed, the amount in the data.</summary>
    public static readonly Hash32 Burn = Keccak256.Hash("Burn(address,uint256)");

    /// <summary>TetherToken: the amount in the data, no receiver.</summary>
    public static readonly Hash32 Issue = Keccak256.Hash("Issue(uint256)");

    /// <summary>TetherToken: the amount in the data, no redeemer.</summary>
    public static readonly Hash32 Redeem = Keccak256.Hash("Redeem(uint256)");

    /// <summary>All that tell of issue and redemption of a token.</summary>
    public static readonly ValueList<Hash32> OfSupply = [Topics.Transfer, Mint, Burn, Issue, Redeem];

    /// <summary>A transfer as ERC-20 has it; false for any other event, and for one of an NFT.</summary>
    public static bool TryTransfer(in Log log, out TokenTransfer transfer)
    {
        transfer = default;
        if (log.Topics.Count != 3 || log.Topics[0] != Topics.Transfer
            || !LogWords.TryRead(log.Data.Span, 0, out var amount))
            return false;
        transfer = new TokenTransfer(
            log.Address, LogWords.AddressOf(log.Topics[1]), LogWords.AddressOf(log.Topics[2]), amount);
        return true;
    }
}

/// <param name="Amount">In the token's smallest units.</param>
internal readonly record struct TokenTransfer(Address Token, Address From, Address To, UInt256 Amount);

/// <summary>
/// What a transaction issued and redeemed of one token. Tokens tell it by transfers from and to the zero address, by
/// events of their own, or by both: the larger of the two tellings counts, never their sum.
/// </summary>
internal sealed class SupplyReading(Address token)
{
    private UInt256 minted, mintedInOtherWords, burnt, burntInOtherWords;

    public UInt256 Issued => minted > mintedInOtherWords ? minted : mintedInOtherWords;

    public UInt256 Redeemed => burnt > burntInOtherWords ? burnt : burntInOtherWords;

    /// <summary>Who made the units, where the token says so; otherwise null.</summary>
    public Address? Minter { get; private set; }

    public void Clear()
    {
        (minted, mintedInOtherWords, burnt, burntInOtherWords) = (default, default, default, default);
        Minter = null;
    }

    public void Read(in Log log)
    {
        if (log.Address != token || log.Topics.Count == 0)
            return;
        if (TokenEvents.TryTransfer(log, out var transfer))
        {
            if (transfer.From.IsZero && !transfer.To.IsZero)
                minted = Amounts.AddSaturating(minted, transfer.Amount);
            else if (transfer.To.IsZero && !transfer.From.IsZero)
                burnt = Amounts.AddSaturating(burnt, transfer.Amount);
            return;
        }
        if (!LogWords.TryRead(log.Data.Span, 0, out var amount))
            return;
        var topic = log.Topics[0];
        if (topic == TokenEvents.Mint || topic == TokenEvents.Issue)
            mintedInOtherWords = Amounts.AddSaturating(mintedInOtherWords, amount);
        else if (topic == TokenEvents.Burn || topic == TokenEvents.Redeem)
            burntInOtherWords = Amounts.AddSaturating(burntInOtherWords, amount);
        if (topic == TokenEvents.Mint && log.Topics.Count == 3)
            Minter = LogWords.AddressOf(log.Topics[1]);
    }
}

/// <summary>What detectors of money ask of the watch.</summary>
internal static class WatchedMoney
{
    /// <summary>The watched asset of that name or address; null where there is none.</summary>
    public static Asset? AssetOf(Watch watch, string subject)
    {
        foreach (var asset in watch.Assets.AsSpan())
            if (asset.Name == subject)
                return asset;
        return watch.AddressOf(subject) is { } address ? AssetAt(watch, address) : null;
    }

    public static Asset? AssetAt(Watch watch, Address address)
    {
        foreach (var asset in watch.Assets.AsSpan())
            if (asset.Address == address)
                return asset;
        return null;
    }

    /// <summary>The price at which an asset's holders are to be paid, in US dollars; null where it has no
    /// peg.</summary>
    public static decimal? ParOf(Watch watch, Asset asset)
    {
        foreach (var peg in watch.Pegs.AsSpan())
            if (peg.Asset == asset.Name)
                return peg.ParUsd;
        return null;
    }

    public static string Units(decimal units, string asset) => $"{Math.Round(units):#,0} {asset}";
}
