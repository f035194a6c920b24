using Tocsin.Chain.Senses;

namespace Tocsin.Commands;

/// <summary>What <c>docs/nodes.md</c> calls each sense.</summary>
internal static class SenseWords
{
    public static string Of(Sense sense) => sense switch
    {
        Sense.BlockReceipts => "blocks and logs",
        Sense.BlockProof => "blocks that prove themselves",
        Sense.Batches => "several questions at once",
        Sense.StateByHash => "state after a block",
        Sense.HistoricState => "older state",
        Sense.SafeBlock => "finality by the chain: safe",
        Sense.FinalBlock => "finality by the chain: finalized",
        Sense.CallTraces => "calls inside transactions",
        Sense.LogsInTraces => "logs of each call",
        Sense.StateChanges => "changes of state",
        Sense.TraceOfCall => "outcome of a transaction",
        Sense.TraceOnPending => "outcome of a pending transaction",
        Sense.Simulation => "outcome by simulation",
        Sense.NewHeads => "heads at once",
        Sense.PendingTransactions => "pending transactions",
        Sense.PendingBodies => "pending transactions whole",
    };
}
