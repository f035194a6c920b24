using Tocsin.Chain;
using Tocsin.Replay;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary><c>tocsin record</c>: writes blocks of a node into a file that <c>replay --blocks</c> reads.</summary>
internal static class RecordCommand
{
    public static async Task<int> RunAsync(
        string rpc, ulong from, ulong to, bool traces, string path, bool restart, CancellationToken cancellationToken)
    {
        if (from > to)
            throw new InputException("--from is the first block, --to the last");
        var time = TimeProvider.System;
        var teller = new ReplayTeller(time);
        var node = ReplayCommand.NodeAt(rpc, time);
        var retried = new Rejections(strict: false, teller.Tell);
        await RequireBlocksAsync(node, to, cancellationToken);
        try
        {
            var recording = new BlockRecording(
                node, path, await ReplayCommand.ChainAsync(node, cancellationToken), traces, retried, time);
            await teller.RunAsync(
                "record",
                () => Look(recording, from, to),
                advanced => recording.RunAsync(from, to, restart, advanced, cancellationToken));
            teller.Tell(
                $"blocks {from} to {to} with {recording.State.Transactions} transactions are in {path}");
            return ExitCode.Done;
        }
        catch (OperationCanceledException)
        {
            teller.Tell("stopped; the same command goes on from here, --restart begins anew");
            return ExitCode.FoundWrong;
        }
    }

    private static async Task RequireBlocksAsync(Node node, ulong to, CancellationToken cancellationToken)
    {
        ulong newest;
        try
        {
            newest = (await node.HeadAsync(cancellationToken)).Number;
        }
        catch (NodeException e)
        {
            throw new InputException(e.Message, e);
        }
        if (to > newest)
            throw new InputException($"--to {to} is beyond the newest block of the node, {newest}");
    }

    private static WorkDone Look(BlockRecording recording, ulong from, ulong to)
    {
        var done = recording.State.Next - from;
        return new WorkDone(
            (double)done / (to - from + 1), (long)done, recording.State.Transactions, (long)done,
            recording.At is { } at ? $"at {at.UtcDateTime:yyyy-MM-dd HH:mm}" : "");
    }
}
