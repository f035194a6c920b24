using System.Collections.Frozen;
using Tocsin.Chains;
using Tocsin.Evm;

namespace Tocsin.Detection.Governance;

/// <summary>Events that say that others rule over a contract now.</summary>
internal static class RuleEvents
{
    private static readonly FrozenDictionary<Hash32, Power> Powers = new Dictionary<string, Power>
    {
        ["Upgraded(address)"] = Power.Code,
        ["BeaconUpgraded(address)"] = Power.Code,
        ["DiamondCut((address,uint8,bytes4[])[],address,bytes)"] = Power.Code,
        ["AdminChanged(address,address)"] = Power.Ownership,
        ["OwnershipTransferred(address,address)"] = Power.Ownership,
        ["RoleGranted(bytes32,address,address)"] = Power.Roles,
        ["RoleGranted(uint64,address,uint32,uint48,bool)"] = Power.Roles,
    }.ToFrozenDictionary(row => Keccak256.Hash(row.Key), row => row.Value);

    public static IEnumerable<Hash32> Topics => Powers.Keys;

    public static Power? PowerOf(Hash32 topic) => Powers.TryGetValue(topic, out var power) ? power : null;
}
