using System.Globalization;
using Tocsin.Plans;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Tocsin.Texts;

/// <summary>
/// Reads YAML into typed values and collects everything that is wrong with file and line, instead of stopping at the
/// first error. A value that could not be read comes back as an empty one; the caller asks
/// <see cref="Complaints"/> last.
/// </summary>
internal sealed class YamlText
{
    private const int MaximumCharacters = 1_000_000;
    private const int MaximumDepth = 20;

    private readonly HashSet<Complaint> told = [];

    /// <summary>What cannot be used, and what is only doubtful.</summary>
    public List<Complaint> Complaints { get; } = [];

    /// <summary>The keys that each kind of part may have, as far as such parts were read: what a schema is held
    /// against.</summary>
    public HashSet<string> Known { get; } = [];

    /// <summary>Whether something cannot be used.</summary>
    public bool HasErrors => Complaints.Any(complaint => complaint.Level == ComplaintLevel.Error);

    /// <summary>The root of one file; an empty mapping with a complaint where the text is not usable.</summary>
    /// <param name="firstLine">The line of the file on which <paramref name="text"/> begins.</param>
    public YamlPart Parse(string file, string text, int firstLine = 1)
    {
        var nothing = new YamlPart(this, file, firstLine - 1, new YamlMappingNode(), file);
        if (text.Length > MaximumCharacters)
            return Refuse(nothing, firstLine, $"the file is larger than {MaximumCharacters:N0} characters");
        var read = 1;
        try
        {
            if (Unusable(text, firstLine - 1, line => read = line) is { } unusable)
                return Refuse(nothing, unusable.Line, unusable.What);
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count == 0)
                return Refuse(nothing, firstLine, "the file is empty");
            if (stream.Documents.Count > 1)
                return Refuse(
                    nothing,
                    firstLine,
                    "a line of '---' in the middle makes a second document, which would be ignored; remove it");
            return new YamlPart(this, file, firstLine - 1, stream.Documents[0].RootNode, file);
        }
        catch (Exception e) when (
            e is YamlException or ArgumentException or FormatException or OverflowException
                or InvalidOperationException)
        {
            // The library lets some of these out without a line, and what it says is meant for its own makers.
            var fault = YamlFault.Of(text, firstLine, e is YamlException at ? (int)at.Start.Line : null, read);
            return Refuse(nothing, fault.Line, $"this is not valid YAML: {fault.What}");
        }
    }

    /// <summary>Says it once: a value may be read in several places.</summary>
    public void Complain(SourceLine at, string message, ComplaintLevel level = ComplaintLevel.Error)
    {
        var complaint = new Complaint(at, level, message);
        if (told.Add(complaint))
            Complaints.Add(complaint);
    }

    // An alias lets a few lines stand for millions of nodes; a plan has no use for one.
    private static YamlFault? Unusable(string text, int before, Action<int> read)
    {
        var parser = new Parser(new StringReader(text));
        var open = new Stack<YamlKeys>();
        while (parser.MoveNext())
        {
            var found = parser.Current!;
            var line = (int)found.Start.Line + before;
            read((int)found.Start.Line);
            if (found is AnchorAlias)
                return new YamlFault(line, "aliases (*name) are not supported; write the value out");
            if (open.TryPeek(out var keys) && keys.Take(found, line) is { } twice)
                return twice;
            if (found is MappingStart or SequenceStart)
                open.Push(new YamlKeys(found is MappingStart));
            else if (found is MappingEnd or SequenceEnd)
                open.Pop();
            if (open.Count > MaximumDepth)
                return new YamlFault(line, $"nested deeper than {MaximumDepth} levels");
        }
        return null;
    }

    private YamlPart Refuse(YamlPart nothing, int line, string message)
    {
        Complain(nothing.At with { Line = line }, message);
        return nothing.AsAbsent();
    }
}

/// <summary>One node of a YAML text with its place.</summary>
/// <param name="name">What messages call this part, for example <c>issues[2].severity</c>.</param>
internal sealed class YamlPart(YamlText text, string file, int lineOffset, YamlNode node, string name)
{
    private const int MaximumTextCharacters = 100_000;
    private const int MaximumShownCharacters = 40;
    private const int MaximumWordCharacters = 20;

    public SourceLine At => new(file, lineOffset + (int)Math.Max(1, node.Start.Line));

