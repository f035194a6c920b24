using System.Collections;
using System.Globalization;
using System.Text;
using Tocsin.Chains;

namespace Tocsin.Evm.Abi;

/// <summary>Decoded values in words, for people who must judge a call, an event or a revert.</summary>
public static class AbiValue
{
    private const int MaxLength = 1_000;
    private const int MaxTextLength = 200;
    private const int MaxBytes = 64;

    /// <summary>
    /// One line of bounded length: text quoted and without control characters, bytes in hexadecimal, addresses with
    /// their checksum. What is left out is marked by an ellipsis.
    /// </summary>
    public static string Describe(object value)
    {
        var line = new StringBuilder();
        Append(line, value);
        return Cut(line);
    }

    /// <summary>The values with the names of their parameters: <c>module: 0x…, until: 1700000000</c>.</summary>
    public static string Describe(IReadOnlyList<AbiParameter> parameters, IReadOnlyList<object> values)
    {
        var line = new StringBuilder();
        for (var i = 0; i < values.Count && line.Length <= MaxLength; i++)
        {
            line.Append(i == 0 ? "" : ", ").Append(parameters[i].Name.Length == 0 ? "" : parameters[i].Name + ": ");
            Append(line, values[i]);
        }
        return Cut(line);
    }

    internal static string Excerpt(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= MaxBytes ? Hex.Format(bytes) : Hex.Format(bytes[..MaxBytes]) + $"… ({bytes.Length} bytes)";

    // Values that were decoded nest no deeper than a type does.
    private static StringBuilder Append(StringBuilder line, object value) => value switch
    {
        string text => AppendQuoted(line, text),
        byte[] bytes => line.Append(Excerpt(bytes)),
        Address address => line.Append(ChecksumAddress.Format(address)),
        bool flag => line.Append(flag ? "true" : "false"),
        IEnumerable items => AppendItems(line, items),
        _ => line.Append(value),
    };

    private static StringBuilder AppendItems(StringBuilder line, IEnumerable items)
    {
        line.Append('[');
        var separator = "";
        foreach (var item in items)
        {
            // The caller cuts; further items would only be cut again.
            if (line.Length > MaxLength)
                break;
            Append(line.Append(separator), item);
            separator = ", ";
        }
        return line.Append(']');
    }

    private static StringBuilder AppendQuoted(StringBuilder line, string text)
    {
        line.Append('"');
        var count = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (count++ == MaxTextLength)
            {
                line.Append('…');
                break;
            }
            line.Append(Printable(rune));
        }
        return line.Append('"');
    }

    private static string Cut(StringBuilder line)
    {
        if (line.Length <= MaxLength)
            return line.ToString();
        // Half a surrogate pair at the end would make the line no text for whoever encodes it.
        var length = char.IsHighSurrogate(line[MaxLength - 1]) ? MaxLength - 1 : MaxLength;
        return line.ToString(0, length) + "…";
    }

    // Line breaks forge log lines, and direction marks and other format characters forge what a reader sees.
    private static string Printable(Rune rune) => rune.Value switch
    {
        '"' => "'",
        _ when Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control
            or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator => " ",
        _ => rune.ToString(),
    };
}
