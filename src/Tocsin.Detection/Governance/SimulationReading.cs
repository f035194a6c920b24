using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Detection.Governance;

/// <summary>Value of ours that an account outside the protocol would have in the end.</summary>
/// <param name="Token">Null for the chain's own coin.</param>
/// <param name="Units">In whole units; null where the token's decimal places are not known.</param>
/// <param name="Usd">Null where it has no price.</param>
/// <param name="IsShown">True where the calls themselves say that this account is paid.</param>
public sealed record SimulatedFlow(Address? Token, Address To, decimal? Units, decimal? Usd, bool IsShown);

/// <summary>A power that would change hands.</summary>
/// <param name="At">Over what.</param>
/// <param name="IsShown">True where the calls themselves say so.</param>
public sealed record SimulatedPower(Power Power, Address At, bool IsShown);

/// <summary>What a simulation of a proposal showed.</summary>
/// <param name="Missing">Why there was none; null where there was one.</param>
/// <param name="IsInSequence">True where each action stood on those before it.</param>
/// <param name="Failed">The first action that fails, counted from 1; 0 where none does.</param>
/// <param name="Error">Why, in foreign words.</param>
/// <param name="Flows">The largest, largest first.</param>
public sealed record SimulationNote(
    string? Missing, bool IsInSequence, int Actions, int Failed, string? Error,
    ValueList<SimulatedFlow> Flows, ValueList<SimulatedPower> Powers)
{
    public static SimulationNote None(string missing) => new(missing, false, 0, 0, null, [], []);

    /// <summary>True where value or power would go where the calls do not say.</summary>
    public bool IsHarmful => Flows.Any(flow => !flow.IsShown) || Powers.Any(power => !power.IsShown);
}

