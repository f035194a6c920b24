using Tocsin.Chains;
using Tocsin.Findings;

namespace Tocsin.Detection;

/// <summary>A swap on a watched pool.</summary>
/// <param name="BuysBase">True where the base asset left the pool.</param>
/// <param name="PriceBefore">Quote units for one base unit before the swap, by the reserves it found.</param>
/// <param name="ShareOfReserve">What was paid in, as a fraction of what the pool held of it before.</param>
public readonly record struct Trade(
    string Pool,
    bool BuysBase,
    decimal PriceBefore,
    decimal PriceAfter,
    decimal ShareOfReserve);

/// <summary>What a protected contract gained (above 0) or lost (below 0) of one asset, in units of the asset.</summary>
public readonly record struct Flow(string Contract, string Asset, decimal NetUnits);

/// <summary>What is remembered of a transaction that touched something watched.</summary>
/// <param name="Contract">The contract it called or created, unless that is a protected contract, pool or
/// asset.</param>
public sealed record TransactionFacts(
    Hash32 Hash,
    Address From,
    Address? Contract,
    ValueList<Trade> Trades,
    ValueList<Flow> Flows,
    ValueList<Indicator> Indicators);

/// <summary>How a block changed a watched pool.</summary>
/// <param name="FirstSeen">True where nothing was known of the pool before; then <paramref name="Before"/> is what its
/// first event tells of the time before it.</param>
public sealed record PoolChange(string Pool, bool FirstSeen, Reserves Before, Reserves After);

/// <summary>What is remembered of a block.</summary>
public sealed record BlockFacts(
    BlockRef Ref,
    DateTimeOffset Time,
    ValueList<PoolChange> Pools,
    ValueList<TransactionFacts> Transactions);
