using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Readiness;

/// <summary>Tries what people would send: each call from each of their wallets, on the latest state, without sending
/// it.</summary>
/// <param name="nodesOf">The nodes of a chain; null where none is configured.</param>
internal sealed class PeopleProbe(Func<ChainId, Nodes?> nodesOf, TimeProvider time)
{
    public async Task<ValueList<PeopleTrial>> TryAsync(
        Plan plan, PlannedAction action, CancellationToken cancellationToken)
    {
        var trials = new List<PeopleTrial>();
        foreach (var (_, wallet) in plan.SendersOf(action))
            for (var index = 0; index < action.Calls.Count; index++)
            {
                var chain = plan.Protected.NameOf(action.Calls[index].Call.Chain);
                var (succeeds, words, lacksRole) =
                    await TryAsync(action.Calls[index], wallet, chain, cancellationToken);
                trials.Add(new PeopleTrial(action.Id, index, wallet, succeeds, words, lacksRole, time.GetUtcNow()));
            }
        return trials.ToValueList();
    }

    private async Task<(bool? Succeeds, string Words, bool LacksRole)> TryAsync(
        PlannedCall planned, Address wallet, string chain, CancellationToken cancellationToken)
    {
        var (id, target, value, data) = planned.Call;
        if (nodesOf(id) is not { } nodes)
            return (null, $"no node of {chain} is configured", false);
        try
        {
            // A call of what is no contract does nothing, and succeeds.
            if ((await nodes.CodeAsync(target, cancellationToken)).Length == 0)
                return (false, $"{ChecksumAddress.Format(target)} has no code: it is no contract on this chain", false);
            await nodes.CallAsync(wallet, target, data.ToArray(), value, null, cancellationToken);
            return (true, "", false);
        }
        catch (NodeException e) when (e.Fault == NodeFault.Refused)
        {
            var (words, lacksRole) = ProbeWords.Refusal(planned, wallet, e);
            return (false, words, lacksRole);
        }
        catch (NodeException e)
        {
            return (null, $"{chain} could not be asked: {e.Message}", false);
        }
    }
}
