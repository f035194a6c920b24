using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Demo;

namespace Tocsin.EndToEnd.Adapters;

/// <summary>A local chain on which protocols are set up from the bytecode that their own teams publish.</summary>
public sealed class AdapterChain : IAsyncLifetime
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    internal Anvil Anvil { get; private set; } = null!;

    internal Toolchain Toolchain { get; private set; } = null!;

    internal Deployment Deployment { get; private set; } = null!;

    internal IReadOnlyList<Address> Accounts { get; private set; } = [];

    /// <summary>Who deploys, and first holds every power.</summary>
    internal Address Admin => Accounts[0];

    /// <summary>Who is to pause, and holds nothing at first.</summary>
    internal Address Guardian => Accounts[1];

    public async ValueTask InitializeAsync()
    {
        Toolchain = await Toolchain.PrepareAsync(_ => { }, Cancelled);
        Anvil = await Anvil.StartAsync(Toolchain, Cancelled);
        Accounts = await Anvil.AccountsAsync(Cancelled);
        Deployment = new Deployment(Anvil, Toolchain, Admin, Cancelled);
    }

    public ValueTask DisposeAsync() => Anvil.DisposeAsync();

    internal Task DoAsync(Deployed contract, string function, params object[] arguments) =>
        Deployment.SendAsync(Admin, contract, function, arguments);

    /// <returns>False where it reverts.</returns>
    internal async Task<bool> TryAsync(Address from, Address to, byte[] data)
    {
        var transaction = await Anvil.SendAsync(from, to, data, Cancelled);
        return (await Anvil.ReceiptAsync(transaction, Cancelled)).Succeeded;
    }

    internal Task<bool> TryAsync(Address from, Deployed contract, string function, params object[] arguments) =>
        TryAsync(from, contract.Address, contract.Call(function, arguments));

    internal async Task<object> AskAsync(Deployed contract, string function, params object[] arguments) =>
        contract.Abi.Function(function).DecodeResult(
            await ReadAsync(contract.Address, contract.Call(function, arguments)))[0];

    internal Task<byte[]> ReadAsync(Address contract, byte[] data) =>
        Anvil.Node.CallAsync(null, contract, data, UInt256.Zero, null, Cancelled);

    /// <summary>The time of the newest block, in Unix seconds.</summary>
    internal async Task<ulong> NowAsync()
    {
        var block = await Anvil.Node.RequestAsync("eth_getBlockByNumber", Cancelled, "latest", false);
        return Convert.ToUInt64(block.GetProperty("timestamp").GetString(), 16);
    }

    internal async Task LetPassAsync(TimeSpan time)
    {
        var then = await NowAsync() + (ulong)time.TotalSeconds;
        await Anvil.Node.RequestAsync("evm_setNextBlockTimestamp", Cancelled, then);
        await Anvil.Node.RequestAsync("evm_mine", Cancelled);
    }

    /// <summary>What only the contract itself may do.</summary>
    internal async Task DoAsItselfAsync(Deployed contract, string function, params object[] arguments)
    {
        await Anvil.GiveEtherAsync(contract.Address, Cancelled);
        await Anvil.Node.RequestAsync("anvil_impersonateAccount", Cancelled, contract.Address);
        await Deployment.SendAsync(contract.Address, contract, function, arguments);
    }

    /// <summary>
    /// The compiled contract of a package with the libraries that it links to deployed and written into it
    /// (<c>linkReferences</c> of Hardhat's artifacts).
    /// </summary>
    /// <param name="root">The folder of artifacts within <c>node_modules</c>.</param>
    /// <param name="contract">Its source and name, as <c>contracts/A.sol/A</c>.</param>
    internal async Task<Artifact> LinkAsync(string root, string contract, Dictionary<string, Address> libraries)
    {
        var path = Path.Combine(Toolchain.Root, "node_modules", root, contract + ".json");
        Assert.True(File.Exists(path), $"{path} is missing: 'npm install' fetches it");
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(path, Cancelled));
        var code = json.RootElement.GetProperty("bytecode").GetString()!.ToCharArray();
        foreach (var source in json.RootElement.GetProperty("linkReferences").EnumerateObject())
        {
            foreach (var library in source.Value.EnumerateObject())
            {
                if (!libraries.TryGetValue(library.Name, out var address))
                {
                    var linked = await LinkAsync(root, $"{source.Name}/{library.Name}", libraries);
                    address = libraries[library.Name] = (await Deployment.CreateAsync(Admin, linked)).Address;
                }
                foreach (var place in library.Value.EnumerateArray())
                    address.ToString().ToLowerInvariant()[2..].CopyTo(
                        code.AsSpan(2 + (2 * place.GetProperty("start").GetInt32())));
            }
        }
        var abi = json.RootElement.GetProperty("abi").GetRawText();
        return new Artifact(Evm.Abi.ContractAbi.Parse(abi), Hex.Parse(new string(code)));
    }
}
