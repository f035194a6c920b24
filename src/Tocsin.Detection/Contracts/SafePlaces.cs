using Tocsin.Chains;
using Tocsin.Evm;

namespace Tocsin.Detection.Contracts;

/// <summary>
/// The places beside its singleton that decide over a Safe, by SafeStorage.sol, GuardManager.sol and
/// FallbackManager.sol of 1.4.1. Owners and modules lie where their addresses say; their number and what they do is
/// seen.
/// </summary>
internal static class SafePlaces
{
    // Its setup writes all of them and says so once.
    private static readonly Hash32 SafeSetup = Keccak256.Hash("SafeSetup(address,address[],uint256,address,address)");

    public static IReadOnlyList<(Hash32 Place, GuardedPlace Guarded)> All { get; } =
    [
        (Number(3), Of("the number of its owners", "AddedOwner(address)", "RemovedOwner(address)")),
        (Number(4), Of("how many of its owners must sign", "ChangedThreshold(uint256)")),
        (Keccak256.Hash("guard_manager.guard.address"), Of("its guard", "ChangedGuard(address)")),
        (Keccak256.Hash("fallback_manager.handler.address"),
            Of("its fallback handler", "ChangedFallbackHandler(address)")),
    ];

    private static readonly HashSet<Hash32> Announcements = [.. All.SelectMany(place => place.Guarded.Announced)];

    public static bool IsAnnouncement(Hash32 topic) => Announcements.Contains(topic);

    private static GuardedPlace Of(string means, params string[] events) =>
        new(means, events.Select(one => Keccak256.Hash(one)).Append(SafeSetup).ToValueList(), false);

    private static Hash32 Number(byte slot) => new([.. new byte[Hash32.ByteCount - 1], slot]);
}
