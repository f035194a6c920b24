using System.Globalization;
using Tocsin.Chains;

namespace Tocsin.Plans;

/// <summary>What we answer for: chain, assets, pools, contracts, and the limits at which we look closer.</summary>
public sealed record ProtectedThings(
    ChainId Chain,
    string ChainName,
    ValueList<Asset> Assets,
    ValueList<Pool> Pools,
    ValueList<ProtectedContract> Contracts)
{
    /// <summary>The contracts by which we act: what pauses, timelocks, Safes.</summary>
    public ValueList<Control> Controls { get; init; } = [];

    /// <summary>Where else actions act; nothing is watched there.</summary>
    public ValueList<NamedChain> OtherChains { get; init; } = [];

    /// <summary>Whose prices we believe.</summary>
    public ValueList<NamedThing> Oracles { get; init; } = [];

    public ValueList<NamedSafe> Safes { get; init; } = [];

    public ValueList<NamedThing> Timelocks { get; init; } = [];

    public ValueList<NamedThing> Bridges { get; init; } = [];

    public ValueList<NamedThing> FrontEnds { get; init; } = [];

    /// <summary>Where we speak in public, and what a thief would speak through.</summary>
    public ValueList<NamedThing> Accounts { get; init; } = [];

    public ValueList<NamedThing> Vendors { get; init; } = [];

    public ValueList<NamedThing> Insurance { get; init; } = [];

    /// <summary>The lists of what is named alone, each with what it is called in the plan's text.</summary>
    public IEnumerable<(string Key, ValueList<NamedThing> Things)> Named =>
    [
        ("oracles", Oracles), ("timelocks", Timelocks), ("bridges", Bridges), ("front_ends", FrontEnds),
        ("accounts", Accounts), ("vendors", Vendors), ("insurance", Insurance),
    ];

    public string NameOf(ChainId chain) => chain == Chain
        ? ChainName
        : OtherChains.FirstOrDefault(other => other.Id == chain)?.Name ?? $"chain {chain}";
}

public sealed record NamedChain(ChainId Id, string Name);

/// <summary>Something that we stand on, for people: nothing is watched or done by it.</summary>
/// <param name="What">What it is for, where it is, who to ask; null where the name says it.</param>
/// <param name="Owner">Who of us answers for it; null for nobody in particular.</param>
public sealed record NamedThing(string Name, string? What, Address? Address, string? Owner, SourceLine At);

/// <summary>A Safe that holds powers or money of ours.</summary>
/// <param name="Signers">People by id.</param>
public sealed record NamedSafe(string Name, Address Address, ValueList<string> Signers, int Threshold, SourceLine At);

/// <summary>A power over a contract, and whoever holds it.</summary>
public sealed record ContractRole(string Name, string Holder);

/// <summary>A contract of ours that holds powers over the others.</summary>
public sealed record Control(string Name, Address Address);

/// <summary>
/// A token. Either a fixed price in US dollars or, by a null, the price of the pool that has it as base.
/// </summary>
/// <param name="Issuer">The contract of ours that mints and burns it, so that an honest redemption is no loss.</param>
public sealed record Asset(
    string Name, Address Address, int Decimals, decimal? UsdPrice, string? Issuer, SourceLine At)
{
    /// <summary>What one whole unit is meant to be worth in US dollars; null where it is meant to be worth
    /// nothing in particular.</summary>
    public decimal? PegUsd { get; init; }

    /// <summary>How long it must stand beyond a limit to have lost its peg; null for the default.</summary>
    public TimeSpan? PegHeldFor { get; init; }

    /// <summary>An amount of its smallest unit, for people.</summary>
    public string InWords(UInt256 amount)
    {
        var whole = amount.ToUnits(Decimals);
        return !amount.IsZero && whole < LeastShown
            ? $"less than {LeastShown.ToString(CultureInfo.InvariantCulture)} {Name}"
            : $"{whole.ToString("#,##0.######", CultureInfo.InvariantCulture)} {Name}";
    }

    private const decimal LeastShown = 0.000001m;
}

/// <summary>A Uniswap V2 style pair; the price is that of the base asset in the quote asset.</summary>
public sealed record Pool(string Name, Address Address, string Base, string Quote, SourceLine At);

/// <summary>A contract of ours. A pause of <paramref name="Scope"/> stops what moves value out of it.</summary>
/// <param name="Exits">
/// Functions that stay open in a pause and may pay out: an outflow of theirs is explained.
/// </param>
public sealed record ProtectedContract(
    string Name,
    Address Address,
    string? Scope,
    ValueList<ExitFunction> Exits,
    SourceLine At)
{
    /// <summary>True where what is over a limit waits: what comes here has not left yet.</summary>
    public bool IsQueue { get; init; }

    /// <summary>Who may change it, in words or by name; null where the plan does not say.</summary>
    public string? Owner { get; init; }

    public ValueList<ContractRole> Roles { get; init; } = [];

    /// <summary>The signature of its own function that pauses it; null where it has none.</summary>
    public string? Pause { get; init; }
}

/// <summary>A function that stays open in a pause: for the chain its selector, for people its signature.</summary>
public readonly record struct ExitFunction(Selector Selector, string Signature)
{
    public override string ToString() => Signature;
}
