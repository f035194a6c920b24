using System.Globalization;
using Tocsin.EndToEnd.Parts;

namespace Tocsin.EndToEnd.Commands;

/// <summary>
/// Input that cannot be used ends the real executable with exit code 2 and words that help; nothing is printed as a
/// result, no stack trace appears, and no secret.
/// </summary>
public sealed class BadInputTests : IDisposable
{
    private const string Secret = "53cr37-that-must-not-appear";
    private const string Chain1 = """{"jsonrpc":"2.0","id":1,"result":"0x1"}""";

    private readonly string folder = Directory.CreateTempSubdirectory("tocsin-input-").FullName;
    private readonly Dictionary<string, string?> environment = new()
    {
        ["TOCSIN_SLACK_WEBHOOK"] = "http://127.0.0.1:9/" + Secret,
        ["TOCSIN_ALEX_WEBHOOK"] = "http://127.0.0.1:9/" + Secret,
        ["TOCSIN_KIM_WEBHOOK"] = "http://127.0.0.1:9/" + Secret,
        ["TOCSIN_JO_WEBHOOK"] = "http://127.0.0.1:9/" + Secret,
        ["TOCSIN_SPARE_WEBHOOK"] = "http://127.0.0.1:9/" + Secret,
        ["TOCSIN_STATUS_WEBHOOK"] = "http://127.0.0.1:9/" + Secret,
        ["TOCSIN_STATUS_SPARE_WEBHOOK"] = "http://127.0.0.1:9/" + Secret,
    };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("<html><body>502 Bad Gateway</body></html>", "127.0.0.1")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"resu", "127.0.0.1")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":77,\"result\":\"0x1\"}", "127.0.0.1")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1fffffffffffffffffffffffffffffffff\"}", "127.0.0.1")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x5\"}", "is on chain 5, not on chain 1")]
    public async Task A_node_that_cannot_be_used_is_named(string answer, string words)
    {
        await using var node = await FakeNode.StartAsync(answer);
        await InitAsync();
        Change("tocsin.yaml", "http://127.0.0.1:8545", node.Address);
        await RefusedAsync([words], "serve", "--config", folder);
        Assert.False(
            Directory.Exists(Path.Combine(folder, "data")), "a store was made for an installation that cannot run");
    }

    [Fact]
    public async Task A_node_that_is_not_there_is_named()
    {
        await InitAsync();
        var port = Site.FreePort();
        Change(
            "tocsin.yaml", "http://127.0.0.1:8545",
            string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        await RefusedAsync(
            ["could not be reached", port.ToString(CultureInfo.InvariantCulture)], "serve", "--config", folder);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        await using var node = await FakeNode.StartEthereumAsync();
        await InitAsync();
        Change("tocsin.yaml", "http://127.0.0.1:8545", node.Address);
        Change("tocsin.yaml", "listen: http://127.0.0.1:8420", $"listen: {node.Address}");
        await RefusedAsync(["cannot be listened on", "choose another port"], "serve", "--config", folder);
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_written_is_named()
    {
        await using var node = await FakeNode.StartEthereumAsync();
        await InitAsync();
        Change("tocsin.yaml", "http://127.0.0.1:8545", node.Address);
        Change("tocsin.yaml", "data: data", "data: tocsin.yaml/data");
        await RefusedAsync(["tocsin.yaml/data", "cannot be written"], "serve", "--config", folder);
    }

    [Fact]
    public async Task An_address_without_code_is_named_with_its_line()
    {
        await using var node = await FakeNode.StartAsync(
            """{"jsonrpc":"2.0","id":1,"result":"0x1"}""", """{"jsonrpc":"2.0","id":2,"result":"0x"}""");
        await InitAsync();
        Change("tocsin.yaml", "http://127.0.0.1:8545", node.Address);
        await RefusedAsync(["plan.yaml:", "is no contract on chain 1"], "serve", "--config", folder);
    }

    [Fact]
    public async Task A_secret_that_is_not_there_is_named_by_its_reference()
    {
        await using var node = await FakeNode.StartEthereumAsync();
        await InitAsync();
        Change("tocsin.yaml", "http://127.0.0.1:8545", node.Address);
        environment["TOCSIN_KIM_WEBHOOK"] = null;
        await RefusedAsync(["TOCSIN_KIM_WEBHOOK", "is not set"], "serve", "--config", folder);
    }

    [Theory]
    [InlineData("plan/plan.yaml", "\nescalation:", "\nescalatoin:", "plan.yaml:", "did you mean 'escalation'?")]
    [InlineData("tocsin.yaml", "\nlisten:", "\nlisten: [", "tocsin.yaml:", "valid YAML")]
    [InlineData("tocsin.yaml", "\nchannels:", "\nchanels:", "tocsin.yaml:", "did you mean 'channels'?")]
    [InlineData(
        "tocsin.yaml", "env:TOCSIN_SLACK_WEBHOOK", "https://hooks.example/" + Secret, "tocsin.yaml:", "by reference")]
    [InlineData("tocsin.yaml", "plan: plan", "plan: nowhere", "nowhere", "plan.yaml")]
    [InlineData(
        "tocsin.yaml", "listen: http://127.0.0.1:8420", "listen: http://0.0.0.0:8420", "tocsin.yaml:",
        "on this machine")]
    public async Task A_mistake_in_a_file_is_named_with_its_line_and_what_to_change(
        string file, string old, string now, string where, string words)
    {
        await InitAsync();
        Change(file, old, now);
        await RefusedAsync([where, words], "serve", "--config", folder);
        Assert.False(
            Directory.Exists(Path.Combine(folder, "data")), "a store was made for an installation that cannot run");
    }

    [Theory]
    [InlineData(null, "", "signer.key", "cannot be read")]
    [InlineData(Secret, "", "file:signer.key", "is not a private key")]
    [InlineData("0x00", "", "file:signer.key", "is not a private key")]
    [InlineData(
        "0x0000000000000000000000000000000000000000000000000000000000000000", "", "file:signer.key",
        "is not a private key")]
    [InlineData(
        "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "", "file:signer.key",
        "is not a private key")]
    [InlineData("good", "exercise: false|exercize: false", "signer.yaml:4", "did you mean 'exercise'?")]
    [InlineData("good", "pause(bytes32|pause(byts32", "signer.yaml:", "not a function")]
    [InlineData("good", "journal: signer.journal|journal: signer.yaml/journal", "journal", "cannot be opened")]
    [InlineData("good", "socket: signer.sock|socket: signer.yaml/sock", "signer.yaml/sock", "cannot listen")]
    public async Task A_signer_that_cannot_be_trusted_does_not_start(
        string? key, string change, string where, string words)
    {
        WriteSigner(key);
        if (change.Split('|') is [var old, var now])
            Change("signer.yaml", old, now);
        await RefusedAsync([where, words], "signer", "--policy", Path.Combine(folder, "signer.yaml"));
    }

    [Fact]
    public async Task A_journal_that_was_changed_stops_the_signer_and_stays_as_it_is()
    {
        WriteSigner("good");
        var journal = Path.Combine(folder, "signer.journal");
        var text = new string('0', 64) + " {}\n";
        await File.WriteAllTextAsync(journal, text, TestContext.Current.CancellationToken);
        await RefusedAsync(
            ["signer.journal:1", "not what was written"], "signer", "--policy", Path.Combine(folder, "signer.yaml"));
        Assert.Equal(text, await File.ReadAllTextAsync(journal, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Init_overwrites_nothing_and_leaves_nothing_half_written()
    {
        var kept = Path.Combine(folder, "tocsin.yaml");
        await File.WriteAllTextAsync(kept, "mine", TestContext.Current.CancellationToken);
        await RefusedAsync([kept, "exists already"], "init", folder);
        Assert.Equal("mine", await File.ReadAllTextAsync(kept, TestContext.Current.CancellationToken));
        Assert.Equal([kept], Directory.GetFileSystemEntries(folder));
        await RefusedAsync(["cannot be written"], "init", Path.Combine(kept, "below"));
        Assert.Equal([kept], Directory.GetFileSystemEntries(folder));
    }

    [Theory]
    [InlineData("serv")]
    [InlineData("serve")]
    [InlineData("serve", "--config", "/nowhere/at/all")]
    [InlineData("serve", "--confg", "x")]
    [InlineData("demo", "--scenario", "nothing")]
    [InlineData("demo", "--port", "many")]
    [InlineData("demo", "--port", "70000")]
    [InlineData("channel", "test", "war-room", "--wait", "soon")]
    [InlineData("channel", "test", "war-room", "--wait", "0")]
    [InlineData("channel", "test", "war-room", "--severity", "6")]
    [InlineData("signer")]
    [InlineData("signer", "--policy", "/nowhere/at/all")]
    [InlineData("plan", "check", "/nowhere/at/all")]
    [InlineData("audit", "verify", "--config", "/nowhere/at/all")]
    [InlineData("backup", "--config", "/nowhere/at/all")]
    [InlineData("backup", "--config", "/nowhere/at/all", "--out", "/nowhere/backup")]
    [InlineData("restore", "--config", "/nowhere/at/all")]
    public async Task A_command_that_cannot_be_understood_is_refused(params string[] arguments) =>
        await RefusedAsync([], arguments);

    [Fact]
    public async Task Nothing_recorded_and_a_head_that_is_none_are_told()
    {
        await InitAsync();
        await RefusedAsync(["nothing was recorded yet"], "audit", "verify", "--config", folder);
        await RefusedAsync(
            ["nothing was recorded yet"], "backup", "--config", folder, "--out", Path.Combine(folder, "backup.gz"));
        await RefusedAsync(["does not exist"], "restore", Path.Combine(folder, "backup.gz"), "--config", folder);
        Assert.False(Directory.Exists(Path.Combine(folder, "data")), "reading made a store");
        Assert.False(File.Exists(Path.Combine(folder, "backup.gz")), "a backup of nothing was made");
    }

    private async Task RefusedAsync(string[] words, params string[] arguments)
    {
        var ended = await Executable.RunAsync(environment, arguments);
        Assert.True(ended.ExitCode == 2, $"exit code {ended.ExitCode}\n{ended.Output}\n{ended.Errors}");
        Assert.Equal("", ended.Output);
        foreach (var word in words)
            Assert.Contains(word, ended.Errors, StringComparison.Ordinal);
        Assert.False(string.IsNullOrWhiteSpace(ended.Errors));
        Assert.DoesNotContain("   at ", ended.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", ended.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, ended.Errors, StringComparison.Ordinal);
        Assert.True(ended.Errors.Trim().Split('\n').Length <= 5, $"more than a few lines:\n{ended.Errors}");
    }

    private async Task InitAsync()
    {
        var ended = await Executable.RunAsync("init", folder);
        Assert.True(ended.ExitCode == 0, ended.Errors);
    }

    private void Change(string file, string old, string now)
    {
        var path = Path.Combine(folder, file);
        var text = File.ReadAllText(path);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(old, now, StringComparison.Ordinal));
    }

    private void WriteSigner(string? key)
    {
        File.WriteAllText(Path.Combine(folder, "signer.yaml"), """
            key: file:signer.key
            journal: signer.journal
            socket: signer.sock
            exercise: false
            allowed:
              - chain: 1
                target: "0x0000000000000000000000000000000000000001"
                function: pause(bytes32 module,uint64 durationSeconds,bytes32 reasonCode)
                required:
                  - ["0x0000000000000000000000000000000000000001"]
            """);
        if (key is not null)
            File.WriteAllText(Path.Combine(folder, "signer.key"), key == "good" ? "0x" + new string('1', 64) : key);
    }
}
