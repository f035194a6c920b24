using Tocsin.Chains;

namespace Tocsin.Detection.Governance;

/// <summary>What a transaction did, as far as governance is concerned.</summary>
/// <param name="Proposals">Those it made, voted on or executed.</param>
/// <param name="Effects">Powers over what is ours that changed hands, and where.</param>
/// <param name="LargestIn">The most votes that came to one account, in whole tokens.</param>
internal sealed record Deeds(
    List<string> Proposals,
    HashSet<string> Executed,
    List<(Power Power, Address At)> Effects,
    decimal LargestIn,
    Address LargestTo);

/// <summary>Collects the deeds of the transaction whose logs are being read.</summary>
internal sealed class TransactionDeeds
{
    private List<string> proposals = [];
    private HashSet<string> executed = [];
    private decimal largestIn;
    private Address largestTo;

    public List<(Power Power, Address At)> Effects { get; private set; } = [];

    /// <summary>What scripts ran so far.</summary>
    public List<ProposalCall> Scripts { get; } = [];

    public void Touch(string proposal)
    {
        if (!proposals.Contains(proposal))
            proposals.Add(proposal);
    }

    public void Execute(string proposal)
    {
        Touch(proposal);
        executed.Add(proposal);
        Scripts.Clear();
    }

    public void Came(decimal votes, Address to)
    {
        if (votes > largestIn)
            (largestIn, largestTo) = (votes, to);
    }

    /// <summary>Ends the transaction; null where nothing is to be judged.</summary>
    public Deeds? Close()
    {
        var deeds = proposals.Count + Effects.Count == 0
            ? null
            : new Deeds(proposals, executed, Effects, largestIn, largestTo);
        if (deeds is not null)
            (proposals, executed, Effects) = ([], [], []);
        Scripts.Clear();
        (largestIn, largestTo) = (0, default);
        return deeds;
    }
}
