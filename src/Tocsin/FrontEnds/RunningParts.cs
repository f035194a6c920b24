using System.Security.Cryptography;
using System.Text;

namespace Tocsin.FrontEnds;

/// <summary>
/// What of a page runs or decides where things come from: scripts and their text, frames, styles, forms, event
/// handlers, <c>javascript:</c> addresses. Its words may change without changing this.
/// <para>
/// Whoever took over the page wants to be overlooked here, so nothing is skipped for being a comment, an attribute or a
/// text: every place where a tag can begin is read as one. At worst something harmless counts too.
/// </para>
/// </summary>
internal static class RunningParts
{
    // Each place reads on by itself, so what is made to be slow must end: then the whole page is what counts.
    private const long WorkMost = 64 << 20;
    private const int AttributesMost = 1000;

    private static readonly HashSet<string> Elements =
        ["script", "link", "iframe", "frame", "object", "embed", "applet", "base", "portal", "set", "animate"];

    private static readonly HashSet<string> FormAttributes = ["action", "method", "target"];
    private static readonly string[] RunningSchemes = ["javascript:", "vbscript:"];

    /// <summary>The parts, each once, in an order that does not depend on theirs.</summary>
    /// <param name="Scripts">How many of them are scripts.</param>
    internal sealed record Found(IReadOnlyList<string> Parts, int Scripts);

    /// <summary>Null where the page takes too long to read.</summary>
    /// <param name="page">One character for each byte (Latin-1).</param>
    public static Found? Read(string page)
    {
        var parts = new SortedSet<string>(StringComparer.Ordinal);
        var scripts = 0;
        var work = 0L;
        for (var at = page.IndexOf('<'); at >= 0; at = page.IndexOf('<', at + 1))
        {
            if (at + 1 >= page.Length || !char.IsAsciiLetter(page[at + 1]))
                continue;
            var tag = Tag.Read(page, at + 1, out var end);
            work += end - at + (tag.Attributes.Count > AttributesMost ? WorkMost : 0);
            if (work > WorkMost)
                return null;
            var part = Describe(tag);
            if (tag.Name == "script")
            {
                var close = page.IndexOf("</script", end, StringComparison.OrdinalIgnoreCase);
                close = close < 0 ? page.Length : close;
                work += close - end;
                if (work > WorkMost)
                    return null;
                part += " " + Hash(page[end..close]);
            }
            if (part.Length > 0 && parts.Add(part) && tag.Name == "script")
                scripts++;
        }
        return new Found([.. parts], scripts);
    }

    private static string Describe(Tag tag)
    {
        var all = Elements.Contains(tag.Name);
        var kept = tag.Attributes
            .Where(attribute => attribute.Name != "nonce" && (all || Counts(tag, attribute)))
            .Select(attribute => $"{attribute.Name}={attribute.Value.Length}:{attribute.Value}")
            .Order(StringComparer.Ordinal)
            .ToList();
        return all || kept.Count > 0 ? $"{tag.Name} {string.Join(' ', kept)}" : "";
    }

    private static bool Counts(Tag tag, (string Name, string Value) attribute) => attribute.Name switch
    {
        ['o', 'n', _, ..] or "srcdoc" or "formaction" => true,
        "http-equiv" or "charset" => tag.Name == "meta",
        // Where a refresh leads to stands in 'content'.
        "content" => tag.Name == "meta" && tag.Attributes.Exists(other => other.Name == "http-equiv"),
        _ when tag.Name == "form" && FormAttributes.Contains(attribute.Name) => true,
        [.., 'h', 'r', 'e', 'f'] or "src" or "action" or "data" when IsDisguised(attribute.Value) => true,
        _ => Runs(attribute.Value),
    };

    // Browsers know two thousand names of characters; where a scheme could be spelled with them, it counts.
    private static bool IsDisguised(string address)
    {
        var path = address.AsSpan().IndexOfAny('/', '?');
        return (path < 0 ? address : address.AsSpan(0, path)).Contains('&');
    }

    // Browsers drop spaces and control characters from an address before they read its scheme.
    private static bool Runs(string value)
    {
        if (!value.Contains(':', StringComparison.Ordinal))
            return false;
        var address = string.Concat(value.Where(c => c > ' '));
        return RunningSchemes.Any(scheme => address.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));
    }

    private static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.Latin1.GetBytes(text)));

    /// <summary>A start tag, read as the HTML standard says (section 13.2.5, tokenization).</summary>
    private readonly record struct Tag(string Name, List<(string Name, string Value)> Attributes)
    {
        private const string Spaces = " \t\n\f\r";

        /// <param name="end">The place after the tag, or the end of the page.</param>
        public static Tag Read(string page, int at, out int end)
        {
            var attributes = new List<(string, string)>();
            var name = Until(page, ref at, Spaces + "/>");
            while (attributes.Count <= AttributesMost)
            {
                while (at < page.Length && (page[at] == '/' || Spaces.Contains(page[at])))
                    at++;
                if (at >= page.Length || page[at] == '>')
                    break;
                // A name may begin with '=', and is never empty.
                var first = page[at++];
                var attribute = (first + Until(page, ref at, Spaces + "/>=")).ToLowerInvariant();
                var value = Value(page, ref at);
                attributes.Add((attribute, value));
            }
            end = Math.Min(page.Length, at + 1);
            return new Tag(name.ToLowerInvariant(), attributes);
        }

        private static string Value(string page, ref int at)
        {
            var sign = at;
            while (sign < page.Length && Spaces.Contains(page[sign]))
                sign++;
            if (sign >= page.Length || page[sign] != '=')
                return "";
            at = sign + 1;
            while (at < page.Length && Spaces.Contains(page[at]))
                at++;
            if (at >= page.Length || page[at] is not ('"' or '\''))
                return Until(page, ref at, Spaces + ">");
            var quote = page[at++];
            var value = Until(page, ref at, quote.ToString());
            at++;
            return value;
        }

        private static string Until(string page, ref int at, string ends)
        {
            at = Math.Min(at, page.Length);
            var length = page.AsSpan(at).IndexOfAny(ends);
            var text = length < 0 ? page[at..] : page.Substring(at, length);
            at += text.Length;
            return text;
        }
    }
}
