using System.Globalization;
using System.Text;
using Tocsin.EndToEnd.Parts;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Replay;
using Tocsin.Storage;

namespace Tocsin.EndToEnd.Restarts;

/// <summary>What was watched can be played again, and gives the same.</summary>
public sealed class ReplayTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    private const long Confirmations = 15;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_found_across_a_kill_is_found_again_byte_for_byte_from_the_input_log()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        await site.StartServerAsync();
        await site.UntilAsync("the first block is read", () => HasReadAsync(site));
        var first = await chain.AttackAsync();
        Assert.True(await chain.HasSucceededAsync(first));
        await site.UntilAsync("the attack is found", () => HasFoundAsync(site));
        await site.KillServerAsync();
        await chain.Anvil.Node.RequestAsync("anvil_mine", Cancelled, Confirmations);
        await site.StartServerAsync();
        await site.UntilAsync("the attack is confirmed", () => IsConfirmedAsync(site));
        await site.KillServerAsync();

        var output = Path.Combine(site.Folder.Root, "replayed.jsonl");
        var ended = await Executable.RunAsync(
            "replay", "--config", site.Folder.Root, "--inputs", Path.Combine(site.Folder.Root, "data", "inputs"),
            "--rpc", chain.Anvil.Rpc.AbsoluteUri, "--findings", output);

        Assert.True(ended.ExitCode == 0, ended.ToString());
        Assert.Equal(Recorded(site), File.ReadAllLines(output).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_recorded_from_a_node_replays_as_from_the_node()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        await chain.AttackAsync();
        await chain.Anvil.Node.RequestAsync("anvil_mine", Cancelled, Confirmations);
        var head = (await chain.Anvil.Node.HeadAsync(Cancelled)).Number.ToString(CultureInfo.InvariantCulture);
        var (rpc, root) = (chain.Anvil.Rpc.AbsoluteUri, site.Folder.Root);
        var (fromNode, fromFile) = (Path.Combine(root, "node.jsonl"), Path.Combine(root, "file.jsonl"));
        var blocks = Path.Combine(root, "blocks.jsonl.gz");

        string[][] commands =
        [
            ["replay", "--config", root, "--rpc", rpc, "--from", "0", "--to", head, "--findings", fromNode],
            ["record", "--rpc", rpc, "--from", "0", "--to", head, "--out", blocks],
            ["replay", "--config", root, "--blocks", blocks, "--findings", fromFile],
        ];
        foreach (var command in commands)
        {
            var ended = await Executable.RunAsync(command);
            Assert.True(ended.ExitCode == 0, $"{string.Join(' ', command)}: {ended}");
        }

        var found = await File.ReadAllTextAsync(fromNode, Cancelled);
        Assert.Contains("\"threat\":\"flash-loan-attack\"", found, StringComparison.Ordinal);
        Assert.Contains("\"status\":\"confirmed\"", found, StringComparison.Ordinal);
        Assert.Equal(found, await File.ReadAllTextAsync(fromFile, Cancelled));
    }

    private static IEnumerable<string> Recorded(Site site)
    {
        using var store = EventStore.Open(Path.Combine(site.Folder.Root, "data", "tocsin.db"));
        var findings = store.Read()
            .Select(entry => EventJson.Read(entry.Kind, entry.Payload))
            .OfType<FindingRecorded>()
            .Select(recorded => Encoding.UTF8.GetString(FindingJson.Write(recorded.Finding).Span).TrimEnd('\n'))
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        Assert.NotEmpty(findings);
        return findings;
    }

    private static async Task<bool> HasReadAsync(Site site)
    {
        var page = await site.Outside.Server.GetStringAsync(new Uri("/", UriKind.Relative), Cancelled);
        return !page.Contains("no block read yet", StringComparison.Ordinal);
    }

    private static async Task<bool> HasFoundAsync(Site site) =>
        await site.Outside.IncidentsAsync(Cancelled) is [_, ..];

    private static async Task<bool> IsConfirmedAsync(Site site)
    {
        if (await site.Outside.IncidentsAsync(Cancelled) is not [var incident, ..])
            return false;
        return (await site.IncidentAsync(incident)).GetProperty("findings").EnumerateArray().All(finding =>
            finding.GetProperty("status").GetString()!.Equals("confirmed", StringComparison.OrdinalIgnoreCase));
    }
}
