using Tocsin.Chains;
using Tocsin.Detection.Monitoring;

namespace Tocsin.Detection.Contracts;

/// <summary>A storage place that decides over a contract.</summary>
/// <param name="Means">What it holds, in words.</param>
/// <param name="Announced">The first topics of the events that a change of it comes with; empty where there is
/// none.</param>
/// <param name="IsReadBack">The contract watch reads it after each block and tells a change that lasts.</param>
internal sealed record GuardedPlace(string Means, ValueList<Hash32> Announced, bool IsReadBack);

/// <summary>The places that are guarded of each protected contract.</summary>
internal sealed class GuardedPlaces
{
    // ERC-1822: keccak256("PROXIABLE")
    private static readonly Hash32 Proxiable =
        Hash32.Parse("0xc5f16f0fcc639fa48a6947836d9850f504798523bf8c9a3a87d5876cf622bcf7");

    // OpenZeppelin before EIP-1967: keccak256("org.zeppelinos.proxy.implementation")
    private static readonly Hash32 ZeppelinImplementation =
        Hash32.Parse("0x7050c9e0f4ca769c69bd3a8ef740bc37934f8e2c036e5a723fd8ee048ed3f8c3");

    // ERC-7201, namespace openzeppelin.storage.Ownable
    private static readonly Hash32 Ownable =
        Hash32.Parse("0x9016d09d72d40fdae2fd8ceac6b6234c7706214fd39c1cd1e609a0528c199300");

    // OwnershipTransferred(address,address)
    private static readonly Hash32 OwnershipTransferred =
        Hash32.Parse("0x8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e0");

    private readonly Dictionary<(Address Contract, Hash32 Place), GuardedPlace> places = [];

    public GuardedPlaces(Watch watch, SilentChangeSettings settings)
    {
        foreach (var contract in watch.Contracts)
        {
            places[(contract.Address, ProxySlots.Implementation)] =
                OfProxy(ProxySlots.Implementation, "the code it runs");
            places[(contract.Address, ProxySlots.Beacon)] =
                OfProxy(ProxySlots.Beacon, "the beacon that names its code");
            places[(contract.Address, ProxySlots.Admin)] = OfProxy(ProxySlots.Admin, "who may change its code");
            places[(contract.Address, Proxiable)] = OfProxy(ProxySlots.Implementation, "the code it runs");
            places[(contract.Address, ZeppelinImplementation)] =
                OfProxy(ProxySlots.Implementation, "the code it runs");
            places[(contract.Address, Ownable)] = new GuardedPlace("its owner", [OwnershipTransferred], false);
        }
        foreach (var known in watch.Senses.Contracts)
        {
            foreach (var place in known.Proxy)
                places[(known.Address, place)] = OfProxy(place, place == ProxySlots.Admin
                    ? "who may change its code"
                    : "the code it runs") with
                { IsReadBack = true };
            if (known.Proxy.Contains(ProxySlots.SafeSingleton))
                foreach (var (place, guarded) in SafePlaces.All)
                    places[(known.Address, place)] = guarded;
        }
        foreach (var slot in settings.Slots)
            places[(watch.AddressOf(slot.Contract)!.Value, slot.Place)] = new GuardedPlace(slot.Means, [], false);
    }

    /// <summary>The contracts that have such places.</summary>
    public IEnumerable<Address> Contracts => places.Keys.Select(key => key.Contract).Distinct();

    public GuardedPlace? Find(Address contract, Hash32 place) => places.GetValueOrDefault((contract, place));

    /// <summary>True for a first topic that announces a change of some place.</summary>
    public static bool IsAnnouncement(Hash32 topic) =>
        topic == OwnershipTransferred || UpgradeEvents.TryPlace(topic, out _) || SafePlaces.IsAnnouncement(topic);

    private static GuardedPlace OfProxy(Hash32 place, string means) =>
        new(means, UpgradeEvents.TopicFor(place) is { } topic ? [topic] : [], false);
}
