using Tocsin.Chains;
using Tocsin.Demo;

namespace Tocsin.EndToEnd.Nodes;

/// <summary>An Anvil with a contract that writes two logs at each call, alike but for their data.</summary>
public sealed class LoggingChain : IAsyncLifetime
{
    // Creation, then: 2a to memory, LOG1 of the word with topic 7, 2b to memory, LOG1 of the word with topic 7.
    private const string Code =
        "0x6019600c60003960196000f3" + "602a600052" + "600760206000a1" + "602b600052" + "600760206000a1" + "00";

    internal Anvil Anvil { get; private set; } = null!;

    /// <summary>A block with one transaction and its two logs.</summary>
    internal BlockRef Logged { get; private set; }

    public async ValueTask InitializeAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        Anvil = await Anvil.StartAsync(await Toolchain.PrepareAsync(_ => { }, cancellationToken), cancellationToken);
        var sender = (await Anvil.AccountsAsync(cancellationToken))[0];
        var created = await Anvil.ReceiptAsync(
            await Anvil.SendAsync(sender, null, Hex.Parse(Code), cancellationToken), cancellationToken);
        await MineAsync(20);
        var logged = await Anvil.ReceiptAsync(
            await Anvil.SendAsync(sender, created.ContractCreated, [], cancellationToken), cancellationToken);
        Assert.Equal(2, logged.Logs.Length);
        Logged = logged.Block;
        await MineAsync(20);
    }

    /// <summary>So many empty blocks, twelve seconds apart.</summary>
    internal Task MineAsync(int blocks) =>
        Anvil.Node.RequestAsync("anvil_mine", TestContext.Current.CancellationToken, (long)blocks, 12L);

    public ValueTask DisposeAsync() => Anvil.DisposeAsync();
}
