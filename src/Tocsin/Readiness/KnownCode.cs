using Tocsin.Chains;
using Tocsin.Evm;

namespace Tocsin.Readiness;

/// <summary>What a target of an action ran when the plan was last told to be right, and what it runs now.</summary>
/// <param name="Accepted">What it is held against.</param>
/// <param name="Seen">What the last probe saw.</param>
internal sealed record KnownTarget(ChainId Chain, Address Contract, CodeMark Accepted, CodeMark Seen);

/// <summary>
/// What the targets of actions run. A prepared call may do something else after an upgrade, so an upgrade makes an
/// action not ready until people change the plan. A change accepts what was told before it, and nothing else: an
/// upgrade that nobody was told of cannot be meant by it.
/// </summary>
internal sealed record KnownCode(Hash32 Plan, ValueList<KnownTarget> Targets)
{
    public static KnownCode None { get; } = new(Hash32.Zero, []);

    public KnownCode Under(Hash32 plan) => plan == Plan
        ? this
        : new KnownCode(plan, Targets.Select(target => target with { Accepted = target.Seen }).ToValueList());

    public KnownCode With(IEnumerable<SeenCode> seen)
    {
        var targets = Targets.ToList();
        foreach (var (chain, contract, mark) in seen)
        {
            var at = targets.FindIndex(target => target.Chain == chain && target.Contract == contract);
            if (at < 0)
                targets.Add(new KnownTarget(chain, contract, mark, mark));
            else
                targets[at] = targets[at] with { Seen = mark };
        }
        return this with { Targets = targets.ToValueList() };
    }

    /// <summary>Null where it runs what it is known to run; otherwise what changed.</summary>
    public string? Judge(SeenCode seen)
    {
        var known = Targets.FirstOrDefault(target => target.Chain == seen.Chain && target.Contract == seen.Contract);
        if (known is null || known.Accepted == seen.Mark)
            return null;
        var what = known.Accepted.Code != seen.Mark.Code ? "has other code"
            : known.Accepted.Implementation != seen.Mark.Implementation
                ? $"was upgraded, to {Short(seen.Mark.Implementation)} from {Short(known.Accepted.Implementation)}"
                : "is behind another beacon";
        return $"{ChecksumAddress.Format(seen.Contract)} {what}: the prepared call may do something else now; check "
            + "it, then change the plan to say so";
    }

    private static string Short(Hash32 slot) =>
        ChecksumAddress.Format(new Address(slot.ToArray().AsSpan(Hash32.ByteCount - Address.ByteCount)));
}
