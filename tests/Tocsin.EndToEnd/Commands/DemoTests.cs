using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.Demo.Scenarios;
using Tocsin.EndToEnd.Parts;
using Tocsin.Texts;

namespace Tocsin.EndToEnd.Commands;

/// <summary><c>tocsin demo</c> as people and scripts run it.</summary>
public sealed partial class DemoTests
{
    private static readonly IReadOnlyDictionary<string, string?> Unchanged = new Dictionary<string, string?>();

    [Theory]
    [InlineData("flash-loan", "flash-loan-attack")]
    [InlineData("oracle-manipulation", "oracle-manipulation")]
    [InlineData("peg-run", "peg-deviation")]
    [InlineData("reentrancy", "contract-anomaly")]
    [InlineData("silent-upgrade", "contract-change")]
    [InlineData("governance-takeover", "governance-attack")]
    [InlineData("slow-drain", "contract-anomaly")]
    [InlineData("unbacked-mint", "unbacked-mint")]
    [InlineData("approval-drain", "contract-anomaly")]
    [InlineData("mempool", "flash-loan-attack")]
    public async Task A_scenario_verifies_itself_and_prints_one_document(string scenario, string threat)
    {
        var isKept = scenario == "flash-loan";
        var ended = await Executable.RunAsync(
            ["demo", "--once", "--json", "--scenario", scenario, .. isKept ? (string[])["--keep"] : []]);
        Assert.True(ended.ExitCode == 0, $"exit code {ended.ExitCode}\n{ended.Output}\n{ended.Errors}");
        using var document = JsonDocument.Parse(ended.Output);
        var result = document.RootElement;
        Assert.Equal(scenario, result.GetProperty("scenario").GetString());
        Assert.Equal(0, result.GetProperty("faults").GetArrayLength());
        Assert.All(result.GetProperty("attackTransactions").EnumerateArray(), hash => Hash32.Parse(hash.GetString()));
        Detected(result.GetProperty("detected"), threat);
        Assert.All(result.GetProperty("alerts").EnumerateArray(), alert =>
        {
            Assert.Contains(
                alert.GetProperty("channel").GetString(), (string[])[DemoChannels.Slack, DemoChannels.Phone]);
            Assert.True(alert.GetProperty("accepted").GetBoolean());
            Assert.True(alert.GetProperty("latencyMs").GetInt64() >= 0);
        });
        Assert.Equal("INC-1", result.GetProperty("incident").GetString());
        var applies = Stages(result.GetProperty("stages"));
        if (applies["pause"])
        {
            Hash32.Parse(result.GetProperty("decision").GetProperty("id").GetString());
            Assert.Equal(2, result.GetProperty("decision").GetProperty("approvals").GetArrayLength());
            Contained(result.GetProperty("containment"));
        }
        if (applies["assess"])
        {
            Assert.NotEqual(0, result.GetProperty("attackTransactions").GetArrayLength());
            Assert.True(result.GetProperty("takenUsd").GetDecimal() > 0);
            Assert.True(result.GetProperty("savedUsd").GetDecimal() >= 0);
            // A treasury has no users.
            Assert.True(result.GetProperty("usersAffected").GetInt32() > 0 || scenario == "governance-takeover");
        }
        Left(result.TryGetProperty("report", out var report) ? report.GetString() : null, ended.Errors, isKept);
        Alone(result.GetProperty("alone"), scenario);
    }

    // What was told while it ran names the folder; only --keep leaves it behind.
    private static void Left(string? report, string told, bool isKept)
    {
        var folder = WatchesFrom().Match(told).Groups["folder"].Value;
        Assert.NotEmpty(folder);
        Assert.Equal(isKept, Directory.Exists(folder));
        Assert.Equal(isKept, report is not null);
        if (!isKept)
            return;
        Assert.True(File.Exists(report));
        Directory.Delete(folder, recursive: true);
    }

    [GeneratedRegex("Tocsin watches from (?<folder>[^;]+);")]
    private static partial Regex WatchesFrom();

    [Fact]
    public async Task What_the_contracts_keep_alone_is_measured_without_a_story()
    {
        var ended = await Executable.RunAsync("demo", "--alone", "--json", "--scenario", "peg-run");

        Assert.True(ended.ExitCode == 0, $"exit code {ended.ExitCode}\n{ended.Output}\n{ended.Errors}");
        using var document = JsonDocument.Parse(ended.Output);
        var row = Assert.Single(document.RootElement.EnumerateArray());
        Assert.Equal("peg-run", row.GetProperty("scenario").GetString());
        Alone(row.GetProperty("alone"), "peg-run");
    }

    [Fact]
    public async Task The_sooner_an_attack_is_answered_the_less_it_takes()
    {
        var ended = await Executable.RunAsync("demo", "--ways", "--json", "--scenario", "unbacked-mint");

        Assert.True(ended.ExitCode == 0, $"exit code {ended.ExitCode}\n{ended.Output}\n{ended.Errors}");
        using var document = JsonDocument.Parse(ended.Output);
        var taken = document.RootElement.EnumerateArray().ToDictionary(
            row => (row.GetProperty("way").GetString(), row.GetProperty("limited").GetBoolean()),
            row => row.GetProperty("takenUsd").GetDecimal());
        Assert.Equal(6, taken.Count);
        Assert.True(taken[("pre-authorised", false)] < taken[("people", false)]);
        Assert.True(taken[("people", false)] < taken[("nobody", false)]);
        Assert.True(taken[("pre-authorised", true)] < taken[("nobody", true)]);
    }

