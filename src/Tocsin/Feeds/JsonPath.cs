using System.Globalization;
using System.Text.Json;

namespace Tocsin.Feeds;

/// <summary>One step of a path: into the member of that name, or else to the item of that number.</summary>
internal readonly record struct JsonStep(string? Name, int Index);

/// <summary>
/// Where in an answer a value stands: <c>$.data.prices[0].usd</c>. A small part of JSONPath (RFC 9535) that leads to
/// one place at most: members by name, items by number from 0. A name may hold anything but dots and brackets.
/// </summary>
internal sealed record JsonPath(ValueList<JsonStep> Steps)
{
    private const int MaximumCharacters = 200;
    private const int MaximumSteps = 16;
    private const int MaximumDigits = 5;

    /// <summary>Null where the text is no such path; <paramref name="fault"/> then says why.</summary>
    public static JsonPath? Parse(string text, out string fault)
    {
        fault = text is ['$', ..] ? "" : "a path begins with $";
        if (text.Length > MaximumCharacters)
            fault = $"a path has at most {MaximumCharacters} characters";
        var steps = new List<JsonStep>();
        var rest = text.AsSpan(Math.Min(1, text.Length));
        while (fault.Length == 0 && rest.Length > 0)
        {
            var length = rest[1..].IndexOfAny('.', '[') + 1;
            var piece = length == 0 ? rest : rest[..length];
            fault = Add(piece, steps);
            rest = rest[piece.Length..];
        }
        return fault.Length == 0 ? new JsonPath(steps.ToValueList()) : null;
    }

    /// <summary>The value at the end of the path; null where the path leads nowhere.</summary>
    public JsonElement? Find(JsonElement root)
    {
        var at = root;
        foreach (var step in Steps)
        {
            if (step.Name is { } name)
            {
                if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at))
                    return null;
            }
            else if (at.ValueKind != JsonValueKind.Array || step.Index >= at.GetArrayLength())
                return null;
            else
                at = at[step.Index];
        }
        return at;
    }

    public override string ToString() =>
        "$" + string.Concat(Steps.Select(step => step.Name is { } name ? $".{name}" : $"[{step.Index}]"));

    private static string Add(ReadOnlySpan<char> piece, List<JsonStep> steps)
    {
        if (steps.Count == MaximumSteps)
            return $"a path has at most {MaximumSteps} steps";
        if (piece is ['.', .. var name])
        {
            steps.Add(new JsonStep(name.ToString(), 0));
            return name.Length == 0 ? "a name is missing after a dot" : name.Contains(']') ? "']' without '['" : "";
        }
        if (piece is ['[', .. { Length: > 0 and <= MaximumDigits } digits, ']']
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            steps.Add(new JsonStep(null, index));
            return "";
        }
        return "a step is .name or [number]";
    }
}
