using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.Evm;
using Tocsin.Evm.Safes;

namespace Tocsin.EndToEnd.Adapters;

/// <summary>The adapter for Safe: a pause that two owners sign and a third sends.</summary>
public sealed class SafeTests(AdapterChain chain) : IClassFixture<AdapterChain>
{
    private const string Artifacts = "@safe-global/safe-contracts/build/artifacts/contracts";

    private readonly PrivateKey[] signers =
        [.. new[] { PrivateKey.Generate(), PrivateKey.Generate() }.OrderBy(key => key.Address)];

    [Fact]
    public async Task Owners_pause_through_their_Safe_once()
    {
        var safe = await DeployAsync();
        var target = await chain.Deployment.DeployAsync("OwnerPausable", safe.Address);
        var pause = new Trial(chain, "openzeppelin-pausable", new() { ["target"] = target.Address });
        await pause.MayAsync("pause-by-owner", safe.Address);
        var trial = await SignAsync(safe, target.Address, target.Call("pause"), nonce: 0);

        await trial.MayNotAsync("execute", chain.Guardian);
        await chain.DoAsItselfAsync(safe, "addOwnerWithThreshold", chain.Guardian, 2);
        await trial.MayAsync("execute", chain.Guardian);
        await trial.IsReadyAsync("execute", chain.Guardian);
        await trial.WasNotDoneAsync("execute");

        Assert.True(await trial.ActAsync("execute", chain.Guardian));

        await trial.WasDoneAsync("execute");
        await pause.WasDoneAsync("pause-by-owner");
    }

    [Fact]
    public async Task A_routine_transaction_voids_what_was_signed()
    {
        var safe = await DeployAsync();
        var target = await chain.Deployment.DeployAsync("OwnerPausable", safe.Address);
        var prepared = await SignAsync(safe, target.Address, target.Call("pause"), nonce: 0);
        var routine = await SignAsync(safe, target.Address, target.Call("work"), nonce: 0);
        await prepared.IsReadyAsync("execute", chain.Guardian);

        Assert.True(await routine.ActAsync("execute", chain.Guardian));

        await prepared.IsNotReadyAsync("execute", chain.Guardian);
        Assert.False(await prepared.ActAsync("execute", chain.Guardian));
    }

    [Fact]
    public async Task A_threshold_that_was_raised_voids_what_was_signed()
    {
        var safe = await DeployAsync();
        var target = await chain.Deployment.DeployAsync("OwnerPausable", safe.Address);
        var trial = await SignAsync(safe, target.Address, target.Call("pause"), nonce: 0);

        await chain.DoAsItselfAsync(safe, "addOwnerWithThreshold", chain.Guardian, 3);

        await trial.IsNotReadyAsync("execute", chain.Guardian);
        Assert.False(await trial.ActAsync("execute", chain.Guardian));
    }

    [Fact]
    public async Task What_owners_are_asked_to_sign_is_what_the_Safe_executes()
    {
        var safe = await DeployAsync();
        var target = await chain.Deployment.DeployAsync("OwnerPausable", safe.Address);
        var data = target.Call("pause");
        var pause = new SafeTransaction(
            Anvil.Chain, safe.Address, target.Address, UInt256.Zero, data.ToValueList());
        var digest = pause.ToSign(0).Digest();
        var asked = await chain.AskAsync(
            safe, "getTransactionHash", target.Address, 0, data, 0, 0, 0, 0, Address.Zero, Address.Zero, 0);

        Assert.Equal(new Hash32((byte[])asked), digest);
        var given = signers.Select(key => new OwnerSignature(key.Address, key.Sign(digest))).Reverse().ToList();
        Assert.False(await chain.TryAsync(chain.Guardian, safe.Address, pause.Calldata(given.Take(1))));
        Assert.True(await chain.TryAsync(chain.Guardian, safe.Address, pause.Calldata(given)));
        Assert.False(await chain.TryAsync(chain.Guardian, safe.Address, pause.Calldata(given)));
    }

    private async Task<Deployed> DeployAsync()
    {
        var singleton = await chain.Deployment.DeployPackageAsync($"{Artifacts}/Safe.sol/Safe.json");
        var proxy = await chain.Deployment.DeployPackageAsync(
            $"{Artifacts}/proxies/SafeProxy.sol/SafeProxy.json", singleton.Address);
        var safe = new Deployed(proxy.Address, singleton.Abi);
        var owners = signers.Select(key => key.Address).ToArray();
        await chain.DoAsync(
            safe, "setup", owners, 2, Address.Zero, Array.Empty<byte>(), Address.Zero, Address.Zero, 0, Address.Zero);
        return safe;
    }

    private async Task<Trial> SignAsync(Deployed safe, Address target, byte[] data, ulong nonce)
    {
        var hash = await chain.AskAsync(
            safe, "getTransactionHash", target, 0, data, 0, 0, 0, 0, Address.Zero, Address.Zero, nonce);
        var digest = new Hash32((byte[])hash);
        return new Trial(chain, "safe", new()
        {
            ["safe"] = safe.Address,
            ["target"] = target,
            ["data"] = data,
            ["nonce"] = (UInt256)nonce,
            ["threshold"] = (UInt256)2UL,
            ["signatures"] = signers.SelectMany(key => Hex.Parse(key.Sign(digest).ToHex())).ToArray(),
        });
    }
}
