using Tocsin.Chains;

namespace Tocsin.Readiness;

/// <summary>Whether an action could be done now.</summary>
public enum ReadyState
{
    Ready,
    NotReady,

    /// <summary>Who would know did not answer.</summary>
    Unknown,
}

/// <summary>What one probe of an action gave.</summary>
/// <param name="Reasons">Why it is not ready, or what is not known; empty where it is ready.</param>
/// <param name="At">When it was probed.</param>
public sealed record ProbeResult(string Action, ReadyState State, ValueList<string> Reasons, DateTimeOffset At)
{
    /// <summary>What does not hold outweighs what is not known: it is certain.</summary>
    public static ProbeResult Of(
        string action, IReadOnlyCollection<string> faults, IReadOnlyCollection<string> unknowns, DateTimeOffset at) =>
        (faults.Count, unknowns.Count) switch
        {
            (0, 0) => new ProbeResult(action, ReadyState.Ready, [], at),
            (0, _) => new ProbeResult(action, ReadyState.Unknown, unknowns.Distinct().ToValueList(), at),
            _ => new ProbeResult(action, ReadyState.NotReady, faults.Distinct().ToValueList(), at),
        };

    public string Words => string.Join("; ", Reasons);
}

/// <summary>What a contract runs: its own code, and where it is a proxy, whose (EIP-1967).</summary>
internal sealed record CodeMark(Hash32 Code, Hash32 Implementation, Hash32 Beacon);

/// <summary>What a contract was seen to run.</summary>
internal sealed record SeenCode(ChainId Chain, Address Contract, CodeMark Mark);
