using System.Text;
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

    // What is forgotten of these is fetched once more, and is then found to be kept.
    private const int DoneMax = 4096;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (Open() is not { } kept)
            return;
        var done = new LatestOnes<(FindingId, BlockRef)>(DoneMax);
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

    // What findings cite can then be replayed from the input log alone, as long as that keeps it.
    private KeptInputs? Open()
    {
        try
        {
            return new KeptInputs(Path.Combine(configuration.DataDirectory, "inputs", "kept"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.LogError("what findings cite cannot be kept beside them: {Reason}", e.Message);
            return null;
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
                (node, cancel) => LineAsync(node, configuration.Chain.Id, block, cancel), line =>
                    line is not null, cancellationToken);
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

    /// <summary>
    /// A line of a block file; null where the node lacks the block. It is named by its hash, so that an orphan is kept
    /// as well as what replaced it.
    /// </summary>
    internal static async Task<byte[]?> LineAsync(
        Node node, ChainId chain, BlockRef block, CancellationToken cancellationToken) =>
        await node.BlockTextAsync(block.Hash, cancellationToken) is { } text
            ? [.. "{\"chain\":"u8, .. Encoding.ASCII.GetBytes($"{chain}"), .. ",\"block\":"u8, .. text.Body,
                .. ",\"receipts\":"u8, .. text.Receipts, (byte)'}']
            : null;
}
