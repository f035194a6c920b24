namespace Tocsin.Chains;

/// <summary>Hexadecimal text as nodes write it: prefixed with <c>0x</c>, two digits a byte.</summary>
public static class Hex
{
    /// <summary>Lower-case digits with the <c>0x</c> prefix; <c>0x</c> alone for no bytes.</summary>
    public static string Format(ReadOnlySpan<byte> bytes) => "0x" + Convert.ToHexStringLower(bytes);

    /// <summary>
    /// Reads prefixed digits of either case. False for a missing prefix, an odd count or a foreign digit.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        if (!HasPrefix(text) || text.Length % 2 != 0)
            return false;
        var parsed = new byte[(text.Length - 2) / 2];
        var status = Convert.FromHexString(text[2..], parsed, out _, out _);
        if (status != System.Buffers.OperationStatus.Done)
            return false;
        bytes = parsed;
        return true;
    }

    /// <inheritdoc cref="TryParse"/>
    /// <exception cref="FormatException">The text is not prefixed hexadecimal digits.</exception>
    public static byte[] Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var bytes)
            ? bytes
            : throw new FormatException($"'{Excerpt(text)}' is not 0x-prefixed hexadecimal");

    internal static bool TryParseExactly(ReadOnlySpan<char> text, Span<byte> destination)
    {
        if (!HasPrefix(text) || text.Length != 2 + (2 * destination.Length))
            return false;
        return Convert.FromHexString(text[2..], destination, out _, out _) == System.Buffers.OperationStatus.Done;
    }

    internal static string Excerpt(ReadOnlySpan<char> text) =>
        text.Length <= 80 ? text.ToString() : string.Concat(text[..80], "…");

    private static bool HasPrefix(ReadOnlySpan<char> text) =>
        text.Length >= 2 && text[0] == '0' && text[1] is ('x' or 'X');
}