    public void Complain(string message)
    {
        if (!IsAbsent)
            text.Complain(At, message);
    }

    /// <summary>Says what can be used and is probably not meant.</summary>
    public void Warn(string message) => text.Complain(At, message, ComplaintLevel.Warning);

    /// <summary>Complains about each key that is not one of these, with a guess at what was meant.</summary>
    public YamlPart Knows(params string[] keys)
    {
        text.Known.Add($"{name.Split('[')[0]}: {string.Join(' ', keys.Order(StringComparer.Ordinal))}");
        foreach (var (key, child) in Mapping().Children)
        {
            if (key is YamlScalarNode { Value: { } value } && !keys.Contains(value))
                text.Complain(new SourceLine(file, lineOffset + (int)key.Start.Line), Unknown(value, child, keys));
        }
        return this;
    }

    // Between braces a comma in somebody's words ends the value, and the rest is a key without one.
    private string Unknown(string key, YamlNode child, string[] keys)
    {
        var near = PlanCheck.Near(key, keys);
        if (!IsInBraces || !IsNothing(child))
            return $"{Shown(key)} is not known in {name}{near}";
        return near.Length == 0
            ? $"{Told(key)} is no key: put words with a comma between quotes"
            : $"{Shown(key)} is not known in {name}{near} Or put words with a comma between quotes";
    }

    private bool IsInBraces => node is YamlMappingNode { Style: MappingStyle.Flow };

    private static bool IsNothing(YamlNode node) =>
        node is YamlScalarNode { Value: null or "" or "~" or "null", Style: ScalarStyle.Plain };

    /// <summary>A part that may be absent.</summary>
    public YamlPart? Optional(string key) =>
        Mapping().Children.TryGetValue(new YamlScalarNode(key), out var child)
        && !IsNothing(child)
            ? new YamlPart(text, file, lineOffset, child, key)
            : null;

    /// <summary>A part that must be there; an empty one with a complaint where it is not.</summary>
    public YamlPart Required(string key)
    {
        if (Optional(key) is { } part)
            return part;
        Complain($"'{key}' is missing in {name}");
        return new YamlPart(text, file, lineOffset + (int)node.Start.Line - 1, new YamlScalarNode(""), key).AsAbsent();
    }

    /// <summary>
    /// True where there is nothing to read and this was complained about: whatever is missing in it goes unsaid.
    /// </summary>
    private bool IsAbsent { get; set; }

    internal YamlPart AsAbsent()
    {
        IsAbsent = true;
        return this;
    }

    /// <summary>The items of a list; a single value counts as a list of one.</summary>
    public IEnumerable<YamlPart> Items() => node switch
    {
        YamlSequenceNode sequence => sequence.Children.Select((child, i) =>
            new YamlPart(text, file, lineOffset, child, $"{name}[{i + 1}]")),
        _ when IsAbsent => [],
        _ => [this],
    };

    /// <summary>The entries of a mapping by key.</summary>
    public IEnumerable<(string Key, YamlPart Value)> Entries() => Mapping().Children.Select(pair =>
    {
        var key = ((YamlScalarNode)pair.Key).Value ?? "";
        var value = new YamlPart(text, file, lineOffset, pair.Value, $"{name}.{Shown(key).Trim('\'')}");
        if (key.Any(char.IsControl))
            value.Complain($"a name in {name} holds a control character");
        return (key, value);
    });

    /// <summary>True where the value is a mapping, for what may be written short or with details.</summary>
    public bool IsMapping => node is YamlMappingNode;

    /// <summary>A text of one or more lines.</summary>
    public string Text() => Read(IsProse, "a text without control characters");

    /// <summary>A text that stands for something else: a name, a path, an address.</summary>
    public string Line() => Read(value => !value.Any(char.IsControl), "a text of one line without control characters");

    public int Number(int least, int most) =>
        Read(
            v => int.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= least && n <= most
                ? n
                : (int?)null,
            $"a whole number from {least} to {most}") ?? least;

    public ulong Quantity(ulong most = ulong.MaxValue) =>
        Read(
            v => ulong.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n <= most
                ? n
                : (ulong?)null,
            most == ulong.MaxValue ? "a whole number" : $"a whole number up to {most}") ?? 0;

