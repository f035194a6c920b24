using Tocsin.Chains;
using Tocsin.Detection.Reading;
using Tocsin.Evm.Blocks;

namespace Tocsin.Detection;

/// <summary>Value that left a protected contract. Somebody or something has to explain it.</summary>
/// <param name="Units">In whole units of the asset.</param>
/// <param name="Usd">Null where the asset has no known price: unknown, not nothing.</param>
/// <param name="Selector">The first four bytes of the transaction's input, fewer if it has fewer.</param>
/// <param name="IsMint">True where the contract's asset was made: a claim on what it holds, which has not left.</param>
public sealed record Outflow(
    Hash32 Transaction,
    string Contract,
    string Asset,
    decimal Units,
    decimal? Usd,
    Address To,
    ValueList<byte> Selector,
    bool IsMint = false);

/// <summary>Reads what left the protected contracts in a block.</summary>
public static class Outflows
{
    /// <summary>Every transfer of a watched asset out of a protected contract by a successful transaction, mints of
    /// assets it issues included, in the order of the logs. A transfer between two protected contracts is one,
    /// too.</summary>
    /// <param name="pools">Reserves to price by, see <see cref="Engine.Pools"/>; without them, the first that the block
    /// tells of each pool.</param>
    public static IReadOnlyList<Outflow> Of(Block block, Watch watch, ValueList<PoolReserves>? pools = null)
    {
        var index = new WatchIndex(watch);
        var book = new ReserveBook(watch.Pools.Count);
        if (pools is not null)
            book.Apply(pools, index);
        var opening = new ReserveBook(watch.Pools.Count);
        opening.CopyFrom(book);
        var reading = new TransactionReading(index);
        var moves = new List<(Transaction Transaction, Move Move, int Contract)>();
        foreach (var transaction in block.Transactions.Span)
        {
            if (!transaction.Succeeded)
                continue;
            reading.Read(transaction, book, opening);
            foreach (var move in reading.Moves)
                if (index.TryContract(move.From, out var contract))
                    moves.Add((transaction, move, contract));
        }
        // Priced at the end: a later transaction may be the first to tell a price.
        var outflows = new List<Outflow>(moves.Count);
        foreach (var (transaction, move, contract) in moves)
            outflows.Add(ToOutflow(index, opening, transaction, move, watch.Contracts[contract].Name));
        return outflows;
    }

    private static Outflow ToOutflow(
        WatchIndex index, ReserveBook prices, Transaction transaction, Move move, string contract)
    {
        var asset = index.Watch.Assets[move.Asset];
        var units = Amounts.Units(move.Amount, asset.Decimals);
        var usd = index.UsdPrice(move.Asset, prices) is { } price ? Amounts.Usd(units, price) : (decimal?)null;
        return new Outflow(transaction.Hash, contract, asset.Name, units, usd, move.To,
            ValueList.Create<byte>(transaction.Input.Span[..Math.Min(4, transaction.Input.Length)]), move.IsMint);
    }
}
