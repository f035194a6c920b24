using Tocsin.Chains;

namespace Tocsin.Evm;

/// <summary>What became of reading an address that a person wrote.</summary>
public enum AddressCheck
{
    Good,

    /// <summary>Not 0x and 40 hexadecimal digits.</summary>
    NotAnAddress,

    /// <summary>Mixed case that does not agree with EIP-55: most likely a mistyped digit.</summary>
    WrongChecksum,
}

/// <summary>
/// The mixed-case text of an address, whose case carries a checksum (EIP-55): a letter is upper case where the same
/// digit of the Keccak-256 of the lower-case digits is 8 or more.
/// </summary>
public static class ChecksumAddress
{
    private const int DigitCount = Address.ByteCount * 2;

    public static string Format(Address address)
    {
        var digits = address.ToString().AsSpan(2);
        Span<byte> ascii = stackalloc byte[DigitCount];
        for (var i = 0; i < DigitCount; i++)
            ascii[i] = (byte)digits[i];
        Span<byte> hash = stackalloc byte[Hash32.ByteCount];
        Keccak256.Hash(ascii).CopyTo(hash);
        Span<char> text = stackalloc char[2 + DigitCount];
        "0x".CopyTo(text);
        for (var i = 0; i < DigitCount; i++)
        {
            var nibble = i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 0xf;
            text[2 + i] = nibble >= 8 ? char.ToUpperInvariant(digits[i]) : digits[i];
        }
        return text.ToString();
    }

    /// <summary>
    /// Reads an address in lower case, upper case or with its checksum, and tells a text that is no address from one
    /// whose checksum is wrong. The address is zero unless the answer is <see cref="AddressCheck.Good"/>.
    /// </summary>
    public static AddressCheck Check(ReadOnlySpan<char> text, out Address address)
    {
        if (!Address.TryParse(text, out address))
            return AddressCheck.NotAnAddress;
        var digits = text[2..];
        var mixed = digits.ContainsAnyInRange('a', 'f') && digits.ContainsAnyInRange('A', 'F');
        if (!mixed || digits.SequenceEqual(Format(address).AsSpan(2)))
            return AddressCheck.Good;
        address = default;
        return AddressCheck.WrongChecksum;
    }

    /// <inheritdoc cref="Check"/>
    public static bool TryParse(ReadOnlySpan<char> text, out Address address) =>
        Check(text, out address) == AddressCheck.Good;
}
