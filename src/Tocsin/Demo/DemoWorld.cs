using System.Collections.Concurrent;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Texts;

namespace Tocsin.Demo;

/// <summary>A transaction of an attack.</summary>
/// <param name="Takes">True where it takes something if it succeeds; otherwise it prepares or cleans up.</param>
internal sealed record Blow(Hash32 Transaction, bool Takes);

/// <summary>What a scenario plays with: the chain, the protocol and the people on it. It remembers the blows, so that
/// they can be looked for afterwards.</summary>
internal sealed class DemoWorld(Anvil anvil, Protocol protocol, Cast cast)
{
    private readonly ConcurrentQueue<Blow> blows = new();

    /// <summary>False where what would hold the attack back was taken away, to see what it does then.</summary>
    public bool IsLimited { get; init; } = true;

    public Anvil Anvil => anvil;

    public Protocol Protocol => protocol;

    public Cast Cast => cast;

    /// <summary>The attack's transactions so far, in the order in which they were sent.</summary>
    public IReadOnlyList<Blow> Blows => [.. blows];

    /// <summary>Sends what is no attack, without waiting for it.</summary>
    public Task<Hash32> SendAsync(
        Address from, Deployed contract, byte[] data, CancellationToken cancellationToken) =>
        anvil.SendAsync(from, contract.Address, data, cancellationToken);

    /// <summary>Waits until all of these are in blocks.</summary>
    /// <exception cref="InputException">One of them reverted.</exception>
    public async Task SucceedAsync(CancellationToken cancellationToken, params IEnumerable<Hash32> transactions)
    {
        foreach (var transaction in transactions)
        {
            if (!(await anvil.ReceiptAsync(transaction, cancellationToken)).Succeeded)
                throw new InputException($"the demo cannot go on: {transaction} reverted");
        }
    }

    /// <summary>Sends a transaction of the attack, without waiting for it.</summary>
    public async Task<Hash32> StrikeAsync(
        Address from, Deployed contract, byte[] data, bool takes, CancellationToken cancellationToken)
    {
        var transaction = await SendAsync(from, contract, data, cancellationToken);
        blows.Enqueue(new Blow(transaction, takes));
        return transaction;
    }

    /// <summary>Whether a call would succeed now: attackers look before they spend gas.</summary>
    public async Task<bool> WouldSucceedAsync(
        Address from, Deployed contract, byte[] data, CancellationToken cancellationToken)
    {
        try
        {
            await anvil.Node.CallAsync(from, contract.Address, data, UInt256.Zero, null, cancellationToken);
            return true;
        }
        catch (NodeException e) when (e.IsRevert)
        {
            return false;
        }
    }
}
