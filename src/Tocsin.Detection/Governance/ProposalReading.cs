using Tocsin.Chains;
using Tocsin.Evm.Abi;

namespace Tocsin.Detection.Governance;

/// <summary>A call that governance would make.</summary>
/// <param name="Data">Selector and arguments; empty for a bare payment.</param>
public sealed record ProposalCall(Address Target, UInt256 ValueWei, ValueList<byte> Data)
{
    /// <summary>The call as GovernorAlpha and Bravo keep it: where there is a signature, the data lacks the
    /// selector.</summary>
    public static ProposalCall Of(Address target, UInt256 valueWei, string signature, ReadOnlySpan<byte> data) => new(
        target, valueWei, signature.Length == 0
            ? ValueList.Create(data)
            : ValueList.Create<byte>([.. AbiSelector.Of(signature).ToArray(), .. data]));
}

/// <summary>A power that a call would move.</summary>
/// <param name="Function">Its signature; empty for a bare payment.</param>
public sealed record Touch(Power Power, Address Target, string Function);

/// <summary>What the calls of a proposal would do, by their data alone. Pure: nothing is simulated.</summary>
/// <param name="Unread">How many of the calls are of functions that are not known.</param>
public sealed record ProposalReading(ValueList<Touch> Touches, int Unread)
{
    private const int CallsMax = 256;
    private const int DepthMax = 4;

    // Aragon CallsScript, spec id 1: 20 bytes of address, 4 of length, the data, and so on.
    private const uint CallsScriptId = 1;
    private const int CallsScriptHead = Address.ByteCount + sizeof(uint);

    // Calls that only carry others: target, value and data by their places among the arguments.
    private static readonly (AbiFunction Function, bool IsBatch)[] Carriers =
    [
        (AbiFunction.Parse("execute(address,uint256,bytes)"), false),
        (AbiFunction.Parse("execute(address,uint256,bytes,bytes32,bytes32)"), false),
        (AbiFunction.Parse("schedule(address,uint256,bytes,bytes32,bytes32,uint256)"), false),
        (AbiFunction.Parse("executeBatch(address[],uint256[],bytes[],bytes32,bytes32)"), true),
        (AbiFunction.Parse("scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)"), true),
    ];

    private static readonly AbiFunction Multicall = AbiFunction.Parse("multicall(bytes[])");

    public static ProposalReading Nothing { get; } = new([], 0);

    /// <summary>True where it moves more than whether contracts work.</summary>
    public bool IsDangerous => Touches.Any(touch => touch.Power != Power.Pausing);

    /// <summary>True where it says that code, owners or roles change.</summary>
    public bool SaysWhoRules =>
        Touches.Any(touch => touch.Power is Power.Code or Power.Ownership or Power.Roles);

    public static ProposalReading Of(IEnumerable<ProposalCall> calls)
    {
        var touches = new List<Touch>();
        var (read, unread) = (0, 0);
        foreach (var call in calls)
            Read(call, 0);
        return new ProposalReading(touches.Distinct().ToValueList(), unread);

        void Read(ProposalCall call, int depth)
        {
            // What nests or repeats beyond reason is not read: it is code from elsewhere.
            if (++read > CallsMax || depth > DepthMax)
            {
                unread++;
                touches.Add(new Touch(Power.Execution, call.Target, ""));
                return;
            }
            if (!call.ValueWei.IsZero)
                touches.Add(new Touch(Power.Treasury, call.Target, ""));
            if (Carried(call) is { } inner)
                foreach (var one in inner)
                    Read(one, depth + 1);
            else if (Selector.Of(call.Data.AsSpan()) is not { } function)
                unread += call.Data.Count > 0 ? 1 : 0;
            else if (PowerfulFunctions.TryOf(function, out var power, out var signature))
                touches.Add(new Touch(power, call.Target, signature));
            else
                unread++;
        }
    }

    /// <summary>The calls of an Aragon script (CallsScript); none where it is no such script.</summary>
    public static ValueList<ProposalCall> Script(ReadOnlySpan<byte> script)
    {
        var calls = new List<ProposalCall>();
        if (Selector.Of(script)?.Value != CallsScriptId)
            return [];
        var rest = script[sizeof(uint)..];
        while (rest.Length >= CallsScriptHead && calls.Count <= CallsMax)
        {
            var target = new Address(rest[..Address.ByteCount]);
            var length = Selector.Of(rest[Address.ByteCount..])!.Value.Value;
            rest = rest[CallsScriptHead..];
            if (length > (uint)rest.Length)
                break;
            calls.Add(new ProposalCall(target, UInt256.Zero, ValueList.Create(rest[..(int)length])));
            rest = rest[(int)length..];
        }
        return [.. calls];
    }

    private static IEnumerable<ProposalCall>? Carried(ProposalCall call)
    {
        var selector = Selector.Of(call.Data.AsSpan());
        try
        {
            if (selector == Multicall.Selector)
                return Items<byte[]>(Multicall.DecodeArguments(call.Data.AsSpan())[0])
                    .Select(data => new ProposalCall(call.Target, UInt256.Zero, ValueList.Create<byte>(data)));
            foreach (var (function, isBatch) in Carriers)
                if (selector == function.Selector)
                    return Carried(function.DecodeArguments(call.Data.AsSpan()), isBatch);
        }
        catch (AbiException)
        {
            return null;
        }
        return null;
    }

    private static IEnumerable<ProposalCall> Carried(IReadOnlyList<object> arguments, bool isBatch) => isBatch
        ? Calls(arguments[0], arguments[1], null, arguments[2])
        : [new ProposalCall(
            (Address)arguments[0], (UInt256)arguments[1], ValueList.Create<byte>((byte[])arguments[2]))];

    /// <summary>Calls from decoded lists of the same length; what the shortest list lacks is left out.</summary>
    internal static IEnumerable<ProposalCall> Calls(
        object targets, object values, object? signatures, object data)
    {
        var (to, wei, bytes) = (Items<Address>(targets), Items<UInt256>(values), Items<byte[]>(data));
        var names = signatures is null ? null : Items<string>(signatures);
        var count = Math.Min(Math.Min(to.Count, bytes.Count), CallsMax + 1);
        for (var i = 0; i < count; i++)
            yield return ProposalCall.Of(
                to[i], i < wei.Count ? wei[i] : UInt256.Zero, i < (names?.Count ?? 0) ? names![i] : "", bytes[i]);
    }

    private static List<T> Items<T>(object list) => [.. ((System.Collections.IEnumerable)list).Cast<T>()];
}
