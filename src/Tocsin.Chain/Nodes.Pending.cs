using Tocsin.Chain.Senses;
using Tocsin.Evm.Inputs;

namespace Tocsin.Chain;

/// <summary>What the nodes say of a transaction that is in no block.</summary>
/// <param name="Words">Which node says what.</param>
public sealed record PendingAgreement(bool IsAgreed, string Words);

/// <content>What several nodes say of the same pending transaction.</content>
public sealed partial class Nodes
{
    // Transactions are passed on within a second: a node may have it a moment later.
    private const int Looks = 4;
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Whether <see cref="RequiredForAgreement"/> nodes hold a transaction in their pools and say that it would do what
    /// it was taken to do. All are asked anew, also the one that told it; the first answers that suffice end it.
    /// </summary>
    /// <param name="taken">With the outcome upon which detection judged it.</param>
    public async Task<PendingAgreement> AgreedAsync(PendingTransaction taken, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var asked = witnesses.Select(witness => HearAsync(witness, taken, enough.Token)).ToList();
        var (agreed, words) = (new List<string>(), new List<string>());
        await foreach (var answer in Task.WhenEach(asked).WithCancellation(cancellationToken))
        {
            var (name, contradiction) = await answer;
            if (contradiction is null)
                agreed.Add(name);
            else
                words.Add($"{name} {contradiction}");
            if (agreed.Count >= RequiredForAgreement)
                break;
        }
        await enough.CancelAsync();
        var isAgreed = agreed.Count >= RequiredForAgreement;
        // In an order of its own: the same answers give the same words, whoever was quicker.
        words.Sort(StringComparer.Ordinal);
        if (agreed.Count > 0)
            words.Insert(0, $"borne out by {string.Join(" and ", agreed.Order(StringComparer.Ordinal))}");
        return new PendingAgreement(isAgreed, $"pending transaction {taken.Hash}: {string.Join("; ", words)}");
    }

    private async Task<(string Name, string? Contradiction)> HearAsync(
        Witness witness, PendingTransaction taken, CancellationToken cancellationToken)
    {
        try
        {
            for (var look = 1; ; look++)
            {
                var contradiction = await PendingTestimony.ContradictionAsync(witness.Node, taken, cancellationToken);
                if (contradiction != PendingTestimony.Unknown || look == Looks)
                    return (witness.Name, contradiction);
                await Task.Delay(LookAgainAfter, time, cancellationToken);
            }
        }
        catch (NodeException fault)
        {
            return (witness.Name, $"cannot say: {fault.Message}");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return (witness.Name, "was not waited for");
        }
    }
}
