using Tocsin.Chains;

namespace Tocsin.Reports;

/// <summary>What people found out about where funds went: the memory of their records.</summary>
/// <param name="Addresses">Each as it was last marked, in the order in which they first were.</param>
/// <param name="Funds">In the order in which they were recorded.</param>
/// <param name="Transactions">Likewise; of one that was noted twice, both.</param>
public sealed record RecordProgress(
    ValueList<MarkedAddress> Addresses, ValueList<MovedFunds> Funds, ValueList<NotedTransaction> Transactions)
{
    public static RecordProgress None { get; } = new([], [], []);

    /// <summary>How many were made, of all kinds; an address that was marked anew counts each time, since each stays in
    /// the log.</summary>
    public int Made { get; init; }

    /// <exception cref="InvalidOperationException">The event is of a kind that this version does not know.</exception>
    public RecordProgress Apply(RecordEvent happened, DateTimeOffset at) =>
        With(happened, at) with { Made = Made + 1 };

    private RecordProgress With(RecordEvent happened, DateTimeOffset at) => happened switch
    {
        RecordEvent.AddressMarked marked => this with
        {
            Addresses = With(new(marked.Chain, marked.Address, marked.Status, marked.Words, marked.By, at)),
        },
        RecordEvent.FundsMoved moved => this with
        {
            Funds = Funds.Add(new(
                moved.Chain, moved.From, moved.To, moved.Transaction, moved.Asset, moved.Units, moved.Kind,
                moved.Recovery, moved.Words, moved.By, at)),
        },
        RecordEvent.TransactionNoted noted => this with
        {
            Transactions = Transactions.Add(new(noted.Chain, noted.Transaction, noted.Words, noted.By, at)),
        },
        _ => throw new InvalidOperationException($"no record can take {happened.GetType().Name}"),
    };

    private ValueList<MarkedAddress> With(MarkedAddress marked)
    {
        var place = Addresses.ToList().FindIndex(
            other => other.Chain == marked.Chain && other.Address == marked.Address);
        return place < 0
            ? Addresses.Add(marked)
            : [.. Addresses.Take(place), marked, .. Addresses.Skip(place + 1)];
    }
}

public sealed record MarkedAddress(
    ChainId Chain, Address Address, AddressStatus Status, string Words, string By, DateTimeOffset At);

public sealed record MovedFunds(
    ChainId Chain,
    Address From,
    Address? To,
    Hash32? Transaction,
    string Asset,
    decimal Units,
    FundsKind Kind,
    FundsRecovery Recovery,
    string Words,
    string By,
    DateTimeOffset At);

public sealed record NotedTransaction(ChainId Chain, Hash32 Transaction, string Words, string By, DateTimeOffset At);