    public decimal Decimal() =>
        Read(
            v => decimal.TryParse(v, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var n)
                ? n
                : (decimal?)null,
            "a number such as 1.00") ?? 0;

    public bool Flag() => Read(v => v is "true" or "false" ? v == "true" : (bool?)null, "true or false") ?? false;

    /// <summary>A duration as a number and one of s, min (or m), h, d: <c>30s</c>, <c>24h</c>.</summary>
    public TimeSpan Duration() => Read(ParseDuration, "a duration such as 30s, 5min, 24h or 2d") ?? TimeSpan.Zero;

    /// <inheritdoc cref="Duration()"/>
    /// <param name="least">The shortest that is allowed, as a person would write it.</param>
    /// <param name="most">The longest.</param>
    public TimeSpan Duration(string least, string most)
    {
        var (shortest, longest) = (ParseDuration(least), ParseDuration(most));
        return Read(
            v => ParseDuration(v) is { } span && span >= shortest && span <= longest ? span : (TimeSpan?)null,
            $"a duration from {least} to {most}") ?? shortest!.Value;
    }

    /// <summary>What a person switches on or off.</summary>
    public bool Switch() => OneOf(Switches);

    public T OneOf<T>(IReadOnlyDictionary<string, T> choices)
        where T : struct =>
        Read(
            v => choices.TryGetValue(v, out var choice) ? choice : (T?)null,
            $"one of {string.Join(", ", choices.Keys)}",
            choices.Keys) ?? choices.Values.First();

    public T Parsed<T>(Func<string, T?> parse, string expected)
        where T : struct => Read(parse, expected) ?? default;

    private static readonly Dictionary<string, bool> Switches = new() { ["on"] = true, ["off"] = false };

    internal static TimeSpan? ParseDuration(string value)
    {
        var digits = value.TakeWhile(char.IsAsciiDigit).Count();
        if (digits is 0 or > 6)
            return null;
        var count = int.Parse(value.AsSpan(0, digits), CultureInfo.InvariantCulture);
        return value[digits..].Trim() switch
        {
            "s" => TimeSpan.FromSeconds(count),
            "min" or "m" => TimeSpan.FromMinutes(count),
            "h" => TimeSpan.FromHours(count),
            "d" => TimeSpan.FromDays(count),
            _ => null,
        };
    }

    // What stands there is not repeated: it may be a secret that got under the wrong key.
    private T? Read<T>(Func<string, T?> parse, string expected, IEnumerable<string>? choices = null)
        where T : struct
    {
        var value = Scalar();
        var read = value is null ? null : parse(value);
        if (read is null)
            Complain($"'{name}' must be {expected}{(choices is null ? "" : PlanCheck.Near(value ?? "", choices))}");
        return read;
    }

    private string Read(Func<string, bool> fits, string expected)
    {
        if (Scalar() is { Length: > 0 and <= MaximumTextCharacters } value && fits(value))
            return value;
        Complain($"'{name}' must be {expected}");
        return "";
    }

    private static bool IsProse(string value) => !value.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'));

    // A typo is shown; what does not look like one may be a secret.
    internal static string Shown(string key) =>
        key.Length is > 0 and <= MaximumShownCharacters
        && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? $"'{key}'"
            : $"a name of {key.Length} characters";

    /// <summary>What people wrote where something else belongs, for a complaint: short words are shown, and what does
    /// not look like words, as a secret does not, is counted.</summary>
    internal static string Told(string words) =>
        words.Length is > 0 and <= MaximumShownCharacters
        && words.All(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_' or '.' or '?' or '!' or '\'' or '(' or ')')
        && words.Split(' ').All(word => word.Length <= MaximumWordCharacters)
            ? $"'{words}'"
            : $"a text of {words.Length} characters";

    private string? Scalar() => (node as YamlScalarNode)?.Value;

    private YamlMappingNode Mapping()
    {
        if (node is YamlMappingNode mapping)
        {
            foreach (var key in mapping.Children.Keys.Where(key => key is not YamlScalarNode).ToList())
            {
                Complain($"a key in {name} is not a simple name");
                mapping.Children.Remove(key);
            }
            return mapping;
        }
        Complain($"'{name}' must be a mapping (name: value)");
        IsAbsent = true;
        return new YamlMappingNode();
    }
}
