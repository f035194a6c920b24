using Tocsin.Detection.Detectors;
using Tocsin.Detection.Patterns;
using Tocsin.Findings;

namespace Tocsin.Detection.Monitoring;

/// <summary>What is told of the rules by which the watch watches itself and what it relies on.</summary>
internal static class MonitoringCards
{
    public static DetectorCard Impaired { get; } = new(
        Pattern.DetectorOf(Threat.MonitoringImpaired), Threat.MonitoringImpaired,
        "The watch sees less than it should: the chain stands still, we are behind, a node fails, lags, throttles, "
            + "disagrees or takes back what was final, a feed is silent or fails, reads are not answered. Severity 2 "
            + "where nothing is seen at all, otherwise 3. And a prepared action could not be done: severity 2, until a "
            + "probe finds it ready.",
        "Heads, health of the nodes, ticks, probes of the plan's actions: whatever is configured.",
        [
            "`chain.stall_after`: 2min without a new head",
            "of a feed, `stale_after`",
        ],
        ["A node that leaves out the same logs as every other node."]);

    public static DetectorCard Heartbeat { get; } = new(
        Pattern.DetectorOf(Threat.MissedHeartbeat), Threat.MissedHeartbeat,
        "A keeper or bot of the protocol gave no sign of life in time.",
        "`heartbeats` in `tocsin.yaml`.",
        ["of a heartbeat, `every` and `grace`"],
        ["A keeper that beats and does nothing else."]);

    public static DetectorCard Contract { get; } = new(
        Pattern.DetectorOf(Threat.ContractChange), Threat.ContractChange,
        "A contract is not what we know of it: a proxy runs other code or has another admin, a signature of the ABI "
            + "never fires although the contract is busy, an event that no ABI knows appears.",
        "`abis` in `tocsin.yaml`; for proxies also reads of the state.",
        ["of an ABI, `proxy` and `quiet_after`"],
        ["What is changed and changed back between two reads."]);

    public static DetectorCard FrontEnd { get; } = new(
        Pattern.DetectorOf(Threat.FrontEndChange), Threat.FrontEndChange,
        "A page that users are sent to changed: its content, the key of its certificate, the addresses of its name; or "
            + "it cannot be reached.",
        "`front_ends` in `tocsin.yaml`.",
        ["of a front end, `every`, `content`, `certificate`, `addresses`, `unreachable_after`"],
        ["A page that is served differently to us than to others."]);
}
