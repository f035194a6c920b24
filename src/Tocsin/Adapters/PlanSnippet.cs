using System.Text;
using Tocsin.Evm.Abi;

namespace Tocsin.Adapters;

/// <summary>
/// An adapter's actions as <c>plan.yaml</c> writes them, with <c>&lt;name&gt;</c> for what is to be filled in.
/// </summary>
internal static class PlanSnippet
{
    public static string Of(Adapter adapter)
    {
        var text = new StringBuilder();
        text.Append("# Replace each <name>; 'protected' names the contracts:\n");
        foreach (var name in adapter.Contracts.Concat(adapter.Values))
            text.Append($"#   <{name.Name}>: {OneLine(name.Meaning)}\n");
        text.Append("actions:\n");
        foreach (var action in adapter.Actions)
            Append(text, adapter, action);
        return text.ToString();
    }

    private static void Append(StringBuilder text, Adapter adapter, AdapterAction action)
    {
        var call = action.Call;
        text.Append($"  - id: {adapter.Name}-{action.Name}\n");
        text.Append($"    what: {Quoted($"{adapter.Title}: stops {OneLine(action.Scope)}")}\n");
        text.Append("    calls:\n");
        var view = action.Verify.FirstOrDefault(check => IsOfPlan(check, action));
        text.Append($"      - scope: {(view is null ? "<scope>" : Filled(view.Read.Arguments[0]))}\n");
        text.Append($"        target: {Quoted($"<{call.On}>")}\n");
        text.Append($"        function: {Quoted(Signature(call))}\n");
        if (call.Arguments.Count > 0)
            text.Append($"        arguments: [{string.Join(", ", call.Arguments.Select(Filled))}]\n");
        if (view is not null)
            text.Append($"        holds: {Quoted(Signature(view.Read))}\n");
        else
            text.Append($"        # holds: proved by {string.Join("; ", action.Verify.Select(InWords))}\n");
        text.Append(action.Expires is { } how
            ? $"        # until: ends {OneLine(how)}\n"
            : "        # until: it never ends by itself\n");
    }

    /// <summary>A view of the target that takes the scope as its one argument and answers true.</summary>
    private static bool IsOfPlan(AdapterCheck check, AdapterAction action) =>
        check.Read.On == action.Call.On && check.Read.Arguments.Count == 1
        && check.Expected is [{ Relation: Relation.Is, Value: "true" }];

    /// <summary>A check as people read it.</summary>
    public static string InWords(AdapterCheck check)
    {
        var told = check.Expected.Select(expected => $"{expected.Result} {expected.InWords}")
            .Concat(check.Keeps.Select(kept => $"{kept.Result} kept as ${kept.Name}"));
        return $"{check.Read.On}.{check.Read}: {string.Join(", ", told)}";
    }

    private static string Signature(AdapterCall call) =>
        call.Function.Name + Listed(call.Function.Inputs)
        + (call.Function.Outputs.Count > 0 ? " returns " + Listed(call.Function.Outputs) : "");

    private static string Listed(ValueList<AbiParameter> parameters) =>
        $"({string.Join(", ", parameters.Select(one => $"{one.Type.CanonicalName} {one.Name}".TrimEnd()))})";

    private static string Filled(string argument) =>
        Quoted(argument.StartsWith(AdapterCall.Given, StringComparison.Ordinal) ? $"<{argument[1..]}>" : argument);

    private static string Quoted(string text) => $"\"{text.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
