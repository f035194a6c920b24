using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Chain.Senses;

/// <summary>
/// State differences as geth's prestateTracer writes them with <c>diffMode</c>, for each transaction
/// <c>{"pre":{account},"post":{account}}</c>. <c>pre</c> has accounts that changed, as they were; <c>post</c> has only
/// what changed in them, and leaves out slots that became zero and accounts that are gone.
/// </summary>
public static class StateChangeJson
{
    private static readonly Hash32 NoCodeHash = Keccak256.Hash((ReadOnlySpan<byte>)[]);

    /// <summary>
    /// The result of <c>debug_traceBlockByHash</c>; about exactly the block's transactions, in their order. Changes
    /// come in the order of transactions, and by address within one.
    /// </summary>
    /// <exception cref="RpcFormatException">Malformed, beyond the limits, or not of this block.</exception>
    public static ValueList<StateChange> ParseBlock(
        ReadOnlySpan<byte> json, Block block, TraceOptions? options = null)
    {
        var limits = options ?? new TraceOptions();
        return TraceJson.Read(json, limits, (ref Utf8JsonReader reader) =>
        {
            var changes = new List<StateChange>();
            var accounts = new AccountReader(limits.MaximumItems);
            var count = 0;
            TraceJson.ReadItems(ref reader, (ref Utf8JsonReader item) =>
            {
                if (count == block.Transactions.Length)
                    throw RpcJson.Inconsistent($"it traced more than the transactions of block {block.Ref}");
                var transaction = block.Transactions.Span[count].Hash;
                var traced = TraceJson.ReadItem(ref item, accounts.ReadSides);
                if (traced.Transaction is { } named && named != transaction)
                    throw RpcJson.Inconsistent($"trace {count} of block {block.Ref} is of transaction {named}");
                changes.AddRange(Changes(transaction, traced.Result.Before, traced.Result.After));
                count++;
            });
            return count == block.Transactions.Length
                ? changes.ToValueList()
                : throw RpcJson.Inconsistent(
                    $"block {block.Ref} has {block.Transactions.Length} transactions but {count} traces");
        });
    }

    /// <summary>The result of <c>debug_traceCall</c>: of no transaction.</summary>
    /// <exception cref="RpcFormatException">Malformed, or beyond the limits.</exception>
    public static ValueList<StateChange> ParseCall(ReadOnlySpan<byte> json, TraceOptions? options = null)
    {
        var limits = options ?? new TraceOptions();
        return TraceJson.Read(json, limits, (ref Utf8JsonReader reader) =>
        {
            reader.Read();
            var (before, after) = new AccountReader(limits.MaximumItems).ReadSides(ref reader);
            return Changes(default, before, after).ToValueList();
        });
    }

    private static IEnumerable<StateChange> Changes(
        Hash32 transaction, Dictionary<Address, AccountSide> before, Dictionary<Address, AccountSide> after)
    {
        foreach (var account in before.Keys.Union(after.Keys).Order())
        {
            var was = before.GetValueOrDefault(account) ?? new AccountSide();
            var isGone = !after.TryGetValue(account, out var side);
            var change = Changed(transaction, account, was, side ?? new AccountSide(), isGone);
            if (change is not { BalanceWei: null, Nonce: null, Code: null, Slots.Count: 0 })
                yield return change;
        }
    }

    private static StateChange Changed(
        Hash32 transaction, Address account, AccountSide was, AccountSide now, bool isGone)
    {
        // What the second side leaves out of an account that goes on did not change.
        var balance = now.BalanceWei ?? (isGone ? UInt256.Zero : was.BalanceWei ?? UInt256.Zero);
        var nonce = now.Nonce ?? (isGone ? 0 : was.Nonce ?? 0);
        // Code that was cleared (EIP-7702) is left out as well; newer nodes tell by its hash.
        var cleared = isGone || now.CodeHash == NoCodeHash;
        var code = now.Code ?? (cleared ? [] : was.Code ?? []);
        return new StateChange(
            transaction,
            account,
            Difference(was.BalanceWei ?? UInt256.Zero, balance),
            Difference(was.Nonce ?? 0, nonce),
            Difference<ValueList<byte>>(was.Code ?? [], code),
            was.Slots.Keys.Union(now.Slots.Keys).Order()
                .Select(place => new SlotChange(
                    place, was.Slots.GetValueOrDefault(place), now.Slots.GetValueOrDefault(place)))
                .Where(slot => slot.Before != slot.After)
                .ToValueList());
    }

    private static Change<T>? Difference<T>(T before, T after)
        where T : IEquatable<T> => before.Equals(after) ? null : new Change<T>(before, after);
}
