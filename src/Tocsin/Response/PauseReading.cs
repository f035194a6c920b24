using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Plans;

namespace Tocsin.Response;

/// <summary>What the chain says of a pause, by the views that the plan names.</summary>
internal sealed class PauseReading(Nodes nodes)
{
    /// <param name="block">The height at which to read.</param>
    public async Task<bool> HoldsAsync(PlannedCall planned, ulong block, CancellationToken cancellationToken) =>
        !(await ReadAsync(planned, planned.Holds, block, cancellationToken)).IsZero;

    /// <inheritdoc cref="HoldsAsync"/>
    public async Task<DateTimeOffset> UntilAsync(PlannedCall planned, ulong block, CancellationToken cancellationToken)
    {
        var seconds = await ReadAsync(planned, planned.Until, block, cancellationToken);
        UInt256 latest = (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        return DateTimeOffset.FromUnixTimeSeconds((long)(seconds < latest ? seconds : latest).ToUInt64());
    }

    private async Task<UInt256> ReadAsync(
        PlannedCall planned, ValueList<byte> view, ulong block, CancellationToken cancellationToken)
    {
        var target = planned.Call.Target;
        var answer = await nodes.CallAsync(null, target, view.ToArray(), UInt256.Zero, block, cancellationToken);
        return answer.Length == UInt256.ByteCount
            ? new UInt256(answer)
            : throw new NodeException(
                NodeFault.Garbage,
                $"the view on {target} that proves the pause answered {answer.Length} bytes instead of 32: "
                    + "check 'holds' and 'until' in the plan");
    }
}

/// <summary>The same refusal as before: told once, and asked again at a quieter pace.</summary>
internal sealed class StillRefusedException(string reason) : Exception(reason);
