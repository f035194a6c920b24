using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Texts;

namespace Tocsin.Demo;

/// <summary>A deployed contract and what it understands.</summary>
internal sealed record Deployed(Address Address, ContractAbi Abi)
{
    public byte[] Call(string function, params ReadOnlySpan<object> arguments) =>
        Abi.Function(function).Encode(arguments);
}

/// <summary>
/// Sets contracts up, one confirmed transaction after the other. The chain must mine at once meanwhile.
/// </summary>
/// <param name="deployer">Who deploys where nobody else is named.</param>
internal sealed class Deployment(
    Anvil anvil, Toolchain toolchain, Address deployer, CancellationToken cancellationToken)
{
    /// <summary>Deploys a contract of ours by its name.</summary>
    public Task<Deployed> DeployAsync(string contract, params object[] arguments) =>
        DeployAsync(deployer, contract, arguments);

    /// <inheritdoc cref="DeployAsync(string, object[])"/>
    public Task<Deployed> DeployAsync(Address from, string contract, params object[] arguments) =>
        CreateAsync(from, Artifact.OfTocsin(toolchain, contract), arguments);

    /// <summary>Deploys what a package holds in compiled form.</summary>
    public Task<Deployed> DeployPackageAsync(string path, params object[] arguments) =>
        CreateAsync(deployer, Artifact.OfPackage(toolchain, path), arguments);

    public async Task<Deployed> CreateAsync(Address from, Artifact artifact, params object[] arguments)
    {
        var nonce = await anvil.Node.NonceAsync(from, "latest", cancellationToken);
        await ConfirmAsync(
            await anvil.SendAsync(from, null, artifact.Create(arguments), cancellationToken), "deployment");
        return new Deployed(ContractAddress.Create(from, nonce), artifact.Abi);
    }

    public async Task SendAsync(Address from, Deployed contract, string function, params object[] arguments) =>
        await ConfirmAsync(
            await anvil.SendAsync(from, contract.Address, contract.Call(function, arguments), cancellationToken),
            function);

    /// <summary>Makes dollars the only way there is: through the vault.</summary>
    public async Task GiveDollarsAsync(Protocol protocol, Address account, decimal amount)
    {
        await SendAsync(deployer, protocol.Reserve, "mint", account, Protocol.Reserves(amount));
        await AllowAsync(account, protocol.Reserve, protocol.Vault);
        await SendAsync(account, protocol.Vault, "mint", Protocol.Reserves(amount));
    }

    /// <summary>Bounds what of an asset may leave a contract directly, and opens the queue for the rest.</summary>
    public async Task LimitAsync(
        Protocol protocol, Deployed holder, Address asset, OutflowRule rule,
        int decimals = Protocol.DollarDecimals)
    {
        var (limits, queue) = (protocol.Brake.Limits, protocol.Brake.Queue);
        await SendAsync(deployer, limits, "setRule", holder.Address, asset, rule.ToTuple(decimals), Hash32.Zero);
        await SendAsync(deployer, queue, "setRule", holder.Address, asset, rule.ToLine(decimals), Hash32.Zero);
    }

    /// <summary>Lets <paramref name="spender"/> take as much of the account's tokens as it likes.</summary>
    public Task AllowAsync(Address account, Deployed token, Deployed spender) =>
        SendAsync(account, token, "approve", spender.Address, UInt256.MaxValue);

    private async Task ConfirmAsync(Hash32 transaction, string what)
    {
        if (!(await anvil.ReceiptAsync(transaction, cancellationToken)).Succeeded)
            throw new InputException($"the demo's protocol could not be set up: {what} reverted in {transaction}");
    }
}
