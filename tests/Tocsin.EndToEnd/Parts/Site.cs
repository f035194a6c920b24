using System.Globalization;
using System.Text.Json;
using Tocsin.Demo;
using Tocsin.Demo.Providers;
using Tocsin.Signing;

namespace Tocsin.EndToEnd.Parts;

/// <summary>
/// One installation as it runs in production: server and signer are processes of their own. What passes between them,
/// the node and the receivers goes over relays of the test, which can hold a message.
/// </summary>
internal sealed class Site : IAsyncDisposable
{
    private readonly ProtectedChain chain;
    private readonly ProviderServer providers;
    private Supervised? server;
    private Supervised? signer;

    private Site(ProtectedChain chain, ProviderServer providers, HttpRelay rpc, HttpRelay alerts, DemoFolder folder)
    {
        (this.chain, this.providers, Rpc, Alerts, Folder) = (chain, providers, rpc, alerts, folder);
        SignerSocket =
            new SocketRelay(
                Path.Combine(folder.Root, "relay.sock"), Path.Combine(folder.Root, "signer", "signer.sock"));
    }

    public HttpRelay Rpc { get; }

    public HttpRelay Alerts { get; }

    public SocketRelay SignerSocket { get; }

    public DemoFolder Folder { get; }

    public int Port { get; private init; }

    public Outside Outside { get; private init; } = null!;

    public IReadOnlyList<Arrival> Received => providers.Arrivals;

    /// <summary>What server and signer said last.</summary>
    public string Output => string.Join(
        Environment.NewLine, "--- server:", server?.Output, "--- signer:", signer?.Output);

    /// <summary>An installation that is written, with nothing running yet but the world around it.</summary>
    public static async Task<Site> CreateAsync(ProtectedChain chain, int quietBlocks = 1)
    {
        var secret = DemoFolder.NewWebhookSecret();
        var providers = await DemoChannels.StartAsync(secret);
        var port = FreePort();
        var folder = DemoFolder.Create();
        var rpc = await HttpRelay.StartAsync(chain.Anvil.Rpc);
        var alerts = await HttpRelay.StartAsync(providers.Address);
        folder.Write(
            chain.Anvil, chain.Protocol, chain.Cast, chain.SignerKey.Address, chain.SignerKey, providers, secret, port,
            chain.Additions);
        var site = new Site(chain, providers, rpc, alerts, folder)
        {
            Port = port,
            Outside = new Outside(new Uri($"http://127.0.0.1:{port}"), folder, chain.Anvil, chain.Protocol, providers),
        };
        site.Change(
            "tocsin.yaml",
            ("quiet_blocks: 3", string.Create(CultureInfo.InvariantCulture, $"quiet_blocks: {quietBlocks}")),
            ($"rpc: {chain.Anvil.Rpc.AbsoluteUri}", $"rpc: {rpc.Address}"),
            (providers.Address.GetLeftPart(UriPartial.Authority), alerts.Address.GetLeftPart(UriPartial.Authority)),
            ("socket: signer/signer.sock", "socket: relay.sock"));
        return site;
    }

    public async Task StartServerAsync()
    {
        var (program, first) = DemoSigner.OurProgram();
        (server, _) = await Supervised.StartAsync(
            program, [.. first, "serve", "--config", Folder.Root], "the war room is on", null,
                TestContext.Current.CancellationToken);
    }

    public async Task StartSignerAsync() =>
        signer = await DemoSigner.StartAsync(Folder, TestContext.Current.CancellationToken);

    /// <summary>kill -9.</summary>
    public async Task KillServerAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
        server = null;
    }

    /// <summary>kill -9.</summary>
    public async Task KillSignerAsync()
    {
        if (signer is not null)
            await signer.DisposeAsync();
        signer = null;
    }

    /// <summary>Replaces texts in a file of the installation; each must be there.</summary>
    public void Change(string file, params ReadOnlySpan<(string Old, string New)> changes)
    {
        var path = Path.Combine(Folder.Root, file);
        var text = File.ReadAllText(path);
        foreach (var (old, now) in changes)
        {
            Assert.Contains(old, text, StringComparison.Ordinal);
            text = text.Replace(old, now, StringComparison.Ordinal);
        }
        File.WriteAllText(path, text);
    }

    /// <summary>Keeps the log in PostgreSQL.</summary>
    /// <param name="address">Its connection string.</param>
    public void UseDatabase(string address)
    {
        var secret = Path.Combine(Folder.Root, "database.secret");
        File.WriteAllText(secret, address);
        File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Change("tocsin.yaml", ("data: data", "data: data\ndatabase: file:database.secret"));
    }

    public Task UntilAsync(string what, Func<Task<bool>> isTrue) => Wait.UntilAsync(what, isTrue, () => Output);

    public Task<JsonElement> IncidentAsync(string incident) =>
        Outside.IncidentAsync(incident, TestContext.Current.CancellationToken);

    /// <summary>The kinds of everything that the log says of an incident, in order.</summary>
    public async Task<IReadOnlyList<string>> KindsAsync(string incident) =>
        [.. (await Outside.TimelineAsync(incident, TestContext.Current.CancellationToken)).EnumerateArray()
            .Select(line => line.GetProperty("kind").GetString()!)];

    public async Task<int> CountAsync(string incident, string kind) =>
        (await KindsAsync(incident)).Count(known => known == kind);

    /// <summary>How many signatures the signer's journal holds, as the signer says.</summary>
    public async Task<int> SignaturesAsync() =>
        (await new SignerClient(SignerSocket.Path)
            .AskAsync(
            new SignerRequest(Status: new StatusRequest()), TestContext.Current.CancellationToken)).Status!.Entries;

    public async ValueTask DisposeAsync()
    {
        Rpc.Hold?.Release(lost: true);
        Alerts.Hold?.Release(lost: true);
        await KillServerAsync();
        await KillSignerAsync();
        await SignerSocket.DisposeAsync();
        await Rpc.DisposeAsync();
        await Alerts.DisposeAsync();
        await providers.DisposeAsync();
        Outside.Server.Dispose();
        Directory.Delete(Folder.Root, recursive: true);
    }

    public static int FreePort() => DemoCommand.FreePort();
}
