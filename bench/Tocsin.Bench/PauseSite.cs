using Tocsin.Demo;
using Tocsin.Demo.Providers;
using Tocsin.Evm;

namespace Tocsin.Bench;

/// <summary>
/// An installation that can act: a local chain with the demonstration's protocol and its real brake, and the signer as
/// a process of its own.
/// </summary>
internal sealed class PauseSite : IAsyncDisposable
{
    private readonly Anvil anvil;
    private readonly ProviderServer providers;
    private readonly DemoFolder folder;
    private readonly Supervised signer;

    private PauseSite(Anvil anvil, Protocol protocol, ProviderServer providers, DemoFolder folder, Supervised signer) =>
        (this.anvil, Protocol, this.providers, this.folder, this.signer) = (anvil, protocol, providers, folder, signer);

    public string Folder => folder.Root;

    public string SignerSocket => Path.Combine(Path.GetDirectoryName(folder.SignerPolicy)!, "signer.sock");

    public Anvil Anvil => anvil;

    public Protocol Protocol { get; }

    public static async Task<PauseSite> StartAsync(CancellationToken cancellationToken)
    {
        var toolchain = await Toolchain.PrepareAsync(_ => { }, cancellationToken);
        var anvil = await Anvil.StartAsync(toolchain, cancellationToken);
        var accounts = await anvil.AccountsAsync(cancellationToken);
        var cast = new Cast(
            accounts[0], accounts[1], accounts[^1], accounts[2], accounts[3], accounts[4], accounts[5],
            [.. accounts.Skip(6).Take(5)]);
        var key = PrivateKey.Generate();
        await anvil.GiveEtherAsync(key.Address, cancellationToken);
        var protocol = await new ProtocolDeployment(anvil, toolchain, cast, key.Address, cancellationToken).RunAsync();
        await anvil.ReachPresentAsync(cancellationToken);
        var secret = DemoFolder.NewWebhookSecret();
        var providers = await DemoChannels.StartAsync(secret);
        var folder = DemoFolder.Create();
        folder.Write(anvil, protocol, cast, key.Address, key, providers, secret, DemoCommand.FreePort());
        Change(Path.Combine(folder.Root, "tocsin.yaml"), "confirmations: 12", "confirmations: 1");
        Change(Path.Combine(folder.Root, "tocsin.yaml"), "quiet_blocks: 3", "quiet_blocks: 1");
        Change(
            folder.SignerPolicy, "journal: signer.journal", "journal: signer.journal\nsignatures_per_day: 100000");
        var signer = await DemoSigner.StartAsync(folder, cancellationToken);
        return new PauseSite(anvil, protocol, providers, folder, signer);
    }

    public async ValueTask DisposeAsync()
    {
        await signer.DisposeAsync();
        await providers.DisposeAsync();
        await anvil.DisposeAsync();
        Directory.Delete(folder.Root, recursive: true);
    }

    private static void Change(string file, string old, string now)
    {
        var text = File.ReadAllText(file);
        if (!text.Contains(old, StringComparison.Ordinal))
            throw new InvalidOperationException($"{file} has no '{old}'");
        File.WriteAllText(file, text.Replace(old, now, StringComparison.Ordinal));
    }
}
