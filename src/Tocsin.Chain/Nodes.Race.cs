namespace Tocsin.Chain;

/// <content>One ask, from the first node to the answer that wins.</content>
public sealed partial class Nodes
{
    private sealed class AskRace<T>(
        Nodes nodes,
        IReadOnlyList<Witness> order,
        Func<Witness, CancellationToken, Task<T>> ask,
        CancellationToken cancellationToken)
        : IDisposable
    {
        private readonly CancellationTokenSource over =
            CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        private readonly List<(Witness Witness, Task<T> Answer)> running = [];
        private readonly List<NodeException> faults = [];
        private Task? hedge;
        private int asked;

        public async Task<Told<T>> RunAsync(Func<T, bool> isUseful)
        {
            var second = default(Told<T>?);
            Start();
            while (running.Count > 0)
            {
                if (await NextAsync() is not { } done)
                    continue;
                try
                {
                    var told = new Told<T>(done.Witness.Name, await done.Answer);
                    if (isUseful(told.Value))
                        return told;
                    second ??= told;
                }
                catch (NodeException fault) when (!fault.IsRevert)
                {
                    faults.Add(fault);
                }
                if (running.Count == 0 && asked < order.Count)
                    Start();
            }
            return second ?? throw Worst();
        }

        public void Dispose()
        {
            over.Cancel();
            foreach (var (_, answer) in running)
            {
                // Observed, so that a fault that nobody waits for is not reported as lost.
                _ = answer.ContinueWith(
                    done => _ = done.Exception,
                    CancellationToken.None,
                    TaskContinuationOptions.OnlyOnFaulted,
                    TaskScheduler.Default);
            }
            over.Dispose();
        }

        private void Start()
        {
            var witness = order[asked++];
            running.Add((witness, nodes.AttemptAsync(witness, ask, over.Token)));
            // One hedge an ask: two slow nodes are not helped by a third.
            hedge = asked < order.Count && running.Count == 1
                ? Task.Delay(nodes.HedgeAfter(witness), nodes.time, over.Token)
                : null;
        }

        // Null where the hedge went out instead of an answer coming in.
        private async Task<(Witness Witness, Task<T> Answer)?> NextAsync()
        {
            IEnumerable<Task> awaited = running.Select(one => one.Answer);
            var first = await Task.WhenAny(hedge is null ? awaited : awaited.Append(hedge));
            if (first == hedge)
            {
                await hedge;
                ChainMeter.Hedged(order[asked].Name);
                Start();
                return null;
            }
            var done = running.Find(one => one.Answer == first);
            running.Remove(done);
            return done;
        }

        private NodeException Worst() =>
            faults.Find(fault => fault is { Fault: NodeFault.Refused, Error: not null }) ?? faults[0];
    }
}
