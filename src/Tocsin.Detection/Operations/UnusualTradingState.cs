using Tocsin.Chains;
using Tocsin.Detection.Detectors;

namespace Tocsin.Detection.Operations;

/// <summary>What was traded in an hour of the clock, in US dollars.</summary>
public sealed record TradingHour(DateTimeOffset Start, decimal BoughtUsd, decimal SoldUsd, int Trades);

/// <param name="Began">Since when trades are counted.</param>
/// <param name="Volume">US dollars an hour.</param>
public sealed record TradingCustom(DateTimeOffset Began, Baseline Volume);

/// <summary>A contract through which people trade.</summary>
public sealed record TradingWay(DateTimeOffset First, DateTimeOffset Last);

/// <summary>Who gave tokens to an account.</summary>
public sealed record TokenGift(Address Giver, DateTimeOffset At);

/// <summary>A trade whose sender may belong to others.</summary>
/// <param name="Through">The contract, if nobody used it the day before.</param>
/// <param name="Giver">Who gave the sender tokens lately.</param>
/// <param name="IsNew">True where the sender never did much.</param>
public sealed record LinkedTrade(
    Hash32 Transaction, Address Sender, Address? Through, Address? Giver, bool IsNew, bool Buys, decimal Usd);

/// <summary>What is remembered of the trading of one pool or asset.</summary>
public sealed record UnusualTradingState(
    NotebookState<string, TradingHour> Hour,
    NotebookState<string, TradingCustom> Custom,
    NotebookState<Address, TradingWay> Ways,
    NotebookState<Address, TokenGift> Gifts,
    ValueList<Trailed<LinkedTrade>> Linked) : DetectorState;
