using Tocsin.Chains;
using Tocsin.Evm;

namespace Tocsin.Detection;

/// <summary>
/// What two contracts made from the same source have in common, whoever makes them and against whom: the Keccak-256 of
/// the creation code up to the metadata that solc appends (CBOR with an <c>ipfs</c> or <c>bzzr</c> hash), or of its
/// first bytes where there is none, with the operand of every PUSH20 set to zero. So neither constructor arguments nor
/// immutables nor an address written into the code make a difference.
/// </summary>
/// <remarks>Blind for whoever changes a statement, a compiler setting, or a constant that is no address; and, where
/// there is no metadata and the code is shorter than the bytes looked at, for other arguments.</remarks>
internal static class CodeHash
{
    /// <summary>What is shorter is a clone (EIP-1167: 55 bytes) or the proxy of a wallet (Safe: below 512): it says
    /// nothing of what it runs.</summary>
    public const int BytesMin = 512;

    /// <summary>So many bytes of code without metadata are looked at.</summary>
    public const int BytesWithoutMetadata = 1_024;

    // EIP-3860 limits it to 49,152 bytes on mainnet; other chains allow more, but no compiler makes it.
    private const int BytesMax = 262_144;

    private const byte Push1 = 0x60;
    private const byte Push20 = 0x73;
    private const byte Push32 = 0x7f;

    private static readonly byte[][] Metadata =
    [
        [0xa2, 0x64, .. "ipfs"u8, 0x58, 0x22],
        [0xa2, 0x65, .. "bzzr1"u8, 0x58, 0x20],
        [0xa1, 0x65, .. "bzzr0"u8, 0x58, 0x20],
    ];

    private static readonly byte[] Implementation = ProxySlots.Implementation.ToArray();
    private static readonly byte[] Beacon = ProxySlots.Beacon.ToArray();

    /// <summary>Null for what is too short to say anything, and for proxies (EIP-1967).</summary>
    public static Hash32? Of(ReadOnlySpan<byte> creationCode)
    {
        var code = creationCode.Length > BytesMax ? creationCode[..BytesMax] : creationCode;
        var end = -1;
        foreach (var marker in Metadata)
            if (code.IndexOf(marker) is >= 0 and var place && (end < 0 || place < end))
                end = place;
        var looked = code[..(end >= 0 ? end : Math.Min(code.Length, BytesWithoutMetadata))];
        return looked.Length < BytesMin || IsProxy(looked) ? null : Keccak256.Hash(WithoutAddresses(looked));
    }

    private static bool IsProxy(ReadOnlySpan<byte> code) =>
        code.IndexOf(Implementation) >= 0 || code.IndexOf(Beacon) >= 0;

    private static byte[] WithoutAddresses(ReadOnlySpan<byte> code)
    {
        var plain = code.ToArray();
        for (var i = 0; i < plain.Length; i++)
        {
            if (plain[i] is < Push1 or > Push32)
                continue;
            var operand = plain[i] - Push1 + 1;
            if (plain[i] == Push20)
                plain.AsSpan(i + 1, Math.Min(operand, plain.Length - i - 1)).Clear();
            i += operand;
        }
        return plain;
    }
}
