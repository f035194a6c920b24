using Tocsin.Chains;

namespace Tocsin.Plans;

/// <summary>The changes of the plan that people asked for.</summary>
/// <param name="All">In the order in which they were asked for; of those that are settled only the last ones.</param>
/// <param name="Last">The number of the last one that was asked for.</param>
public sealed record PlanProposals(ValueList<PlanProposal> All, int Last)
{
    /// <summary>So many settled ones are still shown; the log has them all.</summary>
    public const int SettledKept = 50;

    public static PlanProposals None { get; } = new([], 0);

    public IEnumerable<PlanProposal> Open => All.Where(proposal => proposal.IsOpen);

    public PlanProposal? this[int number] => All.FirstOrDefault(proposal => proposal.Number == number);

    public PlanProposals Apply(PlanProposed asked, DateTimeOffset at) => new(
        All.Add(new(asked.Number, asked.Base, asked.Changes, asked.By, asked.Reason, at)), asked.Number);

    public PlanProposals Apply(PlanSettled settled, DateTimeOffset at) => this with
    {
        All = Kept(All.Select(proposal => proposal.Number == settled.Number
            ? proposal with { Settlement = new(settled.Accepted, settled.By, settled.Reason, at) }
            : proposal)),
    };

    /// <summary>What a revoked person asked for does not come into the plan by somebody's tired click.</summary>
    public PlanProposals Without(string revoked, DateTimeOffset at) => this with
    {
        All = Kept(All.Select(proposal => proposal.IsOpen && proposal.By == revoked
            ? proposal with { Settlement = new(false, null, $"'{revoked}' is revoked", at) }
            : proposal)),
    };

    private static ValueList<PlanProposal> Kept(IEnumerable<PlanProposal> all)
    {
        var list = all.ToList();
        var tooMany = list.Count(proposal => !proposal.IsOpen) - SettledKept;
        return list.Where(proposal => proposal.IsOpen || tooMany-- <= 0).ToValueList();
    }
}

/// <summary>A change of the plan that somebody asked for.</summary>
/// <param name="By">The person's id.</param>
public sealed record PlanProposal(
    int Number, Hash32 Base, ValueList<PlanChange> Changes, string By, string Reason, DateTimeOffset At)
{
    /// <summary>Null while it waits.</summary>
    public PlanSettlement? Settlement { get; init; }

    public bool IsOpen => Settlement is null;
}

/// <summary>What became of a proposal.</summary>
/// <param name="By">The person's id; null where nobody decided, since who had asked was revoked.</param>
public sealed record PlanSettlement(bool Accepted, string? By, string Reason, DateTimeOffset At);
