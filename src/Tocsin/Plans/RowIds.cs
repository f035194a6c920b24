using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>The ids of one table's rows: as they are given, or made from what a row is called.</summary>
/// <param name="remedy">What a person does where an id cannot be made, or is taken.</param>
internal sealed class RowIds(string remedy)
{
    private const int MostCharacters = 40;

    private readonly Dictionary<string, SourceLine> taken = [];

    /// <summary>Reads a table of which each row may have an 'id'.</summary>
    /// <param name="called">The key from which an id is made where a row has none.</param>
    public static ValueList<T> Read<T>(YamlPart? table, string called, Func<YamlPart, string, T> read) =>
        Read(table?.Items() ?? [], called, read);

    /// <inheritdoc cref="Read{T}(YamlPart, string, Func{YamlPart, string, T})"/>
    public static ValueList<T> Read<T>(IEnumerable<YamlPart> items, string called, Func<YamlPart, string, T> read)
    {
        var ids = new RowIds("give the row an 'id'");
        var rows = items.Select(part => (Part: part, Given: part.Optional("id")?.Text())).ToList();
        // What is given stands, wherever it stands: a made one gives way.
        foreach (var (part, given) in rows)
            if (given is not null)
                ids.taken.TryAdd(given, part.At);
        return rows
            .Select(row => read(row.Part, row.Given ?? ids.Of(row.Part, called)))
            .ToValueList();
    }

    /// <summary>The id of a row without one; the empty one, with a complaint, where none can be made.</summary>
    public string Of(YamlPart row, string called) =>
        row.Optional(called)?.Text() is { Length: > 0 } text ? Of(text, $"'{called}'", row.At, row.Complain) : "";

    /// <inheritdoc cref="Of(YamlPart, string)"/>
    /// <param name="from">What the text is called in a complaint.</param>
    public string Of(string text, string from, SourceLine at, Action<string> complain)
    {
        var id = Made(text);
        if (id.Length == 0)
            complain($"no id can be made from {from}, which has neither a letter from a to z nor a digit: {remedy}");
        else if (!taken.TryAdd(id, at))
        {
            complain($"the id made from {from} is '{id}', as it is on line {taken[id].Line}: {remedy}");
            // So that the same is not said once more of two rows with one id.
            id = $"{id}-{at.Line}";
        }
        return id;
    }

    /// <summary>
    /// Lower case, letters and digits of ASCII, a hyphen between words. It is the same on every machine and for ever:
    /// what hangs on the tables of a library's Unicode is left out.
    /// </summary>
    public static string Made(string text)
    {
        var words = string.Concat(text.Where(c => char.IsAscii(c) && c != '\'')
            .Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : ' '));
        var id = "";
        foreach (var word in words.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var longer = id.Length == 0 ? word : $"{id}-{word}";
            if (longer.Length > MostCharacters)
                return id.Length == 0 ? word[..MostCharacters] : id;
            id = longer;
        }
        return id;
    }
}
