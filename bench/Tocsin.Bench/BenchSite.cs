using System.Globalization;
using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.Evm;
using Tocsin.Texts;

namespace Tocsin.Bench;

/// <summary>An installation without a signer in a folder of its own: the demonstration's plan, one chain.</summary>
internal sealed class BenchSite : IDisposable
{
    private BenchSite(string folder) => Folder = folder;

    public string Folder { get; }

    /// <param name="alerts">Where alerts go.</param>
    public static BenchSite Create(ChainId chain, ReplayNode node, Uri alerts)
    {
        var folder = Directory.CreateTempSubdirectory("tocsin-bench-").FullName;
        Templates.Write("demo", folder, new Dictionary<string, string>
        {
            ["controls"] = ChecksumAddress.Format(Attack.Controls),
            ["dollar"] = ChecksumAddress.Format(Attack.Dollar),
            ["reserve"] = ChecksumAddress.Format(Attack.Reserve),
            ["gem"] = ChecksumAddress.Format(Attack.Gem),
            ["pair"] = ChecksumAddress.Format(Attack.Pair),
            ["market"] = ChecksumAddress.Format(Attack.Market),
            ["vault"] = ChecksumAddress.Format(Attack.Vault),
            ["chief"] = ChecksumAddress.Format(Attack.Chief),
            ["security"] = ChecksumAddress.Format(Attack.Security),
        });
        var plan = Path.Combine(folder, "plan", "plan.yaml");
        File.WriteAllText(plan, File.ReadAllText(plan).Replace(
            "id: 31337", $"id: {chain}", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(folder, "tocsin.yaml"), string.Create(CultureInfo.InvariantCulture, $"""
            listen: http://127.0.0.1:{DemoCommand.FreePort()}
            data: data
            plan: plan
            chain:
              id: {chain}
              rpc: {node.Rpc}
              ws: {node.WebSocket}
            channels:
              war-room:
                kind: slack-webhook
                url: {new Uri(alerts, "chat")}
              chief-phone:
                kind: json-webhook
                url: {new Uri(alerts, "phone")}
            """));
        return new BenchSite(folder);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
