using System.Numerics;
using Tocsin.Chains;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Inputs;

namespace Tocsin.Tests.Conduct;

/// <summary>Writes the calls of a transaction as a tree: what is said inside a call happens below it.</summary>
internal sealed class CallScript
{
    public static readonly Address Sender = Of(1);
    public static readonly Address Robot = Of(2);
    public static readonly Address Market = Of(3);
    public static readonly Address Token = Of(4);
    public static readonly Address Pool = Of(5);
    public static readonly Address Somebody = Of(6);

    private readonly List<CallFrame> frames = [];
    private Address at;
    private int depth;

    /// <summary>The transaction itself.</summary>
    public CallScript(Address to, string signature, params ReadOnlySpan<object> arguments)
    {
        frames.Add(Frame(CallKind.Call, Sender, to, 0, Input(signature, arguments), null));
        at = to;
        depth = 1;
    }

    public ValueList<CallFrame> Frames => frames.ToValueList();

    public static Address Of(int number)
    {
        var bytes = new byte[Address.ByteCount];
        bytes[0] = 0xaa;
        bytes[^1] = (byte)number;
        return new Address(bytes);
    }

    public CallScript Call(Address to, string signature, params ReadOnlySpan<object> arguments) =>
        Add(CallKind.Call, to, 0, Input(signature, arguments), null, null);

    public CallScript Call(Address to, Action below, string signature, params ReadOnlySpan<object> arguments) =>
        Add(CallKind.Call, to, 0, Input(signature, arguments), below, null);

    public CallScript Pay(Address to, BigInteger wei) => Add(CallKind.Call, to, wei, [], null, null);

    public CallScript Delegate(Address to, Action below)
    {
        frames.Add(Frame(CallKind.DelegateCall, at, to, 0, frames[^1].Input.ToArray(), null));
        depth++;
        below();
        depth--;
        return this;
    }

    public CallScript Create(Address made, Action below) =>
        Add(CallKind.Create, made, 0, [0x60, 0x80, 0x60, 0x40, 0x52], below, null);

    public CallScript Ask(Address to, BigInteger answer, string signature, params ReadOnlySpan<object> arguments)
    {
        Add(CallKind.StaticCall, to, 0, Input(signature, arguments), null, null);
        frames[^1] = frames[^1] with { Output = Word(answer) };
        return this;
    }

    public CallScript Fail(Address to, Action below, string signature, params ReadOnlySpan<object> arguments) =>
        Add(CallKind.Call, to, 0, Input(signature, arguments), below, "execution reverted");

    private CallScript Add(
        CallKind kind, Address to, BigInteger wei, byte[] input, Action? below, string? error)
    {
        var caller = at;
        frames.Add(Frame(kind, caller, to, wei, input, error));
        at = to;
        depth++;
        below?.Invoke();
        depth--;
        at = caller;
        return this;
    }

    private CallFrame Frame(CallKind kind, Address from, Address to, BigInteger wei, byte[] input, string? error) =>
        new(depth, kind, from, to, (UInt256)wei, input, default, error, default);

    private static byte[] Input(string signature, ReadOnlySpan<object> arguments)
    {
        var bytes = new List<byte>(AbiSelector.Of(signature).ToArray());
        foreach (var argument in arguments)
            bytes.AddRange(argument switch
            {
                Address address => [.. new byte[UInt256.ByteCount - Address.ByteCount], .. address.ToArray()],
                BigInteger number => Word(number),
                int number => Word(number),
                _ => throw new ArgumentException($"{argument} is no argument"),
            });
        return [.. bytes];
    }

    private static byte[] Word(BigInteger number) => ((UInt256)number).ToArray();
}
