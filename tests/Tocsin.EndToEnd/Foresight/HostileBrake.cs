using System.Buffers.Binary;
using Tocsin.Chains;
using Tocsin.EndToEnd.Parts;

namespace Tocsin.EndToEnd.Foresight;

/// <summary>
/// The real brake with something in front of it: each call to it first makes another one, and is then passed on to the
/// brake's own code. Written by hand, as whoever takes over an upgradeable brake would have it compiled.
/// </summary>
internal static class HostileBrake
{
    /// <summary>Counts slot 0 up by 7 when called without data, and tells it otherwise.</summary>
    private const string CounterCode = "0x36600c575f54600701" + "5f55" + "005b5f545f5260205ff3";

    private static readonly Address Inside = new([.. new byte[17], 0xb7, 0xa6, 0xe0]);

    public static readonly Address Counter = new([.. new byte[17], 0xc0, 0x07, 0x07]);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static Task PlaceCounterAsync(ProtectedChain chain) =>
        chain.Anvil.Node.RequestAsync("anvil_setCode", Cancelled, Counter, CounterCode);

    /// <param name="to">What the other call is made to.</param>
    public static async Task TakeOverAsync(ProtectedChain chain, Address to, UInt256 valueWei, byte[] data)
    {
        var brake = chain.Protocol.Controls.Address;
        var own = await chain.Anvil.Node.CodeAsync(brake, Cancelled);
        await chain.Anvil.Node.RequestAsync("anvil_setCode", Cancelled, Inside, Hex.Format(own));
        await chain.Anvil.Node.RequestAsync("anvil_setCode", Cancelled, brake, Hex.Format(Code(to, valueWei, data)));
    }

    public static async Task GiveBackAsync(ProtectedChain chain)
    {
        var own = await chain.Anvil.Node.CodeAsync(Inside, Cancelled);
        await chain.Anvil.Node.RequestAsync(
            "anvil_setCode", Cancelled, chain.Protocol.Controls.Address, Hex.Format(own));
    }

    private static byte[] Code(Address to, UInt256 valueWei, byte[] data)
    {
        byte[] Written(int offset, int end) =>
        [
            // codecopy(0, offset, size)
            0x61, .. Two(data.Length), 0x61, .. Two(offset), 0x5f, 0x39,
            // call(gas, to, value, 0, size, 0, 0)
            0x5f, 0x5f, 0x61, .. Two(data.Length), 0x5f, 0x7f, .. valueWei.ToArray(), 0x73, .. to.ToArray(), 0x5a,
            0xf1, 0x50,
            // calldatacopy(0, 0, calldatasize); delegatecall(gas, inside, 0, calldatasize, 0, 0)
            0x36, 0x5f, 0x5f, 0x37, 0x5f, 0x5f, 0x36, 0x5f, 0x73, .. Inside.ToArray(), 0x5a, 0xf4,
            // returndatacopy(0, 0, returndatasize), then return or revert with it
            0x3d, 0x5f, 0x5f, 0x3e, 0x61, .. Two(end), 0x57, 0x3d, 0x5f, 0xfd, 0x5b, 0x3d, 0x5f, 0xf3,
        ];
        var length = Written(0, 0).Length;
        return [.. Written(length, length - 4), .. data];
    }

    private static byte[] Two(int number)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)number);
        return bytes;
    }
}
