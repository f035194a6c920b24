namespace Tocsin.Chain;

/// <summary>Why a node's answer could not be used. Every value but a wrong configuration may pass by itself.</summary>
public enum NodeFault
{
    /// <summary>No connection, or a gateway in between that has none.</summary>
    Unreachable,

    /// <summary>No complete answer within the request timeout.</summary>
    TimedOut,

    /// <summary>More bytes than we are willing to read.</summary>
    TooLarge,

    /// <summary>Not what the JSON-RPC specification says an answer looks like.</summary>
    Garbage,

    /// <summary>The node understood and said no; for a call, that includes a revert.</summary>
    Refused,

    /// <summary>Well-formed answers that contradict each other, the request or the configuration.</summary>
    Inconsistent,

    /// <summary>The node, or the gateway before it, asks us to slow down.</summary>
    Throttled,
}

/// <summary>The error object of a JSON-RPC answer.</summary>
/// <param name="Code">As the node numbers it, for example −32000, or 3 for a revert in geth's numbering.</param>
/// <param name="Message">The node's words, shortened, without control characters and without our credentials.</param>
/// <param name="Data">The revert data where the node gave any; empty otherwise.</param>
public sealed record NodeError(long Code, string Message, byte[] Data);

/// <summary>
/// A fault of a node. The message is one sentence for an operator; it names the endpoint by host and port and never
/// holds a credential. Inner exceptions are left out on purpose: theirs may name a proxy or address with credentials.
/// </summary>
public sealed class NodeException(
    NodeFault fault, string sentence, NodeError? error = null, TimeSpan? retryAfter = null)
    : Exception(sentence)
{
    public NodeFault Fault { get; } = fault;

    /// <summary>What the node answered, where it <see cref="NodeFault.Refused"/> by itself.</summary>
    public NodeError? Error { get; } = error;

    /// <summary>
    /// How long a node that has <see cref="NodeFault.Throttled"/> us wants to be left alone, in its own words: never
    /// negative, and as long as it pleases. Null where it did not say.
    /// </summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>
    /// The node executed what it was asked and says that it reverts. That is an answer: every honest node gives it.
    /// Geth and its kin number it 3; others give revert data, or at least begin with the words.
    /// </summary>
    public bool IsRevert => Fault == NodeFault.Refused && Error is { } error
        && (error.Code == 3 || error.Data.Length > 0
            || error.Message.StartsWith("execution reverted", StringComparison.OrdinalIgnoreCase));
}