/// <summary>Reads what a simulation tells beyond the data of the calls. Pure.</summary>
/// <param name="ours">What governance rules over or pays from.</param>
/// <param name="votes">The token that gives votes, and its decimal places.</param>
internal sealed class SimulationReading(
    IReadOnlySet<Address> ours, (Address Token, int Decimals)? votes, SimulationAnswer answer, BlockScene scene)
{
    private const int FlowsKept = 4;
    private const int PowersKept = 8;
    private const int CoinDecimals = 18;

    private static readonly Hash32 Approval = Keccak256.Hash("Approval(address,address,uint256)");
    private static readonly Hash32 ApprovalForAll = Keccak256.Hash("ApprovalForAll(address,address,bool)");

    private readonly ValueList<SimulatedCall> calls = answer.Asked.Calls;
    private readonly ProposalReading reading = ProposalReading.Of(
        answer.Asked.Calls.Select(call => new ProposalCall(call.To, call.ValueWei, call.Data)));

    // What a token's accounts gained, by the token; the zero address stands for the chain's own coin.
    private readonly SortedDictionary<Address, SortedDictionary<Address, decimal>> gains = [];
    private readonly SortedDictionary<Address, decimal> lost = [];

    // What an account was paid by calls that say so themselves.
    private readonly Dictionary<(Address Token, Address To), decimal> shown = [];
    private readonly List<SimulatedPower> powers = [];
    private SimulatedCall? asked;

    public SimulationNote Read()
    {
        if (answer.Missing is { } missing)
            return SimulationNote.None(missing);
        foreach (var (i, outcome) in answer.Outcomes.Index())
        {
            asked = i < calls.Count ? calls[i] : null;
            foreach (var payment in outcome.Payments)
                Move(Address.Zero, payment.From, payment.To, Amounts.Units(payment.Wei, CoinDecimals));
            foreach (var log in outcome.Logs)
                Take(log);
            foreach (var call in outcome.Inner)
                Take(call);
        }
        var failed = answer.Outcomes.ToList().FindIndex(outcome => outcome.Error is not null);
        return new SimulationNote(
            null, answer.IsInSequence, calls.Count, failed + 1,
            failed < 0 ? null : Words.Quote(answer.Outcomes[failed].Error!), Flows(),
            powers.Distinct().OrderBy(power => power.IsShown).ThenBy(power => power.Power).Take(PowersKept)
                .ToValueList());
    }

    private void Take(in Log log)
    {
        if (log.Topics.Count == 0)
            return;
        if (RuleEvents.PowerOf(log.Topics[0]) is { } power && ours.Contains(log.Address))
            powers.Add(new SimulatedPower(power, log.Address, Says(power, log.Address)));
        if (log.Topics.Count != 3 || !LogWords.TryRead(log.Data.Span, 0, out var amount))
            return;
        var (from, to) = (LogWords.AddressOf(log.Topics[1]), LogWords.AddressOf(log.Topics[2]));
        if (log.Topics[0] == Topics.Transfer)
            Move(log.Address, from, to, Amounts.Units(amount, DecimalsOf(log.Address) ?? 0));
        else if ((log.Topics[0] == Approval || log.Topics[0] == ApprovalForAll) && !amount.IsZero
            && ours.Contains(from) && IsOutside(to))
            powers.Add(new SimulatedPower(Power.Treasury, log.Address, Names(to)));
    }

    private void Take(InnerCall call)
    {
        if (call.Kind == CallKind.SelfDestruct && ours.Contains(call.From))
            powers.Add(new SimulatedPower(Power.Code, call.From, false));
        // A proxy runs its own code in this way all the time; foreign is what the proposal brought.
        else if (call.Kind is CallKind.DelegateCall or CallKind.CallCode && ours.Contains(call.From)
            && IsOutside(call.To) && (Names(call.To) || calls.Any(one => one.To == call.To)))
            powers.Add(new SimulatedPower(
                Power.Execution, call.From, Says(Power.Execution, call.From) || Says(Power.Code, call.From)));
        else if (call.Kind == CallKind.Call && ours.Contains(call.To)
            && Selector.Of(call.Function.AsSpan()) is { } function
            && PowerfulFunctions.TryOf(function, out var power, out _)
            && power is Power.Code or Power.Ownership or Power.Roles)
            powers.Add(new SimulatedPower(power, call.To, Says(power, call.To)));
    }

    private void Move(Address token, Address from, Address to, decimal units)
    {
        if (from == to || units == 0)
            return;
        Add(lost, token, (IsOfOurs(token, from) ? units : 0) - (IsOfOurs(token, to) ? units : 0));
        if (!gains.TryGetValue(token, out var accounts))
            gains[token] = accounts = [];
        if (IsOutside(from))
            Add(accounts, from, -units);
        if (IsOutside(to))
            Add(accounts, to, units);
        if (asked is { } call && IsOutside(to) && SaysPayment(call, to))
            shown[(token, to)] = Math.Min(Amounts.UnitsMax, shown.GetValueOrDefault((token, to)) + units);
    }

    private static void Add(SortedDictionary<Address, decimal> sums, Address of, decimal units) =>
        sums[of] = Math.Clamp(sums.GetValueOrDefault(of) + units, -Amounts.UnitsMax, Amounts.UnitsMax);

    // New coins of a token of ours are taken from whoever holds it.
    private bool IsOfOurs(Address token, Address account) =>
        ours.Contains(account) || (account.IsZero && (ours.Contains(token) || token == votes?.Token));

    private bool IsOutside(Address account) =>
        !account.IsZero && !ours.Contains(account) && !scene.IsWatched(account) && account != votes?.Token;

    private ValueList<SimulatedFlow> Flows()
    {
        var losses = lost.Where(pair => pair.Value != 0).ToList();
        // A trade is no gift: what came in return counts, where all of it has a price.
        if (losses.All(pair => UsdOf(pair.Key, pair.Value) is not null)
            && losses.Sum(pair => UsdOf(pair.Key, pair.Value)) <= 0)
            return [];
        return losses.Where(pair => pair.Value > 0)
            .SelectMany(pair => gains[pair.Key].Where(gain => gain.Value > 0)
                .Select(gain => Flow(pair.Key, gain.Key, Math.Min(gain.Value, pair.Value))))
            .OrderBy(flow => flow.IsShown).ThenByDescending(flow => flow.Usd ?? 0).Take(FlowsKept).ToValueList();
    }

    private SimulatedFlow Flow(Address token, Address to, decimal units) => new(
        token.IsZero ? null : token, to, DecimalsOf(token) is null ? null : Math.Round(units, 6),
        UsdOf(token, units) is { } usd ? Math.Round(usd, 2) : null, shown.GetValueOrDefault((token, to)) >= units);

    private decimal? UsdOf(Address token, decimal units) => scene.UsdPrice(token) is { } price
        ? Amounts.Usd(units, price)
        : null;

    private int? DecimalsOf(Address token) => token.IsZero ? CoinDecimals
        : token == votes?.Token ? votes.Value.Decimals
        : scene.Watch.Assets.FirstOrDefault(asset => asset.Address == token)?.Decimals;

    private bool Says(Power power, Address at) => reading.Touches.Any(touch =>
        touch.Power == power && (touch.Target == at || ours.Contains(touch.Target) || Names(at)));

    // An address among the arguments of a call to a stranger's contract says nothing about what that does with it; nor
    // does one in a call that pays nobody about what another call pays.
    private bool SaysPayment(SimulatedCall call, Address to) =>
        (call.To == to && !call.ValueWei.IsZero)
        || (Names(call, to) && (ours.Contains(call.To) || scene.IsWatched(call.To) || call.To == votes?.Token
            || (Selector.Of(call.Data.AsSpan()) is { } function
                && PowerfulFunctions.TryOf(function, out var power, out _)
                && power is Power.Treasury or Power.Minting)));

    private bool Names(Address account) => calls.Any(call => Names(call, account));

    // As a word of the ABI: twelve zeros before it. Calls within calls do not stand at multiples of 32.
    private static bool Names(SimulatedCall call, Address account)
    {
        Span<byte> word = stackalloc byte[UInt256.ByteCount];
        account.ToArray().CopyTo(word[12..]);
        return call.Data.AsSpan().IndexOf(word) >= 0;
    }
}
