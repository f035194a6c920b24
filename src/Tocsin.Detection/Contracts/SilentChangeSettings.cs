using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Contracts;

/// <summary>A storage slot that no transaction may change without being noticed.</summary>
/// <param name="Contract">By its name in the plan, or by address.</param>
/// <param name="Means">What it holds, in words, for example <c>the guardian</c>.</param>
public sealed record WatchedSlot(string Contract, Hash32 Place, string Means);

/// <param name="Slots">Beside the places of proxies and owners, which are known.</param>
/// <param name="Targets">Code that protected contracts may run in their own name, by name or address.</param>
/// <param name="LearnCalls">So many traced transactions of a contract, and the code that it runs is known.</param>
public sealed record SilentChangeSettings(ValueList<WatchedSlot> Slots, ValueList<string> Targets, int LearnCalls)
    : DetectorSettings
{
    private const int LearnCallsMax = 100_000;

    public static SilentChangeSettings Default { get; } = new([], [], 50);

    public static DetectorCard TheCard { get; } = new(
        "silent-change",
        Threat.ContractAnomaly,
        "A protected contract was changed without saying so: its implementation, beacon, admin or owner was written "
            + "without the event that announces it, or the threshold, guard, fallback handler or number of owners of a "
            + "Safe (abis: … proxy: safe) was; a configured slot was written at all, its code changed or is gone, "
            + "it destroyed itself, or it ran code of a contract that it never ran before. That is how a wallet or a "
            + "proxy is taken over; who has done it can empty the contract next.",
        "State differences of each block (chain: state_changes) for slots and code; traces (chain: traces) for code "
            + "that is run by delegation and for self-destruction. Without them it is blind.",
        [
            "slots: none. Storage places that are told whenever they change: contract, place, means.",
            "targets: none. Code that protected contracts may run by delegation from the first time on.",
            "learn_calls: 50. Until a contract was seen in so many traced transactions, the code that it runs is "
                + "learnt and not told.",
        ],
        [
            "A place that the contract watch reads (abis: … proxy) is told by it where the change lasts; here only "
                + "where it was changed and changed back within the block.",
            "Changed and changed back within one transaction leaves no difference: only the trace tells.",
            "Which owners and modules a Safe has lies at places that their addresses decide: one that is exchanged "
                + "past its functions is seen only by what it does.",
            "Owners kept at a place of the contract's own are unknown unless configured as a slot.",
            "A library or facet that is honestly used for the first time looks like unexpected code.",
        ]);

    public override DetectorCard Card => TheCard;

    public override string Subject => "";

    public override IEnumerable<string> Problems(Watch watch)
    {
        foreach (var slot in Slots)
            if (watch.AddressOf(slot.Contract) is null)
                yield return $"{Name}: '{slot.Contract}' is neither in the plan nor an address";
        foreach (var target in Targets)
            if (watch.AddressOf(target) is null)
                yield return $"{Name}: '{target}' is neither in the plan nor an address";
        if (LearnCalls is < 1 or > LearnCallsMax)
            yield return $"{Name}: learn_calls is 1 to {LearnCallsMax}";
    }

    internal override Detector Create(Watch watch) => new SilentChange(watch, this);
}
