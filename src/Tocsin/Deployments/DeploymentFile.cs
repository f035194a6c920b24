using Tocsin.Chains;

namespace Tocsin.Deployments;

/// <summary>What <c>contracts/script/Deploy.s.sol</c> writes down of a deployment, and people complete.</summary>
/// <param name="DeployedAt">A block before the first of its transactions; 0 where nobody knows.</param>
/// <param name="Peg">Null where there is no pegged coin.</param>
internal sealed record DeploymentFile(
    ChainId Chain,
    ulong DeployedAt,
    Address Controls,
    Address Limits,
    Address Queue,
    Address? Peg,
    Address Migrations,
    Address? Compensation,
    Address? Registry,
    ValueList<Holder> Holders)
{
    /// <summary>The contracts of the brake by their names.</summary>
    public IEnumerable<(string Name, Address Address)> Hubs
    {
        get
        {
            (string, Address?)[] all =
            [
                ("controls", Controls), ("limits", Limits), ("queue", Queue), ("peg", Peg), ("migrations", Migrations),
                ("compensation", Compensation), ("registry", Registry),
            ];
            foreach (var (name, address) in all)
            {
                if (address is { } known)
                    yield return (name, known);
            }
        }
    }
}

/// <summary>A contract that inherits the gate and holds value.</summary>
/// <param name="Abi">The functions that change state, where an artifact is given.</param>
/// <param name="Exempt">Signatures of functions that move no value.</param>
internal sealed record Holder(
    string Name,
    Address Address,
    ValueList<HeldAsset> Assets,
    ValueList<GatedCall> Gated,
    ValueList<string> Exempt,
    ValueList<string>? Abi);

/// <param name="IsMinted">The holder makes it; what it holds says nothing of the limit.</param>
internal sealed record HeldAsset(Address Address, bool IsMinted);

/// <summary>A function that moves value, and a call of it that would succeed if nothing were paused.</summary>
/// <param name="From">Who can make that call; null for the zero address.</param>
/// <param name="Overrides">What the call needs of the state and the chain does not have (an allowance, say).</param>
internal sealed record GatedCall(
    string Signature,
    Direction Direction,
    Hash32 Module,
    byte[] Calldata,
    Address? From,
    ValueList<SlotValue> Overrides);

/// <summary>A storage slot as a call shall see it.</summary>
internal sealed record SlotValue(Address Contract, Hash32 Slot, Hash32 Value);
