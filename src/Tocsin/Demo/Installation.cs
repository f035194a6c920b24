using Tocsin.Configuration;
using Tocsin.Demo.Providers;
using Tocsin.Evm;
using Tocsin.Hosting;
using Tocsin.Plans;
using Tocsin.Signing;

namespace Tocsin.Demo;

/// <summary>An ordinary installation that watches a local chain and knows nothing of being in a demo: its folder, the
/// signer in a process of its own, the server, and who receives its alerts.</summary>
internal sealed class Installation : IAsyncDisposable
{
    private readonly Supervised signer;
    private readonly WebApplication server;

    private Installation(
        DemoFolder folder, Plan plan, Outside outside, SignerClient client, Supervised signer, WebApplication server)
    {
        (Folder, Plan, Outside, Signer) = (folder, plan, outside, client);
        (this.signer, this.server) = (signer, server);
    }

    public DemoFolder Folder { get; }

    public Plan Plan { get; }

    public Outside Outside { get; }

    /// <summary>Leaves the folder behind for whoever wants to read it.</summary>
    public bool KeepsFolder { get; init; }

    /// <summary>Asks the signer.</summary>
    public SignerClient Signer { get; }

    /// <param name="signerKey">The key of the one pauser.</param>
    /// <param name="port">Where its pages are.</param>
    /// <param name="change">Changes what was written before anything of it is read.</param>
    /// <param name="keepsFolder">See <see cref="KeepsFolder"/>.</param>
    public static async Task<Installation> StartAsync(
        DemoChain chain, PrivateKey signerKey, int port, CancellationToken cancellationToken,
        Action<DemoFolder>? change = null, bool keepsFolder = false)
    {
        var (anvil, cast, protocol, additions) = chain;
        var folder = DemoFolder.Create();
        var phoneSecret = DemoFolder.NewWebhookSecret();
        var providers = await DemoChannels.StartAsync(phoneSecret);
        providers.Get<SlackFake>().Interactivity =
            new Uri($"http://127.0.0.1:{port}/callbacks/{DemoChannels.Slack}");
        Supervised? signer = null;
        try
        {
            folder.Write(
                anvil, protocol, cast, signerKey.Address, signerKey, providers, phoneSecret, port, additions);
            change?.Invoke(folder);
            signer = await DemoSigner.StartAsync(folder, cancellationToken);
            var configuration = TocsinConfiguration.Load(folder.Root);
            var read = Commands.PlanCommand.ReadChecked(configuration);
            var server = await TocsinHost.StartAsync(
                configuration, read, TimeProvider.System, LogLevel.Error, cancellationToken);
            var outside = new Outside(new Uri($"http://127.0.0.1:{port}"), folder, anvil, protocol, providers);
            var client = new SignerClient(configuration.Signer!.Socket);
            return new Installation(folder, read.Plan, outside, client, signer, server) { KeepsFolder = keepsFolder };
        }
        catch
        {
            if (signer is not null)
                await signer.DisposeAsync();
            await providers.DisposeAsync();
            if (!keepsFolder)
                folder.Delete();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await server.StopAsync(CancellationToken.None);
        await server.DisposeAsync();
        await Outside.Providers.DisposeAsync();
        await signer.DisposeAsync();
        if (!KeepsFolder)
            Folder.Delete();
    }
}
