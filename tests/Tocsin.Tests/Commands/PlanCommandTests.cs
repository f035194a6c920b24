using System.Text.Json;
using Tocsin.Commands;
using Tocsin.Plans;
using Tocsin.Tests.Plans;
using Tocsin.Texts;

namespace Tocsin.Tests.Commands;

public sealed class PlanCommandTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-plan-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Warnings_alone_are_found_wrong_only_when_strict()
    {
        Write(MinimalPlan.Main);

        Assert.Equal(ExitCode.Done, PlanCommand.Check(folder.FullName, strict: false, json: false));
        Assert.Equal(ExitCode.FoundWrong, PlanCommand.Check(folder.FullName, strict: true, json: false));
    }

    /// <summary>What reads well and fits together, and could not be watched all the same.</summary>
    [Theory]
    [InlineData("0x00000000000000000000000000000000000000d2", "0x00000000000000000000000000000000000000d1")]
    [InlineData("0x00000000000000000000000000000000000000a2", "0x00000000000000000000000000000000000000e1")]
    [InlineData("quote: dUSD", "quote: DEMO")]
    public void A_plan_that_could_not_be_watched_is_found_wrong(string piece, string change)
    {
        Assert.DoesNotContain(MinimalPlan.Complaints(MinimalPlan.With(piece, change)),
            complaint => complaint.Level == Tocsin.Plans.ComplaintLevel.Error);
        Write(MinimalPlan.Main.Replace(piece, change, StringComparison.Ordinal));

        Assert.Equal(ExitCode.FoundWrong, PlanCommand.Check(folder.FullName, strict: false, json: false));
    }

    [Fact]
    public void Errors_of_configuration_and_plan_come_in_one_round()
    {
        Write(MinimalPlan.Main.Replace("severity: 1", "severity: 9", StringComparison.Ordinal));
        Configure("listen: http://127.0.0.1:8080/\ndata: data\nplan: .\nchannels: {}\nmetrics: maybe\n");

        var (code, output, errors) = Check();

        Assert.Equal(ExitCode.FoundWrong, code);
        Assert.Equal("", output);
        Assert.Contains("tocsin.yaml:5: error: 'metrics' must be one of on, off", errors, StringComparison.Ordinal);
        Assert.Contains("'chain' is missing", errors, StringComparison.Ordinal);
        Assert.Contains($"plan.yaml:{MinimalPlan.LineOf("severity: 1")}: error: ", errors, StringComparison.Ordinal);
        Assert.EndsWith($"3 errors, 0 warnings{Environment.NewLine}", errors, StringComparison.Ordinal);
        var served = Assert.Throws<InputException>(() => PlanCommand.LoadChecked(folder.FullName)).Message;
        Assert.Equal(3, served.Split(Environment.NewLine).Length);
    }

    [Fact]
    public void A_plan_that_is_not_there_hides_no_error_of_the_configuration()
    {
        Configure("listen: http://127.0.0.1:8080/\ndata: data\nplan: away\nchannels: {}\n");

        var (code, _, errors) = Check();

        Assert.Equal(ExitCode.FoundWrong, code);
        Assert.Contains("'chain' is missing", errors, StringComparison.Ordinal);
        Assert.Contains("has no plan.yaml", errors, StringComparison.Ordinal);
    }

    /// <summary>Where the plan is was not read, so nothing is said of it.</summary>
    [Theory]
    [InlineData("listen: http://127.0.0.1:8080/\ndata: data\nchannels: {}\nchain: { id: 1, rpc: env:A }\n")]
    [InlineData("plan: plan\nchain: { id: 1, rpc: env:A }\nchain: { id: 2, rpc: env:A }\n")]
    public void A_plan_whose_place_could_not_be_read_is_not_said_to_be_missing(string text)
    {
        Configure(text);

        var (code, _, errors) = Check();

        Assert.Equal(ExitCode.FoundWrong, code);
        Assert.DoesNotContain("plan.yaml", errors, StringComparison.Ordinal);
        Assert.EndsWith($"1 error, 0 warnings{Environment.NewLine}", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(31337, false)]
    [InlineData(1, true)]
    public void A_plan_of_another_chain_than_the_configuration_is_an_error(int chain, bool told)
    {
        WriteWhole(chain);

        var (code, _, errors) = Check();

        Assert.Equal(told ? ExitCode.FoundWrong : ExitCode.Done, code);
        Assert.Equal(told, errors.Contains(
            $"error: the 'chain' here has the id {chain}, but the plan protects things on chain 31337",
            StringComparison.Ordinal));
    }

    [Fact]
    public void Errors_come_first_and_each_file_is_named_as_an_editor_finds_it()
    {
        Write(MinimalPlan.Main.Replace("procedure: pause-markets", "procedure: stop-all", StringComparison.Ordinal));

        var lines = Check().Errors.TrimEnd().Split(Environment.NewLine);

        var errors = lines.TakeWhile(line => line.Contains(": error: ", StringComparison.Ordinal)).Count();
        Assert.True(errors > 0);
        Assert.All(lines[errors..^1], line => Assert.Contains(": warning: ", line, StringComparison.Ordinal));
        Assert.All(lines[..^1], line => Assert.True(File.Exists(line[..line.IndexOf(':', StringComparison.Ordinal)])));
        Assert.StartsWith($"{errors} error", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_the_same_of_many_is_one_line_with_every_place()
    {
        Write(MinimalPlan.Main);

        var (_, output, errors) = Check(json: true);

        var one = Assert.Single(
            errors.Split(Environment.NewLine),
            line => line.Contains("look like placeholders", StringComparison.Ordinal));
        var each = JsonDocument.Parse(output).RootElement.GetProperty("complaints").EnumerateArray()
            .Where(row => row.GetProperty("message").GetString()!.Contains("a placeholder", StringComparison.Ordinal))
            .ToList();
        Assert.Contains($" warning: {each.Count} addresses that look like placeholders", one, StringComparison.Ordinal);
        Assert.All(each, row => Assert.Matches($" {row.GetProperty("line").GetInt32()}[,)]", one));
    }

    [Fact]
    public void A_variable_that_a_secret_refers_to_and_that_is_not_set_is_a_warning()
    {
        WriteWhole(31337);

        var (code, _, errors) = Check();

        Assert.Equal(ExitCode.Done, code);
        var told = Assert.Single(
            errors.Split(Environment.NewLine),
            line => line.Contains("TOCSIN_NOT_SET", StringComparison.Ordinal));
        Assert.Matches(
            "tocsin.yaml:4: warning: channel '.*': the environment variable TOCSIN_NOT_SET is not set", told);
    }

    [Fact]
    public void Variables_that_are_not_set_are_one_line_that_names_each_once()
    {
        WriteWhole(31337, "{ kind: json-webhook, url: env:TOCSIN_NOT_SET, secret: env:TOCSIN_NOT_SET_EITHER }");

        var (code, _, errors) = Check();

        Assert.Equal(ExitCode.Done, code);
        Assert.Contains(
            "warning: 2 environment variables are not set; 'serve' needs them (TOCSIN_NOT_SET, TOCSIN_NOT_SET_EITHER)",
            errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://10.1.2.3/hunter2", "10.1.2.3 is in a private network")]
    [InlineData("http://chat.finance/hunter2", "use https, or name the host under 'private_networks' of tocsin.yaml")]
    [InlineData("ftp://chat.finance/hunter2", "does not hold an address that begins with")]
    public void What_is_here_and_cannot_be_used_is_an_error_since_the_server_refuses_it(string address, string says)
    {
        WriteWhole(31337, "{ kind: json-webhook, url: 'file:address' }");
        File.WriteAllText(Path.Combine(folder.FullName, "address"), address);

        var (code, _, errors) = Check();

        Assert.Equal(ExitCode.FoundWrong, code);
        Assert.Matches($"tocsin.yaml:4: error: channel '.*': .*{says}.*; 'serve' refuses it", errors);
        Assert.DoesNotContain("hunter2", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_channel_that_can_be_read_and_not_built_is_an_error()
    {
        WriteWhole(31337, "{ kind: siren, command: siren }");

        var (code, _, errors) = Check();

        Assert.Equal(ExitCode.FoundWrong, code);
        Assert.Matches("tocsin.yaml:4: error: channel '.*' cannot be used: 'command' is an absolute path", errors);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("signer: { socket: s, account: \"0x00000000000000000000000000000000000000a7\" }\n", false)]
    public void A_plan_whose_decisions_nobody_can_sign_is_warned_about(string signer, bool told)
    {
        WriteWhole(31337);
        File.AppendAllText(Path.Combine(folder.FullName, "tocsin.yaml"), $"\n{signer}");

        var (code, _, errors) = Check();

        Assert.Equal(ExitCode.Done, code);
        Assert.Equal(told, errors.Contains(
            "tocsin.yaml: warning: decisions that need calls cannot be carried out: tocsin.yaml has no 'signer:'",
            StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_signer_would_refuse_is_found_wrong_before_the_night()
    {
        WriteWhole(31337);
        File.WriteAllText(Path.Combine(folder.FullName, "signer.yaml"), $$"""
            key: env:NONE
            journal: journal
            socket: s
            exercise: false
            allowed:
              - chain: 1
                target: "0x00000000000000000000000000000000000000c0"
                function: pause(bytes32 module,uint64 durationSeconds)
                required: [["{{MinimalPlan.Commander.Address}}"]]
            """);

        var (code, _, errors) = Check();

        Assert.Equal(ExitCode.FoundWrong, code);
        Assert.Contains("the signer would refuse action 'pause-all'", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_anything_is_no_input() => Assert.Throws<InputException>(() => Check());

    [Fact]
    public void The_answer_is_on_standard_output_and_what_is_wrong_is_not()
    {
        Write(MinimalPlan.Main);
        var (_, output, errors) = Check(json: true);

        Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(output).RootElement.ValueKind);
        Assert.Contains(": warning: ", errors, StringComparison.Ordinal);

        Write(MinimalPlan.Main.Replace("severity: 1", "severity: 9", StringComparison.Ordinal));
        (_, output, errors) = Check();

        Assert.Equal("", output);
        Assert.EndsWith($"1 error, 0 warnings{Environment.NewLine}", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0x00000000000000000000000000000000000000d1", 9, "asset 'dUSD' looks like a placeholder")]
    [InlineData("0x1111111111111111111111111111111111111111", 9, "asset 'dUSD' looks like a placeholder")]
    [InlineData("0x0000000000000000000000000000000000000000", 9, "asset 'dUSD' looks like a placeholder")]
    [InlineData("0x000000000000000000000000000000000000dead", 9, "asset 'dUSD' looks like a placeholder")]
    [InlineData("0x1234567890123456789012345678901234567890", 9, "asset 'dUSD' looks like a placeholder")]
    [InlineData("0x0000000000000000000000000000000000001010", 9, null)]
    [InlineData("0x6b175474e89094c44da98b954eedeac495271d0f", 9, null)]
    public void An_address_of_a_template_is_warned_about(string address, int line, string? says)
    {
        var read = MinimalPlan.With("0x00000000000000000000000000000000000000d1", address);

        var complaint = Placeholders.Check(read.Plan).FirstOrDefault(complaint => complaint.At.Line == line);

        Assert.Equal(says is null, complaint is null);
        Assert.StartsWith(says ?? "", complaint?.Message ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void A_person_at_a_host_for_examples_is_warned_about() => Assert.Contains(
        Placeholders.Check(
            MinimalPlan.With("roles: [commander]", "roles: [commander]\n      email: a@example.org").Plan),
        complaint => complaint.Message == "the email of 'ada' is at a host for examples");

    /// <summary>What a feed says is recorded; what an asset is worth, the plan says.</summary>
    [Theory]
    [InlineData("DEMO", "", "warning: nothing uses the price of feed 'usd'", "give 'DEMO' a 'peg'")]
    [InlineData("dUSD", "", "warning: nothing uses the price of feed 'usd'", "give 'dUSD' a 'peg'")]
    [InlineData("DEMO", "base: DEMO", "error: feed 'usd' prices 'DEMO'", "the plan gives it no value")]
    public void A_price_that_nothing_uses_and_an_asset_without_value_are_told(
        string asset, string without, string level, string says)
    {
        var main = without.Length == 0 ? MinimalPlan.Main : MinimalPlan.Main.Replace(
            "base: DEMO\n      quote: dUSD", "base: dUSD\n      quote: DEMO", StringComparison.Ordinal);
        Write(main);
        var channels = MinimalPlan.Channels.Select(name => $"{name}: {{ kind: json-webhook, url: env:U }}");
        Configure($$"""
            listen: http://127.0.0.1:8080
            data: data
            plan: .
            channels: { {{string.Join(", ", channels)}} }
            chain: { id: 31337, rpc: env:A }
            feeds:
              usd: { kind: http, asset: {{asset}}, stale_after: 1m, price: $.p, url: env:B }
            """);

        var (_, _, errors) = Check();

        Assert.Contains($"tocsin.yaml:7: {level}", errors, StringComparison.Ordinal);
        Assert.Contains(says, errors, StringComparison.Ordinal);
    }

    private void WriteWhole(int chain, string channel = "{ kind: json-webhook, url: env:TOCSIN_NOT_SET }")
    {
        Write(MinimalPlan.Main);
        var channels = MinimalPlan.Channels.Select(name => $"{name}: {channel}");
        Configure($$"""
            listen: http://127.0.0.1:8080
            data: data
            plan: .
            channels: { {{string.Join(", ", channels)}} }
            chain: { id: {{chain}}, rpc: "http://127.0.0.1:8545" }
            """);
    }

    private (int Code, string Output, string Errors) Check(bool json = false)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = PlanCommand.Check(folder.FullName, strict: false, json, output, errors);
        return (code, output.ToString(), errors.ToString());
    }

    private void Configure(string text) => File.WriteAllText(Path.Combine(folder.FullName, "tocsin.yaml"), text);

    private void Write(string main)
    {
        File.WriteAllText(Path.Combine(folder.FullName, "plan.yaml"), main);
        var procedures = folder.CreateSubdirectory("procedures");
        File.WriteAllText(Path.Combine(procedures.FullName, "pause-markets.md"), MinimalPlan.Procedure);
    }
}
