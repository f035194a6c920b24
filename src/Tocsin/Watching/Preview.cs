using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm.Blocks;

namespace Tocsin.Watching;

/// <summary>
/// A look at the newest block while those before it are still being taken: what left protected contracts in it, at the
/// prices known last. It knows nothing of what came before, opens nothing and wakes nobody.
/// </summary>
internal sealed record Preview(BlockRef Block, DateTimeOffset BlockTime, int Transactions, ValueList<Outflow> Outflows)
{
    private const int OutflowsMax = 20;

    public string InWords()
    {
        var what = Outflows.Count == 0
            ? "nothing left a protected contract"
            : string.Join(", ", Outflows.Take(3).Select(outflow =>
                $"{outflow.Units:N0} {outflow.Asset} {(outflow.IsMint ? "minted by" : "left")} {outflow.Contract}"));
        return $"block {Block.Number} with {Transactions} transaction{(Transactions == 1 ? "" : "s")}: {what}";
    }

    public static Preview Of(Block block, Watch watch, WatchState? state) => new(
        block.Ref,
        block.Time,
        block.Transactions.Length,
        Detection.Outflows.Of(block, watch, state?.Pools ?? [])
            .OrderByDescending(outflow => outflow.Usd ?? 0)
            .Take(OutflowsMax)
            .ToValueList());
}
