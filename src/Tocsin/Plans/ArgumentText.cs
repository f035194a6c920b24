using System.Numerics;
using System.Text;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Abi;

namespace Tocsin.Plans;

/// <summary>Arguments of a prepared call as a plan writes them.</summary>
internal static class ArgumentText
{
    /// <summary>
    /// Reads a number, an address, true or false, 0x bytes, or a text. A short text stands for bytes32 as Solidity's
    /// <c>bytes32("market")</c> does: its characters, padded with zeros on the right.
    /// </summary>
    /// <exception cref="FormatException">The text does not fit the type.</exception>
    public static object Parse(AbiType type, string text) => type switch
    {
        AbiType.UnsignedInteger => UInt256.TryParse(text, out var number) ? number : throw Unfit(type),
        AbiType.SignedInteger => BigInteger.TryParse(text, out var number) ? number : throw Unfit(type),
        AbiType.Account => ChecksumAddress.TryParse(text, out var address) ? address : throw Unfit(type),
        AbiType.Flag => bool.TryParse(text, out var flag) ? flag : throw Unfit(type),
        AbiType.FixedBytes { ByteCount: 32 } => Word(type, text),
        AbiType.FixedBytes or AbiType.Bytes => Hex.TryParse(text, out var bytes) ? bytes : throw Unfit(type),
        AbiType.Text => text,
        _ => throw new FormatException($"a plan cannot write a value of type {type}"),
    };

    private static Hash32 Word(AbiType type, string text)
    {
        if (Hash32.TryParse(text, out var hash))
            return hash;
        if (text.StartsWith("0x", StringComparison.Ordinal) || text.Length > 31 || !text.All(char.IsAscii))
            throw Unfit(type);
        var word = new byte[Hash32.ByteCount];
        Encoding.ASCII.GetBytes(text, word);
        return new Hash32(word);
    }

    // The text is not repeated: it may be a secret in the wrong place.
    private static FormatException Unfit(AbiType type) => new($"it is not a value of type {type}");
}
