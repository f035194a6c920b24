using System.Runtime.InteropServices;
using System.Text.Json;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Inputs;
using Tocsin.Texts;

namespace Tocsin.Watching;

/// <summary>
/// Keeps the inputs that a finding cites beside it, as they were: the blocks of its indicators as the node gives them,
/// and the arrival that gave it. The input log moves on and nodes forget; what was seen stays.
/// </summary>
internal sealed class EvidenceKeeper(
    TocsinConfiguration configuration, Nodes nodes, FindingDesk desk, ILogger<EvidenceKeeper> logger)
    : BackgroundService
{
    private const int BlocksMax = 32;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var kept = new KeptInputs(Path.Combine(configuration.DataDirectory, "inputs", "kept"));
        var done = new HashSet<(FindingId, BlockRef)>();
        await foreach (var (finding, cause) in desk.Recorded.ReadAllAsync(stoppingToken))
        {
            if (finding.Status != FindingStatus.Seen)
                continue;
            if (cause is Arrival arrival)
                Keep(kept, finding.Id, KeptInput.Of(arrival));
            foreach (var block in finding.Indicators.Select(indicator => indicator.Block).Distinct().Take(BlocksMax))
            {
                if (done.Contains((finding.Id, block)) || await FetchAsync(block, stoppingToken) is not { } line)
                    continue;
                Keep(kept, finding.Id, KeptInput.OfBlock(line));
                done.Add((finding.Id, block));
            }
        }
    }

    private void Keep(KeptInputs kept, FindingId finding, KeptInput input)
    {
        try
        {
            var outcome = kept.Keep(finding, input);
            if (outcome is KeepOutcome.FindingIsFull or KeepOutcome.FolderIsFull)
                logger.LogWarning("evidence of {Finding} is not kept: {Outcome}", finding, outcome);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InputException)
        {
            logger.LogError("evidence of {Finding} could not be kept: {Reason}", finding, e.Message);
        }
    }

    private async Task<byte[]?> FetchAsync(BlockRef block, CancellationToken cancellationToken)
    {
        try
        {
            var told = await nodes.AskWhoAsync(
                (node, cancel) => LineAsync(node, block, cancel), line => line is not null, cancellationToken);
            if (told.Value is null)
                logger.LogWarning("block {Block} of a finding could not be kept: no node has it", block);
            return told.Value;
        }
        catch (NodeException e)
        {
            logger.LogWarning("block {Block} of a finding could not be kept: {Reason}", block, e.Message);
            return null;
        }
    }

    // A line of a block file; null where the node lacks it. The block is named by its hash, so that an orphan is kept
    // as well as what replaced it.
    private async Task<byte[]?> LineAsync(Node node, BlockRef block, CancellationToken cancellationToken)
    {
        var hash = block.Hash.ToString();
        var body = await node.RequestAsync(
            "eth_getBlockByHash",
            writer =>
            {
                writer.WriteStringValue(hash);
                writer.WriteBooleanValue(true);
            },
            OneLine,
            cancellationToken);
        var receipts = await node.RequestAsync(
            "eth_getBlockReceipts", writer => writer.WriteStringValue(hash), OneLine, cancellationToken);
        if (body is [(byte)'n', ..] || receipts is [(byte)'n', ..])
            return null;
        return [.. "{\"chain\":"u8, .. System.Text.Encoding.ASCII.GetBytes($"{configuration.Chain.Id}"),
            .. ",\"block\":"u8, .. body, .. ",\"receipts\":"u8, .. receipts, (byte)'}'];
    }

    private static byte[] OneLine(JsonElement result)
    {
        var raw = JsonMarshal.GetRawUtf8Value(result);
        return raw.ContainsAny((byte)'\n', (byte)'\r') ? JsonSerializer.SerializeToUtf8Bytes(result) : raw.ToArray();
    }
}
