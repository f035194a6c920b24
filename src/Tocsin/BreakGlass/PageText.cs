using System.Net;
using System.Text;

namespace Tocsin.BreakGlass;

/// <summary>A page for people, written once and given out as Markdown and as HTML.</summary>
internal sealed class PageText
{
    private readonly List<(Form Form, string Text)> blocks = [];

    /// <summary>What stands on each printed page, and before each section of the Markdown; null for nothing.</summary>
    public string? Foot { get; init; }

    private enum Form
    {
        Title,
        Section,
        Part,
        Words,
        Item,
        Code,
    }

    /// <summary>Text from the plan or the chain in running words: one line, and no mark of ours.</summary>
    public static string Plain(string text) =>
        new([.. text.Select(letter => letter == '`' ? '\'' : char.IsControl(letter) ? ' ' : letter)]);

    public void Title(string text) => blocks.Add((Form.Title, text));

    public void Section(string text) => blocks.Add((Form.Section, text));

    public void Part(string text) => blocks.Add((Form.Part, text));

    /// <param name="text">What stands between backticks is code.</param>
    public void Words(string text) => blocks.Add((Form.Words, text));

    /// <inheritdoc cref="Words"/>
    public void Item(string text) => blocks.Add((Form.Item, text));

    /// <summary>Lines to be copied as they are.</summary>
    public void Code(params IEnumerable<string> lines) => blocks.Add((Form.Code, string.Join('\n', lines)));

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        for (var i = 0; i < blocks.Count; i++)
        {
            var (form, words) = blocks[i];
            if (Foot is not null && form == Form.Section)
                text.Append($"{Marked(Foot)}\n\n");
            var ends = form == Form.Item && i + 1 < blocks.Count && blocks[i + 1].Form == Form.Item ? "\n" : "\n\n";
            text.Append(form switch
            {
                Form.Title => $"# {Marked(words)}",
                Form.Section => $"## {Marked(words)}",
                Form.Part => $"### {Marked(words)}",
                Form.Item => $"- {Marked(words)}",
                Form.Code => $"```\n{words}\n```",
                _ => Marked(words),
            }).Append(ends);
        }
        if (Foot is not null)
            text.Append(Marked(Foot));
        return text.ToString().TrimEnd('\n') + "\n";
    }

    /// <summary>One file that asks nobody for anything, to be read on any machine and printed.</summary>
    public string ToHtml()
    {
        var text = new StringBuilder("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            + "<meta http-equiv=\"Content-Security-Policy\" "
            + "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
            + $"<title>{WebUtility.HtmlEncode(blocks[0].Text)}</title>\n"
            + $"<style>\n{Style}{OnEachPage()}</style>\n</head>\n<body>\n");
        for (var i = 0; i < blocks.Count; i++)
        {
            var (form, words) = blocks[i];
            if (form == Form.Item && blocks[i - 1].Form != Form.Item)
                text.Append("<ul>\n");
            text.Append(form switch
            {
                Form.Title => $"<h1>{Coded(words)}</h1>",
                Form.Section => $"<h2>{Coded(words)}</h2>",
                Form.Part => $"<h3>{Coded(words)}</h3>",
                Form.Item => $"<li>{Coded(words)}</li>",
                Form.Code => $"<pre>{WebUtility.HtmlEncode(words)}</pre>",
                _ => $"<p>{Coded(words)}</p>",
            }).Append('\n');
            if (form == Form.Item && (i + 1 == blocks.Count || blocks[i + 1].Form != Form.Item))
                text.Append("</ul>\n");
        }
        if (Foot is not null)
            text.Append($"<footer>{Coded(Foot)}</footer>\n");
        return text.Append("</body>\n</html>\n").ToString();
    }

    private const string Style =
        """
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 54rem; margin: 2rem auto; padding: 0 1rem;
               color: #111; background: #fff; }
        pre, code { font-family: ui-monospace, monospace; font-size: 0.875rem; background: #f2f2f2; }
        pre { padding: 0.75rem; white-space: pre-wrap; overflow-wrap: anywhere; break-inside: avoid; }
        code { overflow-wrap: anywhere; }
        h2 { border-top: 2px solid #111; padding-top: 1rem; margin-top: 2.5rem; }
        h2, h3 { break-after: avoid; }
        footer { font-size: 0.75rem; margin-top: 2rem; }
        @media print { body { margin: 0; max-width: none; } h2 { break-before: page; } }

        """;

    // A box in the margin of each printed page. Only what is surely no mark in a style sheet stands there as it is.
    private string OnEachPage() => Foot is null
        ? ""
        : "@page { margin: 1.5cm 1.5cm 2cm; @bottom-left { font: 8pt sans-serif; content: \""
            + string.Concat(Foot.Replace("`", "", StringComparison.Ordinal).EnumerateRunes().Select(rune =>
                rune.IsAscii && Rune.IsLetterOrDigit(rune) ? $"{rune}" : $"\\{rune.Value:x6} "))
            + "\"; } @bottom-right { font: 8pt sans-serif; content: counter(page) \"/\" counter(pages); } }\n";

    private static string Marked(string words) => Spans(
        words,
        span => string.Concat(span.Select(letter => @"\*_[]<>#|".Contains(letter) ? $@"\{letter}" : $"{letter}")),
        code => $"`{code}`");

    private static string Coded(string words) =>
        Spans(words, WebUtility.HtmlEncode, code => $"<code>{WebUtility.HtmlEncode(code)}</code>");

    private static string Spans(string words, Func<string, string> plain, Func<string, string> code) =>
        string.Concat(words.Split('`').Select((span, index) => index % 2 == 0 ? plain(span) : code(span)));
}
