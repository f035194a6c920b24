using System.Globalization;

namespace Tocsin.Feeds;

/// <summary>
/// Reads a price exactly, digit for digit. A <c>double</c> would round it, and what cannot be a price (nothing, less
/// than nothing, not a number, a number with an exponent of hundreds) must be told and not be cut to fit.
/// </summary>
internal static class PriceText
{
    /// <summary>US dollars for one whole unit: the same bounds as those of detection.</summary>
    public const decimal Most = 1_000_000_000_000m;
    public const decimal Least = 0.000_000_000_001m;

    private const int MaximumCharacters = 100;
    private const int MaximumExponent = 30;

    // What a decimal always keeps exactly, and its most decimal places.
    private const int MaximumDigits = 28;

    /// <summary>
    /// Null and the price, or why the text is none: words that follow "the price". They never quote the text, because a
    /// feed may send our own access key back.
    /// </summary>
    public static string? Read(ReadOnlySpan<char> text, out decimal price)
    {
        price = 0;
        if (text.Length is 0 or > MaximumCharacters)
            return $"is a text of {text.Length} characters";
        if (IsNamed(text, "nan"))
            return "is not a number (NaN)";
        if (IsNamed(text, "inf") || IsNamed(text, "infinity"))
            return "is infinite";
        var negative = text[0] == '-';
        if (!Split(negative ? text[1..] : text, out var digits, out var decimals, out var exponent))
            return "is not a number";
        if (digits.Length == 0)
            return "is zero";
        if (negative)
            return "is negative";
        if (Math.Abs(exponent) > MaximumExponent)
            return $"has an exponent beyond {MaximumExponent}";
        return Build(digits, decimals - exponent, out price);
    }

    private static bool IsNamed(ReadOnlySpan<char> text, string name) =>
        text.TrimStart("+-").Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Digits without leading zeros, how many of them are decimals, and the exponent, cut at 1000.</summary>
    private static bool Split(ReadOnlySpan<char> text, out string digits, out int decimals, out int exponent)
    {
        (digits, decimals, exponent) = ("", 0, 0);
        var e = text.IndexOfAny('e', 'E');
        var mantissa = e < 0 ? text : text[..e];
        var dot = mantissa.IndexOf('.');
        var whole = dot < 0 ? mantissa : mantissa[..dot];
        var fraction = dot < 0 ? [] : mantissa[(dot + 1)..];
        if (whole.Length == 0 || !AreDigits(whole) || !AreDigits(fraction) || (dot >= 0 && fraction.Length == 0))
            return false;
        digits = string.Concat(whole, fraction).TrimStart('0');
        decimals = fraction.Length;
        return e < 0 || ReadExponent(text[(e + 1)..], out exponent);
    }

    private static bool ReadExponent(ReadOnlySpan<char> text, out int exponent)
    {
        exponent = 0;
        var digits = text is ['+' or '-', .. var unsigned] ? unsigned : text;
        if (digits.Length == 0 || !AreDigits(digits))
            return false;
        var significant = digits.TrimStart('0');
        exponent = significant.Length > 3 ? 1000 : significant.Length == 0 ? 0 : Integer(significant);
        exponent = text[0] == '-' ? -exponent : exponent;
        return true;
    }

    private static string? Build(string digits, int decimals, out decimal price)
    {
        price = 0;
        var shortest = digits.TrimEnd('0');
        decimals -= digits.Length - shortest.Length;
        var wholeDigits = shortest.Length - decimals;
        if (wholeDigits > 13)
            return $"is more than {Most:0}";
        if (wholeDigits < -12)
            return "is nearly zero";
        if (shortest.Length > MaximumDigits || decimals > MaximumDigits)
            return $"has more digits than can be kept exactly ({MaximumDigits})";
        price = decimal.Parse(shortest, NumberStyles.None, CultureInfo.InvariantCulture);
        for (; decimals > 0; decimals--)
            price /= 10;
        for (; decimals < 0; decimals++)
            price *= 10;
        if (price is >= Least and <= Most)
            return null;
        var why = price > Most ? $"is more than {Most:0}" : "is nearly zero";
        price = 0;
        return why;
    }

    private static int Integer(ReadOnlySpan<char> digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    private static bool AreDigits(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');
}
