using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tocsin.Commands;
using Tocsin.Plans;
using Tocsin.Tests.Tidy;
using Tocsin.Texts;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Tocsin.Tests.Plans;

/// <summary>The schema by which editors complete and check a plan: it knows what the readers know.</summary>
public sealed class PlanSchemaTests : IDisposable
{
    // What no example has: names with details, hours of a schedule, another chain.
    private static readonly string Rare = MinimalPlan.Main
        .Replace(
            "    name: Local\n", "    name: Local\n  chains: [{ id: 8453, name: Base }]\n", StringComparison.Ordinal)
        .Replace("  assets:\n", string.Concat(
            new[] { "oracles", "timelocks", "bridges", "front_ends", "accounts", "vendors", "insurance" }
                .Select(list => $"  {list}: [{{ name: one, what: Something, owner: ada }}]\n")) + "  assets:\n",
            StringComparison.Ordinal)
        .Replace("issues:\n", """
            schedules:
              - { id: day, time_zone: Europe/Zurich, promise: [{ days: [mon], from: "08:00", to: "20:00" }],
                  rotations: [{ people: [ada], from: 2026-01-05, hand_over: "08:00", every: 7d,
                                hours: { from: "08:00", to: "20:00" } }] }
            issues:

            """, StringComparison.Ordinal);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-schema-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void The_schema_has_the_keys_that_the_readers_know()
    {
        var yaml = new YamlText();
        foreach (var text in Plans())
            PlanReader.Read([new(PlanReader.MainFile, text)], yaml);

        var known = new SortedSet<string>(yaml.Known, StringComparer.Ordinal);
        var schema = new SortedSet<string>(StringComparer.Ordinal);
        var root = JsonNode.Parse(PlanReader.Schema())!;
        Collect(PlanReader.MainFile, root, root, schema);

        Assert.Equal(known, schema);
    }

    [Fact]
    public void Each_plan_that_init_writes_and_each_example_is_as_the_schema_says()
    {
        if (!Directory.Exists(Path.Combine(Repository.Root, "node_modules", "ajv")))
            Assert.Skip("needs ajv from npm: run npm install");
        Assert.Equal((0, ""), Validate([.. Plans().Select(Json)]));
    }

    [Fact]
    public void What_the_readers_refuse_the_schema_refuses()
    {
        if (!Directory.Exists(Path.Combine(Repository.Root, "node_modules", "ajv")))
            Assert.Skip("needs ajv from npm: run npm install");
        string[] wrong =
        [
            MinimalPlan.Main.Replace("severity: 1", "severity: 6", StringComparison.Ordinal),
            MinimalPlan.Main.Replace("valid_for: 30min", "valid_for: soon", StringComparison.Ordinal),
            MinimalPlan.Main.Replace("team:\n", "teams:\n", StringComparison.Ordinal),
            MinimalPlan.Main.Replace("    kind: uniswap-v2", "    kind: uniswap-v3", StringComparison.Ordinal),
        ];

        Assert.All(wrong, text =>
        {
            Assert.NotEmpty(MinimalPlan.Read(text).Complaints);
            Assert.Equal(1, Validate([Json(text)]).Code);
        });
    }

    [Fact]
    public void A_fresh_plan_lies_beside_the_schema_that_it_names()
    {
        InitCommand.Run(folder.FullName);
        var plan = Path.Combine(folder.FullName, "plan");

        Assert.Equal(PlanReader.Schema(), File.ReadAllText(Path.Combine(plan, PlanReader.SchemaFile)));
        Assert.StartsWith($"# yaml-language-server: $schema={PlanReader.SchemaFile}\n",
            File.ReadAllText(Path.Combine(plan, PlanReader.MainFile)), StringComparison.Ordinal);
        Assert.DoesNotContain(PlanReader.Load(plan), file => file.Name.Contains("schema", StringComparison.Ordinal));
    }

    private static List<string> Plans()
    {
        static string Blocks(string page) => string.Concat(Repository.Text(page).Split("```yaml\n").Skip(1)
            .Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)]));
        return
        [
            .. new[] { "startup", "seal", "large" }.Select(name => Templates.Text($"{name}/plan/plan.yaml")),
            Blocks("docs/plan.md"), TenMinutePlanTests.Text(), Rare + "\n" + Blocks("docs/actions.md"),
        ];
    }

    // Each object by the name of the key under which it stands, as complaints name it.
    private static void Collect(string name, JsonNode root, JsonNode node, ISet<string> found)
    {
        if (node["$ref"]?.GetValue<string>() is { } reference)
            Collect(name, root, root["$defs"]![reference["#/$defs/".Length..]]!, found);
        if (node["items"] is { } items)
            Collect(name, root, items, found);
        foreach (var one in node["anyOf"]?.AsArray() ?? [])
            Collect(name, root, one!, found);
        if (node["properties"] is not JsonObject properties)
            return;
        Assert.False(node["additionalProperties"]!.GetValue<bool>());
        found.Add($"{name}: {string.Join(' ', properties.Select(one => one.Key).Order(StringComparer.Ordinal))}");
        foreach (var (key, value) in properties)
            Collect(key, root, value!, found);
    }

    private (int Code, string Output) Validate(IReadOnlyList<string> documents)
    {
        var paths = documents.Prepend(PlanReader.Schema()).Select((text, number) =>
        {
            var path = Path.Combine(folder.FullName, $"{number}.json");
            File.WriteAllText(path, text);
            return path;
        }).ToList();
        var script = Path.Combine(Repository.Root, "tests/Tocsin.Tests/Plans/validate.mjs");
        using var node = Process.Start(new ProcessStartInfo("node", [script, .. paths])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Repository.Root,
        })!;
        var output = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        return (node.ExitCode, output);
    }

    private static string Json(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return Json(stream.Documents[0].RootNode)!.ToJsonString();
    }

    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(pair =>
            KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, Json(pair.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(Json)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } flag => flag.Value == "true",
        YamlScalarNode { Style: ScalarStyle.Plain } number when decimal.TryParse(
            number.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            => JsonValue.Create(value),
        YamlScalarNode text => JsonValue.Create(text.Value),
        _ => throw new JsonException($"what is {node}?"),
    };
}
