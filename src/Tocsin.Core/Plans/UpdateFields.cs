using System.Text;

namespace Tocsin.Plans;

/// <summary>What a template may ask for, and how it asks: <c>{state}</c>; a brace itself is written twice.</summary>
public static class UpdateFields
{
    /// <summary>Every field that facts of an incident can fill.</summary>
    public static ValueList<string> All { get; } =
    [
        "incident", "severity", "issue", "opened", "detected", "state", "impact", "affected", "paused", "until", "next",
        "lead", "warroom", "done",
    ];

    /// <summary>Fields that name what is wrong with us: who reads them knows where to look.</summary>
    public static ValueList<string> Telling { get; } = ["issue"];

    /// <summary>The pieces of a text in their order; null where its braces do not fit together.</summary>
    public static ValueList<TemplatePiece>? Pieces(string text)
    {
        var pieces = new List<TemplatePiece>();
        var words = new StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            var letter = text[at];
            if (letter is not ('{' or '}'))
            {
                words.Append(letter);
                continue;
            }
            if (at + 1 < text.Length && text[at + 1] == letter)
            {
                words.Append(letter);
                at++;
                continue;
            }
            var end = text.AsSpan(at + 1).IndexOfAny('{', '}') + at + 1;
            if (letter == '}' || end == at || text[end] != '}')
                return null;
            pieces.Add(new TemplatePiece(words.ToString(), IsField: false));
            pieces.Add(new TemplatePiece(text[(at + 1)..end], IsField: true));
            words.Clear();
            at = end;
        }
        pieces.Add(new TemplatePiece(words.ToString(), IsField: false));
        return pieces.Where(piece => piece.IsField || piece.Text.Length > 0).ToValueList();
    }

    /// <summary>The text with each field filled.</summary>
    /// <exception cref="FormatException">Its braces do not fit together.</exception>
    public static string Fill(string text, Func<string, string> value) =>
        string.Concat((Pieces(text) ?? throw new FormatException("the braces of the text do not fit together"))
            .Select(piece => piece.IsField ? value(piece.Text) : piece.Text));
}

/// <summary>A piece of a template: words as they are, or the name of a field.</summary>
public readonly record struct TemplatePiece(string Text, bool IsField);
