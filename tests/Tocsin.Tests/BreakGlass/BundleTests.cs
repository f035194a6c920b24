using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Tocsin.BreakGlass;
using Tocsin.Chains;
using Tocsin.Commands;
using Tocsin.Decisions;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Signing;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Signing;
using Tocsin.Texts;

namespace Tocsin.Tests.BreakGlass;

public sealed class BundleTests : IDisposable
{
    private const string Url = "https://user:hunter2@node.example/key";

    private const string MoreActions = """

          - id: by-safe
            what: Stop <b>the vault</b> through the `emergency` Safe
            safe:
              safe: controls
              threshold: 2
              owners: ["0x00000000000000000000000000000000000000e5", "0x00000000000000000000000000000000000000e6"]
              calls:
                - target: controls
                  function: stop()
            then:
              - target: controls
                function: stopped() returns (uint256)
                at_least: 1
          - id: page
            what: Put up the page
            hook:
              method: PUT
              url: file:hook.secret
              headers: { authorization: "file:hook.secret" }
              body: '{}'
          - id: call-somebody
            what: Call the exchange
            manual: { text: Call them, who: deputy, expected: 10min }
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-bundle-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Plan Whole => MinimalPlan.Read(MinimalPlan.Main + MoreActions).Plan;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_compiled_plan_says_the_same_and_has_the_same_plan_hash()
    {
        var compiled = PlanReader.Read([new PlanFile(CompiledPlan.FileName, CompiledPlan.Of(Whole).Write())]).Plan;

        Assert.Equal(Whole.DecisionsHash, compiled.DecisionsHash);
        Assert.Equal(Whole.Actions, compiled.Actions);
        Assert.Equal(Whole.Decisions, compiled.Decisions);
        Assert.Equal(
            Whole.ApprovalRule(Whole.Decisions[0]).Places, compiled.ApprovalRule(compiled.Decisions[0]).Places);
        Assert.Equal(
            Whole.SendersOf(Whole.Action("open-again")!).Select(sender => sender.Wallet),
            compiled.SendersOf(compiled.Action("open-again")!).Select(sender => sender.Wallet));
    }

    [Fact]
    public void A_compiled_plan_knows_what_a_pause_stops_and_one_of_earlier_versions_is_still_read()
    {
        var text = CompiledPlan.Of(Whole).Write();
        var compiled = PlanReader.Read([new PlanFile(CompiledPlan.FileName, text)]).Plan;

        Assert.Equal(Whole.Protected.Contracts, compiled.Protected.Contracts);
        Assert.Equal(Whole.Protected.Assets, compiled.Protected.Assets);
        Assert.Equal(Whole.Protected.Pools, compiled.Protected.Pools);
        var earlier = JsonNode.Parse(text)!.AsObject();
        Assert.True(earlier.Remove("guarded") && earlier.Remove("assets") && earlier.Remove("pools"));
        var read = PlanReader.Read([new PlanFile(CompiledPlan.FileName, earlier.ToJsonString())]).Plan;
        Assert.Equal((Whole.DecisionsHash, 0), (read.DecisionsHash, read.Protected.Contracts.Count));
    }

    [Theory]
    [InlineData("bundle")]
    [InlineData("bundle.zip")]
    public async Task What_is_written_is_read_again(string name)
    {
        var path = await WriteAsync(name);

        var opened = OpenedBundle.Open(path);

        Assert.Equal(Whole.DecisionsHash, opened.Bundle.PlanHash);
        Assert.Equal(SignerDesk.Controls, opened.Plan.Plan.Action("pause-all")!.Calls[0].Call.Target);
        Assert.Empty(opened.Bundle.Prepared);
        await Assert.ThrowsAsync<InputException>(() => WriteAsync(name));
    }

    [Fact]
    public async Task It_holds_no_way_to_reach_people_no_secret_and_no_address_of_a_node()
    {
        var path = await WriteAsync("bundle");

        var all = string.Concat(Directory.GetFiles(path).Select(File.ReadAllText));
        Assert.Contains("Ada Commander", all, StringComparison.Ordinal);
        Assert.DoesNotContain("555 01", all, StringComparison.Ordinal);
        Assert.DoesNotContain("pager", all, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", all, StringComparison.Ordinal);
        Assert.DoesNotContain("node.example", all, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1:8545", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_asks_nobody_for_anything_and_takes_no_markup_from_the_plan()
    {
        var html = await File.ReadAllTextAsync(Path.Combine(await WriteAsync("bundle"), "read-me.html"), Cancel);

        Assert.DoesNotMatch("(?i)<script|<link|<img|<iframe|src=|href=|url\\(|@import", html);
        Assert.Contains("Stop &lt;b&gt;the vault&lt;/b&gt; through the &#39;emergency&#39; Safe", html,
            StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_has_the_calldata_the_wallets_and_the_proof_of_each_action()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(await WriteAsync("bundle"), "read-me.md"), Cancel);

        foreach (var call in Whole.Actions.SelectMany(action => action.OnChain))
            Assert.Contains(Hex.Format(call.Call.Data.AsSpan()), page, StringComparison.Ordinal);
        foreach (var view in Whole.Action("pause-all")!.Calls.SelectMany(call => new[] { call.Holds, call.Until }))
            Assert.Contains(
                $"cast call 0x00000000000000000000000000000000000000C0 --data {Hex.Format(view.AsSpan())} --rpc-url "
                + "$NODE_31337", page, StringComparison.Ordinal);
        foreach (var wallet in Whole.ApprovalRule(Whole.Decisions[0]).Places.SelectMany(place => place.Wallets))
            Assert.Contains(Tocsin.Evm.ChecksumAddress.Format(wallet), page, StringComparison.Ordinal);
        Assert.Contains("The data to sign is not here", page, StringComparison.Ordinal);
        Assert.Contains("Call them", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bundle.json")]
    [InlineData("plan.json")]
    [InlineData("read-me.md")]
    [InlineData("read-me.html")]
    public async Task A_file_that_was_changed_is_named_and_the_bundle_refused(string name)
    {
        var path = await WriteAsync("bundle");
        await File.AppendAllTextAsync(Path.Combine(path, name), " ", Cancel);

        var refused = Assert.Throws<InputException>(() => OpenedBundle.Open(path));

        Assert.Contains($"{name} is not what was written", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Whoever can change a file can change its hash too.</summary>
    [Theory]
    [InlineData("plan.json", "0x00000000000000000000000000000000000000c0", "0x00000000000000000000000000000000000000c1")]
    [InlineData("plan.json", "\"valueWei\": \"0\"", "\"valueWei\": \"1\"")]
    [InlineData("plan.json", "\"atLeast\": 1", "\"atLeast\": 0")]
    [InlineData("plan.json", "\"engineer\"\n      ]", "\"nobody\"\n      ]")]
    [InlineData("plan.json", "\"validFor\": \"00:30:00\"", "\"validFor\": \"10.00:30:00\"")]
    [InlineData("plan.json", "\"planHash\": \"0x", "\"planHash\": \"0y")]
    [InlineData("plan.json", "\"actions\": [", "\"actions\": [ null,")]
    [InlineData("plan.json", "\"guarded\": [", "\"guarded\": [ null,")]
    [InlineData("plan.json", "\"name\": \"Example Markets\",", "")]
    [InlineData("bundle.json", "\"planHash\": \"0x", "\"planHash\": \"0x0")]
    [InlineData("bundle.json", "\"format\": 1", "\"format\": 2")]
    [InlineData("bundle.json", "\"chains\": [", "\"chains\": [ null,")]
    [InlineData("bundle.json", "\"prepared\": []",
        "\"prepared\": [{\"action\":\"pause-all\",\"use\":0,\"decision\":\"0x0000000000000000000000000000000000000000000000000000000000000001\",\"expiresAt\":\"2026-03-01T12:00:00Z\"}]")]
    public async Task Contents_that_do_not_fit_their_plan_hash_are_refused_with_right_sums(
        string name, string piece, string change)
    {
        var path = await WriteAsync("bundle");
        var file = Path.Combine(path, name);
        var text = await File.ReadAllTextAsync(file, Cancel);
        Assert.Contains(piece, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, text.Replace(piece, change, StringComparison.Ordinal), Cancel);
        Sum(path);

        Assert.Throws<InputException>(() => OpenedBundle.Open(path));
    }

    [Fact]
    public async Task A_zip_that_lacks_a_file_or_is_none_is_refused()
    {
        var path = await WriteAsync("bundle.zip");
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Update))
            zip.GetEntry("plan.json")!.Delete();

        Assert.Throws<InputException>(() => OpenedBundle.Open(path));
        await File.WriteAllTextAsync(path, "PK no zip", Cancel);
        Assert.Throws<InputException>(() => OpenedBundle.Open(path));
        Assert.Throws<InputException>(() => OpenedBundle.Open(path + "x"));
    }

    [Fact]
    public void A_list_of_hashes_leads_to_no_file_elsewhere()
    {
        var path = folder.CreateSubdirectory("b").FullName;
        File.WriteAllText(Path.Combine(path, "SHA256SUMS"), $"{new string('0', 64)}  ../plan.yaml\n");

        Assert.Contains("no hash and name", Assert.Throws<InputException>(() => OpenedBundle.Open(path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_signer_asked_the_data_to_sign_is_that_of_the_open_use()
    {
        using var desk = new SignerDesk();
        using var stop = new CancellationTokenSource();
        using var listener = SignerServer.Bind(desk.Policy);
        var serving = new SignerServer(desk.Signer, desk.Policy, _ => { }).ServeAsync(listener, stop.Token);

        var path = await WriteAsync("bundle", desk.Policy.SocketPath);

        var opened = OpenedBundle.Open(path);
        var prepared = Assert.Single(opened.Bundle.Prepared);
        var decision = opened.Bundle.DecisionOf(opened.Plan.Plan.Action("pause-all")!)!;
        Assert.Equal(0UL, prepared.Use);
        Assert.Equal(DecisionTypedData.Id(Whole.DecisionsHash, "pause-all", 0), decision.Id);
        Assert.Equal(
            decision,
            DecisionTypedData.Read(await File.ReadAllTextAsync(
                Path.Combine(path, "pause-all.typed-data.json"), Cancel)));
        Assert.Contains(
            "valid for use 0", await File.ReadAllTextAsync(Path.Combine(path, "read-me.md"), Cancel),
            StringComparison.Ordinal);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);
    }

    [Theory]
    [InlineData("c", null, "c/contain-pause-all.journal", "c/contain-pause-all.typed-data.json")]
    [InlineData(null, null, "contain-pause-all.journal", "contain-pause-all.typed-data.json")]
    [InlineData("c", "x/second.journal", "x/second.journal", "x/second.typed-data.json")]
    [InlineData("c", "x/pause.2", "x/pause.2", "x/pause.2.typed-data.json")]
    public void Each_journal_has_typed_data_of_its_own(
        string? directory, string? journal, string isJournal, string isTypedData)
    {
        var options = new ContainOptions(directory, "pause-all", [], null, [], journal, null, false, false);

        Assert.Equal((isJournal, isTypedData), (options.JournalPath, options.TypedDataPath));
    }

    private static void Sum(string path) => File.WriteAllText(
        Path.Combine(path, "SHA256SUMS"),
        string.Concat(Directory.GetFiles(path).Where(file => !file.EndsWith("SUMS", StringComparison.Ordinal)).Select(
            file => $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))}  "
                + $"{Path.GetFileName(file)}\n")));

    private async Task<string> WriteAsync(string name, string? signer = null)
    {
        var config = folder.CreateSubdirectory("config").FullName;
        await File.WriteAllTextAsync(Path.Combine(config, "node.secret"), Url, Cancel);
        await File.WriteAllTextAsync(Path.Combine(config, "hook.secret"), Url, Cancel);
        await File.WriteAllTextAsync(Path.Combine(config, "tocsin.yaml"), """
            listen: http://127.0.0.1:8420
            data: data
            plan: .
            chain:
              id: 31337
              nodes:
                own: { rpc: http://127.0.0.1:8545 }
                other: { rpc: file:node.secret }
              relay: { url: file:node.secret }
            signer:
              socket: signer.sock
              account: "0x00000000000000000000000000000000000000aa"
            channels:
              ada-pager: { kind: slack-webhook, url: file:hook.secret }
              ben-pager: { kind: slack-webhook, url: file:hook.secret }
              cem-pager: { kind: slack-webhook, url: file:hook.secret }
              war-room: { kind: slack-webhook, url: file:hook.secret }
              spare-room: { kind: slack-webhook, url: file:hook.secret }
            """, Cancel);
        await File.WriteAllTextAsync(Path.Combine(config, "plan.yaml"), MinimalPlan.Main + MoreActions, Cancel);
        Directory.CreateDirectory(Path.Combine(config, "procedures"));
        await File.WriteAllTextAsync(
            Path.Combine(config, "procedures", "pause-markets.md"), MinimalPlan.Procedure, Cancel);
        var path = Path.Combine(folder.FullName, name);
        Assert.Equal(
            0, await BundleCommand.WriteAsync(
                new BundleOptions(config, [], path, signer, null), TextWriter.Null, Cancel));
        return path;
    }
}
