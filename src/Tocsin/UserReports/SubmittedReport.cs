using System.Buffers;
using System.Globalization;
using System.Text;
using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.UserReports;

/// <summary>A report as somebody sent it: nothing of it is checked.</summary>
/// <param name="Kind">One of <see cref="Kinds"/>.</param>
/// <param name="Subject">The name of a protected thing.</param>
/// <param name="Contact">How to reach who sent it.</param>
/// <param name="Transaction">A hash, as 0x and 64 digits.</param>
public sealed record SubmittedReport(
    string? Kind, string? Subject, string? Text, string? Contact, string? Transaction)
{
    public const int TextMax = 2_000;
    public const int ContactMax = 200;

    /// <summary>What can be reported, by the names that the API takes, in the words of the page.</summary>
    public static IReadOnlyDictionary<string, (ReportKind Kind, string Words)> Kinds { get; } =
        new Dictionary<string, (ReportKind, string)>
        {
            ["funds-missing"] = (ReportKind.FundsMissing, "Funds are missing"),
            ["cannot-withdraw"] = (ReportKind.CannotWithdraw, "I cannot withdraw"),
            ["wrong-price"] = (ReportKind.WrongPrice, "A price is wrong"),
            ["suspicious-page"] = (ReportKind.SuspiciousPage, "A page or a message that pretends to be yours"),
            ["other"] = (ReportKind.Other, "Something else"),
        };

    /// <summary>The report, or why it is refused.</summary>
    public (Arrival.Reported? Report, string? Refusal) Read(DateTimeOffset now, IReadOnlySet<string> subjects)
    {
        if (Kind is null || !Kinds.TryGetValue(Kind, out var kind))
            return (null, $"'kind' is one of {string.Join(", ", Kinds.Keys)}");
        // What is not a name of ours is not repeated: it may be anything.
        if (Subject is { Length: > 0 } && !subjects.Contains(Subject))
            return (null, "'subject' is the name of a protected thing, or left out");
        var text = Text?.ReplaceLineEndings("\n").Trim() ?? "";
        if (text.Length is 0 or > TextMax || !IsPlain(text, mayHaveLines: true))
            return (null, $"'text' has 1 to {TextMax:#,0} characters, and no control characters");
        var contact = Contact?.Trim() ?? "";
        if (contact.Length > ContactMax || !IsPlain(contact, mayHaveLines: false))
            return (null, $"'contact' has at most {ContactMax} characters on one line, and no control characters");
        var hash = default(Hash32);
        if (Transaction?.Trim() is { Length: > 0 } transaction && !Hash32.TryParse(transaction, out hash))
            return (null, "'transaction' is 0x and 64 hexadecimal digits, or left out");
        var named = string.IsNullOrWhiteSpace(Transaction) ? (Hash32?)null : hash;
        return (
            new Arrival.Reported(
                now, kind.Kind, Subject ?? "", text, contact.Length == 0 ? null : contact, named),
            null);
    }

    // Halves of surrogate pairs cannot be written down, and what turns the direction of writing hides what it says.
    private static bool IsPlain(string text, bool mayHaveLines)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var length) != OperationStatus.Done)
                return false;
            if (Rune.IsControl(rune) && !(mayHaveLines && rune.Value is '\n' or '\t'))
                return false;
            if (rune.Value is (>= 0x202a and <= 0x202e) or (>= 0x2066 and <= 0x2069)
                || Rune.GetUnicodeCategory(rune)
                    is UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                return false;
            i += length - 1;
        }
        return true;
    }
}
