using System.Text;
using System.Text.Json;
using Tocsin.Adapters;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary>Says how the emergency controls of protocols that exist are used, and when they are of no use.</summary>
internal static class AdaptersCommand
{
    private const string Preface = """
        # Adapters

        How to use the emergency controls of protocols that exist already: what each action stops, who may take it,
        which reads prove that an account may and that it was done, and when it is of no use. This page is made of
        `contracts/adapters` by `dotnet run --project src/Tocsin -- adapters --markdown > docs/adapters.md`; a test
        holds it to them. `tocsin adapters NAME` prints one with actions for `plan.yaml` to fill in.

        In arguments, `$name` stands for what you give or an earlier read kept, `$account` for who is to act, `$now` for
        the time of the block that is read; `selector:` is the four bytes of a function, `keccak:` the hash of a text.
        An action is ready when its role probe and the reads of its limits hold.

        *Tested against* names the published bytecode that our end-to-end tests deploy and pause. Where it says none,
        nobody publishes bytecode that we could test with: the facts were read in the sources, and no more. Try such an
        action on a fork of your chain before you rely on it.

        """;

    /// <exception cref="InputException">There is no adapter of that name.</exception>
    public static int Run(string? name, bool json, bool markdown)
    {
        ValueList<Adapter> chosen = name is null ? AdapterCatalog.All : [Named(name)];
        Console.Out.Write(
            json ? Json(chosen)
            : markdown ? Markdown(chosen)
            : name is null ? Words(chosen)
            : Card(chosen[0]) + "\n```yaml\n" + PlanSnippet.Of(chosen[0]) + "```\n");
        return ExitCode.Done;
    }

    /// <summary>The page of the documentation.</summary>
    public static string Markdown(ValueList<Adapter> adapters) =>
        Preface.ReplaceLineEndings("\n") + string.Concat(adapters.Select(adapter => "\n" + Card(adapter)));

    /// <summary>For people: a line each.</summary>
    public static string Words(ValueList<Adapter> adapters)
    {
        var text = new StringBuilder();
        foreach (var adapter in adapters)
            text.Append($"{adapter.Name,-28} {string.Join(", ", adapter.Actions.Select(action => action.Name))}\n");
        return text.Append("What each does, with actions for plan.yaml: tocsin adapters NAME.\n").ToString();
    }

    /// <summary>For programs: everything that is known of each, selectors and topics computed.</summary>
    public static string Json(ValueList<Adapter> adapters) => JsonSerializer.Serialize(
        adapters.Select(adapter => new
        {
            adapter.Name,
            adapter.Title,
            adapter.For,
            adapter.Source,
            TestedAgainst = adapter.TestedAgainst ?? "none",
            Contracts = adapter.Contracts.ToDictionary(name => name.Name, name => name.Meaning),
            Values = adapter.Values.ToDictionary(name => name.Name, name => name.Meaning),
            Actions = adapter.Actions.Select(Plain).ToArray(),
            Limits = adapter.Limits
                .Select(limit => new
                {
                    limit.Says,
                    Actions = limit.Actions.ToArray(),
                    Ready = limit.Ready.Select(Plain).ToArray(),
                })
                .ToArray(),
            Events = adapter.Events
                .Select(one => new
                {
                    one.On,
                    one.Event.Signature,
                    Topic0 = one.Event.Topic0.ToString(),
                    Indexed = one.Event.Parameters.Select(parameter => parameter.Indexed).ToArray(),
                    one.Means,
                })
                .ToArray(),
        }),
        EventJson.Printed) + Environment.NewLine;

    private static object Plain(AdapterAction action) => new
    {
        action.Name,
        Call = Plain(action.Call),
        action.Scope,
        action.By,
        action.ReversedBy,
        Expires = action.Expires ?? "never",
        Risks = action.Risks.ToArray(),
        RoleProbe = action.RoleProbe.Select(Plain).ToArray(),
        Verify = action.Verify.Select(Plain).ToArray(),
    };

    private static object Plain(AdapterCall call) => new
    {
        call.On,
        call.Function.Signature,
        Selector = call.Function.Selector.ToString(),
        Results = call.Function.Outputs.Select(output => $"{output.Type.CanonicalName} {output.Name}").ToArray(),
        Arguments = call.Arguments.ToArray(),
    };

    private static object Plain(AdapterCheck check) => new
    {
        Read = Plain(check.Read),
        Expect = check.Expected
            .Select(expected => new { expected.Result, Relation = RelationName(expected.Relation), expected.Value })
            .ToArray(),
        Keep = check.Keeps.ToDictionary(kept => kept.Result, kept => kept.Name),
    };

    private static string RelationName(Relation relation) =>
        Expectation.Names.First(name => name.Value == relation).Key;

    private static Adapter Named(string name) => AdapterCatalog.Named(name) ?? throw new InputException(
        $"there is no adapter '{name}'{PlanCheck.Near(name, AdapterCatalog.All.Select(one => one.Name))}; "
            + "'tocsin adapters' lists them");

    private static string Card(Adapter adapter)
    {
        var text = new StringBuilder($"## {adapter.Title}\n\n`{adapter.Name}`. {adapter.For}\n\n");
        text.Append($"*Source:* {adapter.Source}.\n\n*Tested against:* {adapter.TestedAgainst ?? "none"}.\n\n");
        foreach (var name in adapter.Contracts.Concat(adapter.Values))
            text.Append($"- `{name.Name}`: {name.Meaning}\n");
        foreach (var action in adapter.Actions)
            Append(text, action);
        text.Append("\n*Of no use, or otherwise than it seems:*\n\n");
        foreach (var limit in adapter.Limits)
        {
            var bearsOn = limit.Actions.Count == 0 ? "" : $" ({string.Join(", ", limit.Actions)})";
            text.Append($"- {limit.Says}{bearsOn}{Reads(limit.Ready, " Ready while ")}\n");
        }
        text.Append("\n*Events:*\n\n");
        foreach (var one in adapter.Events)
            text.Append($"- `{one.Event.Signature}` of `{one.On}`, {one.Event.Topic0}: {one.Means}\n");
        return text.ToString();
    }

    private static void Append(StringBuilder text, AdapterAction action)
    {
        text.Append($"\n### {action.Name}\n\n`{action.Call.On}.{action.Call}`");
        text.Append($", `{action.Call.Function.Signature}`, selector {action.Call.Function.Selector}.\n\n");
        text.Append($"- Stops: {action.Scope}.\n- By: {action.By}.\n- Reversed by: {action.ReversedBy}.\n");
        text.Append($"- Ends by itself: {action.Expires ?? "never"}.\n");
        text.Append($"- May act now:{Reads(action.RoleProbe, " ")}\n- Was done:{Reads(action.Verify, " ")}\n");
        foreach (var risk in action.Risks)
            text.Append($"- Risk: {risk}\n");
    }

    private static string Reads(ValueList<AdapterCheck> checks, string before) => checks.Count == 0
        ? ""
        : before + string.Join("; ", checks.Select(check => $"`{PlanSnippet.InWords(check)}`")) + ".";
}
