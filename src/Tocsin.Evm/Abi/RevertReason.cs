using Tocsin.Chains;

namespace Tocsin.Evm.Abi;

/// <summary>Why a call reverted, in words.</summary>
public static class RevertReason
{
    private static readonly AbiError Error = AbiError.Parse("Error(string message)");
    private static readonly AbiError Panic = AbiError.Parse("Panic(uint256 code)");

    /// <summary>
    /// Solidity's <c>Error(string)</c> and <c>Panic(uint256)</c>, the errors that are known, else the bytes. The
    /// contract chose every byte: the answer is one line of bounded length without control characters.
    /// </summary>
    public static string Describe(ReadOnlySpan<byte> data, IEnumerable<AbiError> known)
    {
        if (data.IsEmpty)
            return "reverted without a reason";
        if (Error.TryDecode(data, out var error))
            return $"reverted: {AbiValue.Describe(error[0])}";
        if (Panic.TryDecode(data, out var panic))
            return $"panicked: {Meaning((UInt256)panic[0])}";
        foreach (var candidate in known)
        {
            if (candidate.TryDecode(data, out var values))
                return $"reverted: {candidate.Name}({AbiValue.Describe(candidate.Parameters, values)})";
        }
        return $"reverted with unknown data {AbiValue.Excerpt(data)}";
    }

    /// <summary>Solidity documentation, "Panic via assert and Error via require".</summary>
    private static string Meaning(UInt256 code)
    {
        var meaning = code > 0xff ? null : code.ToUInt64() switch
        {
            0x00 => "a panic that the compiler inserted",
            0x01 => "an assertion failed",
            0x11 => "arithmetic overflow or underflow",
            0x12 => "division or modulo by zero",
            0x21 => "a number that is no value of its enum",
            0x22 => "a storage byte array that is encoded wrongly",
            0x31 => "pop of an empty array",
            0x32 => "an index beyond the array",
            0x41 => "too much memory or too large an array",
            0x51 => "a call of an uninitialised internal function",
            _ => null,
        };
        return meaning is null ? $"unknown code {code.ToQuantity()}" : $"{meaning} ({code.ToQuantity()})";
    }
}