    [Fact]
    public async Task The_list_names_every_scenario_with_what_it_shows()
    {
        var ended = await Executable.RunAsync("demo", "--scenario", "list");
        Assert.Equal(0, ended.ExitCode);
        var lines = ended.Output.TrimEnd().Split('\n');
        Assert.Equal(ScenarioList.All().Count, lines.Length);
        Assert.All(
            ScenarioList.All(), scenario =>
                Assert.Contains(
                    lines, line => line.StartsWith(scenario.Name, StringComparison.Ordinal)
                        && line.TrimEnd().EndsWith(scenario.Shows, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_killed_demo_leaves_no_process_behind()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the processes are looked up in /proc");
        using var demo =
            Executable.Create(Unchanged, "demo", "--port", Site.FreePort().ToString(CultureInfo.InvariantCulture));
        var said = new List<string>();
        var watching = new TaskCompletionSource();
        demo.OutputDataReceived += (_, line) =>
        {
            lock (said)
                said.Add(line.Data ?? "");
            if (line.Data?.Contains("Tocsin watches", StringComparison.Ordinal) == true)
                watching.TrySetResult();
        };
        demo.Start();
        demo.BeginOutputReadLine();
        demo.BeginErrorReadLine();
        IReadOnlyList<ProcessLine> children;
        try
        {
            await Wait.ForAsync("the demo has started everything", watching.Task, Said);
            children = Processes.Below(demo.Id);
            Assert.Contains(children, child => child.Name == "anvil");
            Assert.Contains(
                children, child =>
                    child.Name != "sh" && child.Arguments.Contains("signer --policy", StringComparison.Ordinal));
        }
        finally
        {
            demo.Kill();
        }
        foreach (var child in children)
            await Wait.UntilAsync(
                $"{child} ends with the demo", () => Task.FromResult(!Processes.IsAlive(child)), Said);

        string Said()
        {
            lock (said)
                return string.Join(Environment.NewLine, said);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html></html>")]
    [InlineData("""{"abi":[]}""")]
    [InlineData("""{"abi":{},"bytecode":"0x00"}""")]
    [InlineData("""{"abi":[{"type":"function","name":"f","inputs":[{"type":"nothing"}]}],"bytecode":"0x00"}""")]
    [InlineData("""{"abi":[],"bytecode":"0xzz"}""")]
    [InlineData("""{"abi":[],"bytecode":7}""")]
    [InlineData("""{"abi":[],"bytecode":null}""")]
    [InlineData("""[]""")]
    public void A_compiled_contract_of_the_wrong_form_is_named_with_what_to_do(string text)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            File.WriteAllText(path, text);
            var fault = Assert.Throws<InputException>(() => Artifact.Load(path));
            Assert.Contains(path, fault.Message, StringComparison.Ordinal);
            Assert.Contains("npm", fault.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>What the contracts keep by themselves was measured: both parts make the whole, within the limit.
    /// </summary>
    private static void Alone(JsonElement alone, string scenario)
    {
        var (atRisk, taken, kept) = (Usd("atRiskUsd"), Usd("takenUsd"), Usd("keptUsd"));
        Assert.InRange(taken + kept - atRisk, -1, 1);
        Assert.NotEmpty(alone.GetProperty("reason").GetString()!);
        var isBounded = scenario is not "approval-drain";
        Assert.Equal(isBounded, alone.GetProperty("applies").GetBoolean());
        if (isBounded)
        {
            Assert.InRange(taken, 1, Usd("limitUsd"));
            Assert.True(kept > taken);
            Assert.True(Usd("unlimitedUsd") > taken);
        }
        else
            Assert.False(alone.TryGetProperty("limitUsd", out _));

        decimal Usd(string name) => alone.GetProperty(name).GetDecimal();
    }

    /// <summary>Which stages apply, by name; one that does not has taken no time.</summary>
    private static Dictionary<string, bool> Stages(JsonElement stages)
    {
        Assert.All(stages.EnumerateArray(), stage =>
        {
            var ms = stage.GetProperty("ms").GetInt64();
            Assert.True(stage.GetProperty("applies").GetBoolean() ? ms >= 0 : ms == 0);
        });
        return stages.EnumerateArray().ToDictionary(
            stage => stage.GetProperty("name").GetString()!, stage => stage.GetProperty("applies").GetBoolean());
    }

    private static void Detected(JsonElement detected, string threat)
    {
        Assert.Equal(threat, detected.GetProperty("threat").GetString());
        Assert.InRange(detected.GetProperty("severity").GetInt32(), 1, 2);
        Assert.InRange(detected.GetProperty("confidence").GetDecimal(), 0.7m, 1m);
        Assert.True(detected.GetProperty("block").GetUInt64() > 0);
        Assert.True(detected.GetProperty("latencyMs").GetInt64() >= 0);
    }

    private static void Contained(JsonElement containment)
    {
        Hash32.Parse(containment.GetProperty("transaction").GetString());
        Assert.True(containment.GetProperty("block").GetUInt64() > 0);
        Assert.True(containment.GetProperty("paused").GetBoolean());
        Assert.True(containment.GetProperty("contained").GetBoolean());
        Assert.True(containment.GetProperty("latencyMs").GetInt64() > 0);
    }
}
