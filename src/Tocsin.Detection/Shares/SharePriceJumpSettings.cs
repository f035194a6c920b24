using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Abi;
using Tocsin.Findings;

namespace Tocsin.Detection.Shares;

/// <summary>How the price of a vault's shares is watched.</summary>
/// <param name="Vault">Its name in the plan, or its address.</param>
/// <param name="Asset">The token that the shares stand for: its name in the plan, or its address.</param>
public sealed record SharePriceJumpSettings(string Vault, string Asset) : DetectorSettings
{
    private const int DecimalsMax = 36;
    private const int NamesMax = 64;

    /// <summary>The function that tells the rate: ERC-4626's takes an amount of shares, others nothing.</summary>
    public string Rate { get; init; } = "convertToAssets(uint256)";

    /// <summary>Decimal places of the shares: one whole share is asked about.</summary>
    public int Decimals { get; init; } = 18;

    /// <summary>So much may the rate change per block, as a fraction.</summary>
    public decimal Bound { get; init; } = 0.01m;

    /// <summary>So much may it rise where a distributor gave the yield.</summary>
    public decimal YieldBound { get; init; } = 0.05m;

    /// <summary>Accounts that bring yields.</summary>
    public ValueList<Address> Distributors { get; init; } = [];

    /// <summary>With no more smallest units of shares than this, the vault counts as empty: one share then buys
    /// everything that is given to it.</summary>
    public UInt256 EmptyShares { get; init; } = 1_000_000;

    public static DetectorCard TheCard { get; } = new(
        "share-price-jump",
        Threat.ContractAnomaly,
        "What a vault's share is worth jumps: down, and somebody took what others own; up without a known yield, and "
        + "somebody inflates it, to borrow against it or to round others' deposits down to nothing. Assets given to "
        + "a vault that is nearly empty are told at once, because that is how such an attack begins.",
        "The rate and totalSupply() of the vault after every block; transfers of its asset and its Deposit events.",
        [
            "vault, asset: required",
            "rate: convertToAssets(uint256); or a function without arguments, such as exchangeRateStored()",
            "decimals: 18; of the shares",
            "bound: 0.01; severity 1 when the rate falls by more in a block, or rises after a gift of a stranger; 2 "
            + "when it rises without one",
            "yield_bound: 0.05, distributors: none; so much may it rise by a gift of these",
            "empty_shares: 1000000; with no more smallest units of shares than this the vault counts as empty: "
            + "severity 2 when a stranger gives to it, 3 where there is no share at all",
        ],
        [
            "Without reads of the state nothing is seen but gifts.",
            "A rate that is moved and moved back within one block.",
            "A theft that leaves the rate as it is, such as shares made from nothing and not yet cashed in.",
            "A loss that is booked honestly, as by a slashed validator, looks like a theft: it is told all the same.",
        ]);

    /// <inheritdoc/>
    public override DetectorCard Card => TheCard;

    public override string Subject => Vault;

    public override IEnumerable<string> Problems(Watch watch)
    {
        if (watch.AddressOf(Vault) is null)
            yield return $"'share-price-jump' is about '{Vault}', which is neither watched nor an address";
        if (watch.AddressOf(Asset) is null)
            yield return $"the shares of '{Vault}' stand for '{Asset}', which is neither watched nor an address";
        if (!TryRate(out _))
            yield return $"'{Rate}' tells no rate: it must be a function of nothing or of one uint256";
        if (Decimals is < 0 or > DecimalsMax)
            yield return $"the shares of '{Vault}' have {Decimals} decimals: 0 to {DecimalsMax} are possible";
        if (Bound is <= 0 or >= 1 || YieldBound < Bound || YieldBound >= 1)
            yield return $"the bounds of '{Vault}' must be fractions above 0, that of yields not below the other";
        if (Distributors.Count > NamesMax)
            yield return $"'share-price-jump' of '{Vault}' takes at most {NamesMax} distributors";
    }

    internal bool TryRate(out AbiFunction? function)
    {
        function = null;
        try
        {
            function = AbiFunction.Parse($"{Rate} returns (uint256)");
        }
        catch (AbiException)
        {
            return false;
        }
        return function.Inputs.Count == 0
            || (function.Inputs.Count == 1 && Rate.EndsWith("(uint256)", StringComparison.Ordinal));
    }

    internal override Detector Create(Watch watch) => new SharePriceJump(watch, this);
}

/// <summary>What a vault's shares were worth.</summary>
/// <param name="Rate">Smallest units of the asset, as the vault told it.</param>
/// <param name="Supply">Smallest units of shares; null where that was not told.</param>
public sealed record RateMemory(ulong Block, UInt256 Rate, UInt256? Supply);

/// <summary>Assets that came to the vault and nobody got shares for.</summary>
public readonly record struct Gift(
    BlockRef Block, Hash32 Transaction, Address Sender, Address Giver, UInt256 Amount, bool IsKnown);

public sealed record SharePriceJumpState(NotebookState<string, RateMemory> Rate, ValueList<Trailed<Gift>> Gifts)
    : DetectorState;
