using System.Runtime.InteropServices;
using Tocsin.Chains;
using Tocsin.Detection.Reading;

namespace Tocsin.Detection;

/// <summary>
/// The recent blocks, as far back as a rollback may reach and the windows before that. What is looked up here must not
/// depend on how much older history happens to be kept: a chain that reorganised keeps less than one that did not.
/// </summary>
internal sealed class History(WatchIndex index)
{
    private readonly List<BlockFacts> blocks = [];
    private readonly List<TransactionFacts> current = [];

    // Filled anew by each question.
    private readonly List<Earlier> earlier = [];
    private readonly HashSet<Address> senders = [];

    public IReadOnlyList<BlockFacts> Blocks => blocks;

    /// <summary>The transactions of the block being read.</summary>
    public List<TransactionFacts> Current => current;

    public BlockFacts? Newest => blocks.Count == 0 ? null : blocks[^1];

    public void Append(BlockFacts block)
    {
        blocks.Add(block);
        current.Clear();
        Trim();
    }

    public void RemoveNewest() => blocks.RemoveAt(blocks.Count - 1);

    /// <summary>Earlier transactions of the same origin within the longest window, oldest first. Contracts that are
    /// everyone's are left out there and in the contract that comes back: they tell nothing about who acts.</summary>
    /// <returns>A list that the next call fills anew.</returns>
    public (List<Earlier> Earlier, Address? OwnContract) OfOrigin(
        Address from, Address? contract, BlockRef block, DateTimeOffset time)
    {
        var first = FirstSince(time - index.Watch.Thresholds.LongestWindow);
        contract = IsShared(contract, from, first) ? null : contract;
        earlier.Clear();
        for (var i = first; i < blocks.Count; i++)
            foreach (var facts in blocks[i].Transactions.AsSpan())
                AddIfSameOrigin(new Earlier(blocks[i].Ref, blocks[i].Time, facts));
        foreach (var facts in current)
            AddIfSameOrigin(new Earlier(block, time, facts));
        return (earlier, contract);

        void AddIfSameOrigin(Earlier other)
        {
            var itsContract = other.Facts.Contract;
            if (itsContract is not null && itsContract == contract)
                earlier.Add(other);
            else if (other.Facts.From == from)
                earlier.Add(IsShared(itsContract, from, first)
                    ? other with { Facts = other.Facts with { Contract = null } }
                    : other);
        }
    }

    /// <summary>The reserves as they were before a remembered block.</summary>
    /// <param name="now">The reserves before the block being read.</param>
    public ReserveBook Before(ulong block, ReserveBook now)
    {
        var book = new ReserveBook(index.Watch.Pools.Count);
        book.CopyFrom(now);
        for (var i = blocks.Count - 1; i >= 0 && blocks[i].Ref.Number >= block; i--)
            foreach (var change in blocks[i].Pools.AsSpan())
                if (index.TryPool(change.Pool, out var pool))
                    book[pool] = change.Before;
        return book;
    }

    private int FirstSince(DateTimeOffset since)
    {
        var first = blocks.Count;
        while (first > 0 && blocks[first - 1].Time >= since)
            first--;
        return first;
    }

    private bool IsShared(Address? contract, Address from, int first)
    {
        if (contract is null)
            return false;
        senders.Clear();
        senders.Add(from);
        for (var i = first; i < blocks.Count; i++)
            if (HasMoreSenders(blocks[i].Transactions.AsSpan(), contract))
                return true;
        return HasMoreSenders(CollectionsMarshal.AsSpan(current), contract);
    }

    // Ends as soon as the answer is known: a router is recognised by its first few users.
    private bool HasMoreSenders(ReadOnlySpan<TransactionFacts> transactions, Address? contract)
    {
        foreach (var facts in transactions)
            if (facts.Contract == contract && senders.Add(facts.From)
                && senders.Count > index.Watch.Thresholds.SharedContractSenders)
                return true;
        return false;
    }

    private void Trim()
    {
        var removable = blocks.Count - Engine.RollbackDepthMax - 1;
        if (removable <= 0)
            return;
        var keepSince = blocks[removable].Time - Engine.WindowMax;
        var old = 0;
        while (old < removable && blocks[old].Time < keepSince)
            old++;
        blocks.RemoveRange(0, old);
    }
}
