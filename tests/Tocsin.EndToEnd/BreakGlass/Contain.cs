using System.Diagnostics;
using Tocsin.BreakGlass;
using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.EndToEnd.Parts;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Signing;

namespace Tocsin.EndToEnd.BreakGlass;

/// <summary>The real command as people use it, and what must hold after it.</summary>
internal static class Contain
{
    public const string Action = "pause-protocol";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static string Journal(Site site) => Path.Combine(site.Folder.Root, $"contain-{Action}.journal");

    public static string TypedData(string journal) => journal[..^".journal".Length] + ".typed-data.json";

    /// <summary>What the officers sign is what the command wrote for them.</summary>
    public static string[] Signatures(string typedData)
    {
        var typed = Tocsin.Evm.Eip712.TypedData.Parse(File.ReadAllText(typedData));
        return [.. new[] { Officers.Chief, Officers.Security }.Select(one => one.Sign(typed.Digest()).ToHex())];
    }

    public static string[] ByConfig(Site site, params string[] more) =>
        ["contain", Action, "--config", site.Folder.Root, .. more];

    /// <summary>With nothing of the installation: a bundle, the node itself and the signer itself.</summary>
    public static string[] ByBundle(
        Site site, ProtectedChain chain, string bundle, string journal, params string[] more) =>
        [
            "contain", Action, "--bundle", bundle, "--rpc", chain.Anvil.Rpc.AbsoluteUri, "--signer", RealSocket(site),
            "--journal", journal, .. more,
        ];

    /// <summary>The signer's own, past every relay.</summary>
    public static string RealSocket(Site site) => Path.Combine(site.Folder.Root, "signer", "signer.sock");

    public static Process Start(params string[] arguments)
    {
        var process = Executable.Create(new Dictionary<string, string?>(), arguments);
        process.Start();
        return process;
    }

    public static async Task<Ended> RunAsync(IReadOnlyList<string> pasted, params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync(Cancelled);
        var errors = process.StandardError.ReadToEndAsync(Cancelled);
        foreach (var line in pasted)
            await process.StandardInput.WriteLineAsync(line);
        process.StandardInput.Close();
        await process.WaitForExitAsync(Cancelled);
        return new Ended(process.ExitCode, await output, await errors);
    }

    public static async Task<string> WriteBundleAsync(Site site, string name, params string[] more)
    {
        var path = Path.Combine(site.Folder.Root, name);
        var written = await Executable.RunAsync(
            ["contain", "bundle", "--config", site.Folder.Root, "--out", path, .. more]);
        Assert.True(written.ExitCode == 0, written.Output + written.Errors);
        return path;
    }

    public static async Task ImportAsync(Site site, string journal, string says)
    {
        var import = await Executable.RunAsync("incident", "import", journal, "--config", site.Folder.Root);
        Assert.True(import.ExitCode == 0, import.Output + import.Errors);
        Assert.StartsWith(says, import.Output, StringComparison.Ordinal);
    }

    /// <summary>The decision and the bytes of each call, as a journal has them.</summary>
    public static (Hash32 Decision, IReadOnlyList<string> Raw) SignedIn(string journal)
    {
        var events = ReadJournal.Open(journal).Lines.SelectMany(line => line.Events).ToList();
        return (
            events.OfType<IncidentEvent.DecisionProposed>().Last().Decision.Id,
            [.. events.OfType<IncidentEvent.CallSigned>().OrderBy(signed => signed.Call).Select(signed => signed.Raw)]);
    }

    /// <summary>The same, as the server's log has them.</summary>
    public static (Hash32 Decision, IReadOnlyList<string> Raw) SignedAtServer(Site site)
    {
        using var log = site.Outside.CopyLog();
        var signed = log.Store.Read().Where(entry => entry.Kind == "call-signed.1")
            .Select(entry => (IncidentEvent.CallSigned)EventJson.Read(entry.Kind, entry.Payload))
            .OrderBy(one => one.Call).ToList();
        return (Assert.Single(signed.Select(one => one.Decision).Distinct()), [.. signed.Select(one => one.Raw)]);
    }

    /// <summary>Each call is in the chain once, and nothing else of the account is.</summary>
    public static async Task PausedOnceAsync(Site site, ProtectedChain chain)
    {
        Assert.True(await site.Outside.IsPausedOnChainAsync("market", Cancelled));
        Assert.True(await site.Outside.IsPausedOnChainAsync("vault", Cancelled));
        Assert.Equal(2UL, await chain.Anvil.Node.NonceAsync(chain.SignerKey.Address, "latest", Cancelled));
        Assert.Equal(2, (await new SignerClient(RealSocket(site)).AskAsync(
            new SignerRequest(Status: new StatusRequest()), Cancelled)).Status!.Entries);
        var included = new List<(string Data, bool Succeeded)>();
        var head = (await chain.Anvil.Node.HeadAsync(Cancelled)).Number;
        for (var number = chain.Protocol.DeployedAt; number <= head; number++)
        {
            var block = await chain.Anvil.Node.BlockAsync(number, Cancelled);
            included.AddRange(block!.Transactions.ToArray().Where(sent => sent.From == chain.SignerKey.Address)
                .Select(sent => (Hex.Format(sent.Input.ToArray()), sent.Succeeded)));
        }
        Assert.Equal(2, included.Count);
        Assert.Equal(2, included.Select(sent => sent.Data).Distinct().Count());
        Assert.All(included, sent => Assert.True(sent.Succeeded));
    }
}
