using Tocsin.Chains;

namespace Tocsin.Demo;

/// <summary>
/// Ordinary users, before, during and after the attack: they swap, mint, redeem, borrow a little, repay and claim. The
/// same seed gives the same traffic.
/// </summary>
internal sealed class Traffic(Anvil anvil, Protocol protocol, Cast cast, int seed)
{
    private readonly Random random = new(seed);
    private readonly List<(Hash32 Transaction, string What)> sent = [];

    /// <summary>What was sent so far, in order.</summary>
    public IReadOnlyList<(Hash32 Transaction, string What)> Sent => sent;

    /// <summary>A few transactions of a few users; some revert while the protocol is paused, as they would.</summary>
    public async Task StepAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 3; i++)
        {
            var user = cast.Users[random.Next(cast.Users.Count)];
            var (what, contract, data) = Next(user);
            sent.Add((await anvil.SendAsync(user, contract.Address, data, cancellationToken), what));
        }
    }

    private (string What, Deployed Contract, byte[] Data) Next(Address user) => random.Next(7) switch
    {
        0 => (
            "swap", protocol.Router,
            protocol.Swap(protocol.Dollar, protocol.Gem, Protocol.Dollars(random.Next(200, 2_000)), user)),
        1 => (
            "swap", protocol.Router,
            protocol.Swap(protocol.Gem, protocol.Dollar, Protocol.Gems(random.Next(20, 200)), user)),
        2 => ("mint", protocol.Vault, protocol.Vault.Call("mint", Protocol.Reserves(random.Next(100, 1_000)))),
        3 => ("redeem", protocol.Vault, protocol.Vault.Call("redeem", Protocol.Dollars(random.Next(100, 1_000)))),
        4 => ("repay", protocol.Market, protocol.Market.Call("repay", Protocol.Dollars(random.Next(1, 50)))),
        5 => (
            "add collateral", protocol.Market,
            protocol.Market.Call("addCollateral", Protocol.Gems(random.Next(1, 20)))),
        _ => ("claim", protocol.Market, protocol.Market.Call("claim")),
    };
}
