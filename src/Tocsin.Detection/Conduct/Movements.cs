using System.Numerics;
using System.Runtime.InteropServices;
using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.Detection.Conduct;

/// <summary>
/// What moved in a transaction, read from the calls alone: coins by their value, tokens by the inputs of
/// <c>transfer</c> and <c>transferFrom</c>, wrapped coins by <c>deposit</c> and <c>withdraw</c>. A token that keeps a
/// fee, or lies, moves something else than it was asked to; for what is judged here that is no matter.
/// </summary>
internal sealed class Movements
{
    /// <summary>Where coins stand in the place of a token.</summary>
    private static readonly Address Coins = Address.Zero;

    private readonly Dictionary<(Address Holder, Address Token), BigInteger> net = [];
    private readonly Dictionary<(Address Holder, Address Token), BigInteger> balances = [];
    private readonly HashSet<(Address Party, Address Token)> sent = [];
    private readonly HashSet<(Address Party, Address Token)> got = [];
    private readonly Side side;

    private Movements(Side side) => this.side = side;

    /// <summary>How often tokens were taken out of an account of others by somebody else than that account.</summary>
    public int Pulled { get; private set; }

    /// <summary>With how many parties a token went both from the caller's side to them and from them to it.</summary>
    public int GivenBack => got.Count(sent.Contains);

    public static Movements Read(TracedCall[] calls, Side side)
    {
        var movements = new Movements(side);
        for (var i = 0; i < calls.Length; i++)
        {
            var call = calls[i];
            if (!call.IsLive)
                continue;
            movements.NoteBalance(call);
            if (call.IsStatic || call.Frame.Kind is CallKind.DelegateCall or CallKind.CallCode)
                continue;
            movements.MoveCoins(call);
            if (call.Frame.Kind != CallKind.Call)
                continue;
            movements.Wrap(call, calls, i);
            movements.MoveTokens(call);
        }
        return movements;
    }

    /// <summary>How many outsiders lost some of what the caller's side got, and gained nothing at all.</summary>
    public int PaidForNothing()
    {
        var wanted = got.Select(one => one.Token).ToHashSet();
        return net.GroupBy(one => one.Key.Holder).Count(holder =>
            !side.Holds(holder.Key)
            && holder.All(one => one.Value.Sign <= 0)
            && holder.Any(one => one.Value.Sign < 0 && wanted.Contains(one.Key.Token)));
    }

    /// <summary>True where one of these lost at least that part of the largest balance that the transaction itself
    /// asked for.</summary>
    /// <param name="part">2 means a half, 5 a fifth.</param>
    /// <param name="customer">What all went to this account does not count; null for nobody.</param>
    public bool LostAPart(IReadOnlySet<Address> holders, int part, Address? customer)
    {
        foreach (var (key, change) in net)
        {
            if (change.Sign < 0 && holders.Contains(key.Holder)
                && balances.TryGetValue(key, out var balance) && !balance.IsZero && -change * part >= balance
                && !(customer is { } account && net.GetValueOrDefault((account, key.Token)) >= -change))
                return true;
        }
        return false;
    }

    private void NoteBalance(TracedCall call)
    {
        if (!call.Is(Functions.BalanceOf) || call.Frame.To is not { } token || call.WordAddress(0) is not { } holder
            || call.Frame.Output.Length < UInt256.ByteCount)
            return;
        var told = (BigInteger)new UInt256(call.Frame.Output.Span[..UInt256.ByteCount]);
        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(balances, (holder, token), out _);
        known = BigInteger.Max(known, told);
    }

    private void MoveCoins(TracedCall call)
    {
        if (call.Frame.ValueWei.IsZero || call.Frame.To is not { } to)
            return;
        var value = (BigInteger)call.Frame.ValueWei;
        Add(call.Frame.From, Coins, -value);
        Add(to, Coins, value);
        if (side.Holds(to) && !side.Holds(call.Frame.From))
            got.Add((call.Frame.From, Coins));
    }

    // Who wraps coins does not lose them: they come back as tokens of the contract that was called.
    private void Wrap(TracedCall call, TracedCall[] calls, int place)
    {
        if (call.Frame.To is not { } wrapper)
            return;
        var (from, value) = (call.Frame.From, (BigInteger)call.Frame.ValueWei);
        if (call.Is(Functions.Deposit) && !value.IsZero)
        {
            Add(from, Coins, value);
            Add(wrapper, Coins, -value);
            Add(from, wrapper, value);
        }
        if (call.Is(Functions.Withdraw) && call.Word(0) is { IsZero: false } amount && PaysOut())
        {
            Add(from, wrapper, -(BigInteger)amount);
            Add(wrapper, Coins, (BigInteger)amount);
        }

        bool PaysOut()
        {
            for (var i = place + 1; i < call.End; i = calls[i].End)
                if (calls[i].Frame.To == from && calls[i].Frame.ValueWei == amount)
                    return true;
            return false;
        }
    }

    private void MoveTokens(TracedCall call)
    {
        if (call.Frame.To is not { } token)
            return;
        if (call.Is(Functions.Transfer) && call.Word(1) is { } amount)
            Move(token, call.Frame.From, call.WordAddress(0)!.Value, amount);
        else if (call.Is(Functions.TransferFrom) && call.Word(2) is { } drawn)
        {
            var owner = call.WordAddress(0)!.Value;
            Move(token, owner, call.WordAddress(1)!.Value, drawn);
            if (!side.Holds(owner) && owner != call.Frame.From)
                Pulled++;
        }
    }

    private void Move(Address token, Address from, Address to, UInt256 amount)
    {
        Add(from, token, -(BigInteger)amount);
        Add(to, token, (BigInteger)amount);
        if (amount.IsZero)
            return;
        if (side.Holds(from) && !side.Holds(to))
            sent.Add((to, token));
        if (side.Holds(to) && !side.Holds(from))
            got.Add((from, token));
    }

    private void Add(Address holder, Address token, BigInteger amount) =>
        CollectionsMarshal.GetValueRefOrAddDefault(net, (holder, token), out _) += amount;
}
