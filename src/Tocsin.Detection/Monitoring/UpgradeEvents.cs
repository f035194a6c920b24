using Tocsin.Chains;

namespace Tocsin.Detection.Monitoring;

/// <summary>The events by which a proxy says that it changed, and the slots that they are about.</summary>
internal static class UpgradeEvents
{
    private static readonly (Hash32 Topic, Hash32 Place, string Signature)[] All =
    [
        // EIP-1967
        (Hash32.Parse("0xbc7cd75a20ee27fd9adebab32041f755214dbc6bffa90cc0225b39da2e5c2d3b"),
            ProxySlots.Implementation, "Upgraded(address)"),
        // EIP-1967
        (Hash32.Parse("0x1cf3b03a6cf19fa2baba4df148e9dcabedea7f8a5c07840e207e5c089be95d3e"),
            ProxySlots.Beacon, "BeaconUpgraded(address)"),
        // EIP-1967
        (Hash32.Parse("0x7e644d79422f17c01e4894b5f4f588d331ebfa28653d42ae832dc59e38c9798f"),
            ProxySlots.Admin, "AdminChanged(address,address)"),
        // Safe, MasterCopy.sol
        (Hash32.Parse("0x75e41bc35ff1bf14d81d1d2f649c0084a0f974f9289c803ec9898eeec4c8d0b8"),
            ProxySlots.SafeSingleton, "ChangedMasterCopy(address)"),
    ];

    public static bool TryPlace(Hash32 topic, out Hash32 place)
    {
        foreach (var known in All)
        {
            if (known.Topic != topic)
                continue;
            place = known.Place;
            return true;
        }
        place = default;
        return false;
    }

    /// <summary>The event that announces a change of a slot; null for a slot that no event is known for.</summary>
    public static string? SignatureFor(Hash32 place)
    {
        foreach (var known in All)
            if (known.Place == place)
                return known.Signature;
        return null;
    }

    /// <summary>The first topic of that event.</summary>
    public static Hash32? TopicFor(Hash32 place)
    {
        foreach (var known in All)
            if (known.Place == place)
                return known.Topic;
        return null;
    }

    /// <summary>What a slot says, in a word that identifiers use too.</summary>
    public static string NameOf(Hash32 place) =>
        place == ProxySlots.Implementation ? "implementation"
        : place == ProxySlots.Beacon ? "beacon"
        : place == ProxySlots.Admin ? "admin"
        : place == ProxySlots.SafeSingleton ? "singleton"
        : $"slot {place}";
}
