using Tocsin.Evm.Abi;
using Tocsin.Texts;

namespace Tocsin.Adapters;

/// <summary>Reads one adapter strictly: what it does not know, or cannot resolve, it complains about.</summary>
internal sealed class AdapterReader
{
    private const string Never = "never";
    private const string Nothing = "none";

    private readonly HashSet<string> names = [Adapter.Account, Adapter.Now];

    private AdapterReader()
    {
    }

    /// <summary>An adapter as far as it could be read; <see cref="YamlText.Complaints"/> says what is wrong.</summary>
    public static Adapter Read(YamlText yaml, string file, string text) =>
        new AdapterReader().Whole(yaml.Parse(file, text));

    private Adapter Whole(YamlPart root)
    {
        root.Knows(
            "name", "title", "for", "source", "tested_against", "contracts", "values", "actions", "limits", "events");
        var contracts = Names(root.Required("contracts"));
        var values = root.Optional("values") is { } part ? Names(part) : [];
        var tested = root.Required("tested_against").Text();
        var actions = root.Required("actions").Items().Select(Action).ToValueList();
        return new Adapter(
            root.Required("name").Line(),
            root.Required("title").Line(),
            root.Required("for").Text(),
            root.Required("source").Text(),
            tested == Nothing ? null : tested,
            contracts,
            values,
            actions,
            root.Required("limits").Items().Select(limit => Limit(limit, actions)).ToValueList(),
            root.Required("events").Items().Select(Event).ToValueList(),
            root.At);
    }

    private ValueList<AdapterName> Names(YamlPart part) => part.Entries().Select(entry =>
    {
        if (!entry.Key.All(c => char.IsAsciiLetterLower(c) || c == '-') || !names.Add(entry.Key))
            entry.Value.Complain($"'{entry.Key}' must be a new name of small letters");
        return new AdapterName(entry.Key, entry.Value.Text());
    }).ToValueList();

    private AdapterAction Action(YamlPart part)
    {
        part.Knows(
            "name", "on", "function", "arguments", "scope", "by", "reversed_by", "expires", "risks", "role_probe",
            "verify");
        var expires = part.Required("expires").Text();
        return new AdapterAction(
            part.Required("name").Line(),
            Call(part, "function", names),
            part.Required("scope").Text(),
            part.Required("by").Text(),
            part.Required("reversed_by").Text(),
            expires == Never ? null : expires,
            part.Required("risks").Items().Select(risk => risk.Text()).ToValueList(),
            Checks(part.Required("role_probe")),
            Checks(part.Required("verify")));
    }

    private AdapterLimit Limit(YamlPart part, ValueList<AdapterAction> actions) => new(
        part.Knows("says", "actions", "ready").Required("says").Text(),
        part.Optional("actions")?.Items().Select(item => OneOf(item, actions)).ToValueList() ?? [],
        part.Optional("ready") is { } ready ? Checks(ready) : []);

    private static string OneOf(YamlPart part, ValueList<AdapterAction> actions)
    {
        var name = part.Line();
        if (!actions.Any(action => action.Name == name))
            part.Complain($"'{name}' is no action of this adapter");
        return name;
    }

    private ValueList<AdapterCheck> Checks(YamlPart part)
    {
        // What one read keeps, those after it in the same list may use.
        var known = names.ToHashSet();
        return part.Items().Select(item => Check(item, known)).ToValueList();
    }

    private static AdapterCheck Check(YamlPart part, HashSet<string> known)
    {
        var call = Call(part.Knows("on", "read", "arguments", "expect", "keep"), "read", known);
        var outputs = call.Function.Outputs;
        var keeps = part.Optional("keep")?.Entries().Select(entry =>
        {
            Result(entry.Value, entry.Key, outputs);
            return (entry.Key, entry.Value.Line());
        }).ToValueList() ?? [];
        known.UnionWith(keeps.Select(kept => kept.Item2));
        var expected = part.Optional("expect")?.Entries()
            .SelectMany(entry => Expectations(entry.Value, entry.Key, outputs, known)).ToValueList() ?? [];
        if (keeps.Count + expected.Count == 0)
            part.Complain("a read must 'expect' or 'keep' something");
        return new AdapterCheck(call, expected, keeps);
    }

