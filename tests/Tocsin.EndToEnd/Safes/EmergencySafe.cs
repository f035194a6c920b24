using System.Net.Http.Json;
using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.Deployments;
using Tocsin.EndToEnd.Parts;
using Tocsin.Evm;
using Tocsin.Evm.Eip712;
using Tocsin.Evm.Safes;

namespace Tocsin.EndToEnd.Safes;

/// <summary>
/// A Safe of the bytecode that its team publishes, with the pauser's role; two of three owners sign for it.
/// </summary>
internal sealed class EmergencySafe
{
    private const string Artifacts = "@safe-global/safe-contracts/build/artifacts/contracts";

    private readonly ProtectedChain chain;
    private readonly Deployment deployment;

    private EmergencySafe(ProtectedChain chain, Deployment deployment, Deployed safe) =>
        (this.chain, this.deployment, Contract) = (chain, deployment, safe);

    /// <summary>One owner also approves decisions.</summary>
    public IReadOnlyList<PrivateKey> Owners { get; } = [PrivateKey.Generate(), Officers.Chief, PrivateKey.Generate()];

    public Deployed Contract { get; private init; }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<EmergencySafe> DeployAsync(ProtectedChain chain)
    {
        var toolchain = await Toolchain.PrepareAsync(_ => { }, Cancelled);
        var deployment = new Deployment(chain.Anvil, toolchain, chain.Cast.Users[0], Cancelled);
        var singleton = await deployment.DeployPackageAsync($"{Artifacts}/Safe.sol/Safe.json");
        var proxy = await deployment.DeployPackageAsync(
            $"{Artifacts}/proxies/SafeProxy.sol/SafeProxy.json", singleton.Address);
        var safe = new EmergencySafe(chain, deployment, new Deployed(proxy.Address, singleton.Abi));
        await deployment.SendAsync(
            chain.Cast.Users[0], safe.Contract, "setup", safe.Owners.Select(key => key.Address).ToArray(), 2,
            Address.Zero, Array.Empty<byte>(), Address.Zero, Address.Zero, 0, Address.Zero);
        var controls = chain.Protocol.Controls;
        await deployment.SendAsync(
            chain.Cast.Governance, controls, "offerRole", safe.Contract.Address, (ulong)Role.Pauser);
        await safe.AsItselfAsync(controls, "acceptRole", (ulong)Role.Pauser);
        return safe;
    }

    /// <summary>An installation whose pause goes through this Safe.</summary>
    public async Task<Site> CreateSiteAsync()
    {
        var site = await Site.CreateAsync(chain);
        var address = ChecksumAddress.Format(Contract.Address);
        var plan = await File.ReadAllTextAsync(Path.Combine(site.Folder.Root, "plan", "plan.yaml"), Cancelled);
        var begin = plan.IndexOf("    calls:\n", StringComparison.Ordinal);
        var end = plan.IndexOf("  # Prepared for people", StringComparison.Ordinal);
        var calls = plan[begin..end];
        site.Change(
            "plan/plan.yaml",
            ("    brake: ", $"    emergency-safe: \"{address}\"\n    brake: "),
            (calls, "    safe:\n      safe: emergency-safe\n      threshold: 2\n      owners: "
                + $"[{string.Join(", ", Owners.Select(key => $"\"{ChecksumAddress.Format(key.Address)}\""))}]\n"
                + string.Join('\n', calls.TrimEnd().Split('\n').Select(line => "  " + line)) + "\n"));
        site.Change("signer/signer.yaml", ("    required:\n", $"    through: \"{address}\"\n    required:\n"));
        return site;
    }

    /// <summary>What only the Safe itself may do.</summary>
    public async Task AsItselfAsync(Deployed target, string function, params object[] arguments)
    {
        await chain.Anvil.GiveEtherAsync(Contract.Address, Cancelled);
        await chain.Anvil.Node.RequestAsync("anvil_impersonateAccount", Cancelled, Contract.Address);
        await deployment.SendAsync(Contract.Address, target, function, arguments);
    }

    public Task SwapAsync(Address owner, Address other)
    {
        var at = Owners.ToList().FindIndex(key => key.Address == owner || key.Address == other);
        var before = at == 0 ? new Address([.. new byte[19], 1]) : Owners[at - 1].Address;
        return AsItselfAsync(Contract, "swapOwner", before, owner, other);
    }

    /// <summary>A transaction of every day, which two owners sign.</summary>
    public async Task DoRoutineAsync()
    {
        var routine = new SafeTransaction(
            Anvil.Chain, Contract.Address, chain.Cast.Users[1], UInt256.Zero, []);
        var hash = routine.ToSign((await NonceAsync()).ToUInt64()).Digest();
        var sent = await chain.Anvil.SendAsync(
            chain.Cast.Users[0], Contract.Address,
            routine.Calldata(Owners.Take(2).Select(key => new OwnerSignature(key.Address, key.Sign(hash)))), Cancelled);
        Assert.True(await chain.HasSucceededAsync(sent));
    }

    public async Task<UInt256> NonceAsync() => (UInt256)Contract.Abi.Function("nonce").DecodeResult(
        await chain.Anvil.Node.CallAsync(
            null, Contract.Address, Contract.Call("nonce"), UInt256.Zero, null, Cancelled))[0];

    /// <summary>Does what an owner would do: fetches what is to be signed, and hands it in signed.</summary>
    /// <param name="call">From 1, as the page counts.</param>
    /// <param name="isMessage">True for a wallet that signs the hash as a message.</param>
    /// <returns>What the server answered.</returns>
    public static async Task<string> SignAsync(Site site, int call, PrivateKey owner, bool isMessage = false)
    {
        var path = $"/api/incidents/INC-1/calls/{call}";
        var text = await site.Outside.Server.GetStringAsync(new Uri($"{path}/safe", UriKind.Relative), Cancelled);
        var hash = TypedData.Parse(text).Digest();
        var signature = owner.Sign(isMessage ? OwnerSignature.AsMessage(hash) : hash).ToHex();
        using var response = await site.Outside.Server.PostAsJsonAsync(
            new Uri($"{path}/signatures", UriKind.Relative), new { signature }, Cancelled);
        return await response.Content.ReadAsStringAsync(Cancelled);
    }

    /// <summary>For which nonce the owners are asked to sign a call; null where they are not.</summary>
    public static async Task<ulong?> AskedAsync(Site site, int call) =>
        (await site.IncidentAsync("INC-1")).TryGetProperty("decision", out var decision)
        && decision.GetProperty("calls")[call - 1].TryGetProperty("consent", out var consent)
        && consent.ValueKind == JsonValueKind.Object
            ? consent.GetProperty("nonce").GetUInt64()
            : null;
}