    // Written short, 'paused: true', or with how it compares, 'nonce: { more_than: $nonce }'.
    private static IEnumerable<Expectation> Expectations(
        YamlPart part, string result, ValueList<AbiParameter> outputs, HashSet<string> known)
    {
        var type = Result(part, result, outputs);
        if (!part.IsMapping)
            return [new Expectation(result, Relation.Is, Value(part, type, known))];
        part.Knows([.. Expectation.Names.Keys]);
        return part.Entries().Where(entry => Expectation.Names.ContainsKey(entry.Key)).Select(entry =>
        {
            var relation = Expectation.Names[entry.Key];
            if (relation is not (Relation.Is or Relation.IsNot) && type is not (null or AbiType.UnsignedInteger))
                entry.Value.Complain($"'{entry.Key}' compares numbers, and '{result}' is none");
            return new Expectation(result, relation, Value(entry.Value, type, known));
        }).ToList();
    }

    private static AbiType? Result(YamlPart part, string result, ValueList<AbiParameter> outputs)
    {
        var output = outputs.FirstOrDefault(output => output.Name == result);
        if (output is null)
            part.Complain($"the read has no result named '{result}'");
        return output?.Type;
    }

    private static AdapterCall Call(YamlPart part, string key, HashSet<string> known)
    {
        var on = part.Required("on").Line();
        if (on.Length > 0 && !known.Contains(on))
            part.Required("on").Complain($"'{on}' is no contract of this adapter");
        var function = Parsed(part.Required(key), AbiFunction.Parse) ?? new AbiFunction("", [], []);
        var arguments = part.Optional("arguments")?.Items().ToList() ?? [];
        if (function.Name.Length > 0 && arguments.Count != function.Inputs.Count)
            part.Complain($"'{function}' takes {function.Inputs.Count} arguments, not {arguments.Count}");
        return new AdapterCall(
            on,
            function,
            arguments.Zip(function.Inputs, (argument, input) => Value(argument, input.Type, known)).ToValueList());
    }

    private static string Value(YamlPart part, AbiType? type, HashSet<string> known)
    {
        var text = part.Line();
        if (text.StartsWith(AdapterCall.Given, StringComparison.Ordinal))
        {
            if (!known.Contains(text[AdapterCall.Given.Length..]))
                part.Complain($"'{text}' is no name of this adapter");
            return text;
        }
        try
        {
            if (type is not null)
                AbiEncoder.Encode([new AbiParameter("", type)], AdapterCall.Value(type, text, NothingGiven));
        }
        catch (Exception e) when (e is FormatException or AbiException or OverflowException or ArgumentException)
        {
            part.Complain($"'{text}' is no value of type {type}");
        }
        return text;
    }

    private static readonly Dictionary<string, object> NothingGiven = [];

    private AdapterEvent Event(YamlPart part)
    {
        var on = part.Knows("on", "event", "means").Required("on").Line();
        if (on.Length > 0 && !names.Contains(on))
            part.Required("on").Complain($"'{on}' is no contract of this adapter");
        var emitted = Parsed(part.Required("event"), AbiEvent.Parse) ?? new AbiEvent("", []);
        return new AdapterEvent(on, emitted, part.Required("means").Text());
    }

    private static T? Parsed<T>(YamlPart part, Func<string, T> parse)
        where T : class
    {
        var text = part.Line();
        try
        {
            return text.Length == 0 ? null : parse(text);
        }
        catch (Exception e) when (e is FormatException or AbiException)
        {
            part.Complain($"this is not a signature: {e.Message}");
            return null;
        }
    }
}
