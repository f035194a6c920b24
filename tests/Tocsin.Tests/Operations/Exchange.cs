using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;
using Tocsin.Recording;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Operations;

/// <summary>Weeks at a protocol, told block by block: each block has the time that the story gives it.</summary>
internal sealed class Exchange
{
    public static readonly DateTimeOffset Begin = new(2026, 3, 1, 0, 30, 0, TimeSpan.Zero);

    private readonly Story story = new();
    private readonly List<(Block Block, List<Finding> Given)> canonical = [];
    private readonly Watch watch;

    public Exchange(params DetectorSettings[] detectors)
    {
        watch = Story.Watch with { Detectors = detectors.ToValueList() };
        Engine = new Engine(watch);
        Block(Begin, tx => tx.By(Story.Account(1), Story.Router).Resize(Story.Pair, 1m));
    }

    public Engine Engine { get; private set; }

    public List<Finding> Findings { get; } = [];

    public Finding? Last => Findings.Count == 0 ? null : Findings[^1];

    public int Head => story.Blocks.Count - 1;

    public DateTimeOffset Time { get; private set; }

    /// <summary>Of the blocks to come.</summary>
    public BlockGas? Gas { get; set; }

    /// <summary>An account that has transacted often.</summary>
    public static Address Trader(int number) => Story.Account(0x1000 + number);

    public List<Finding> Block(DateTimeOffset time, params Action<TransactionStory>[] transactions) =>
        Block(time, 100, transactions);

    /// <param name="nonce">Of the senders.</param>
    public List<Finding> Block(DateTimeOffset time, ulong nonce, params Action<TransactionStory>[] transactions)
    {
        Time = time;
        var told = story.NextBlock(transactions);
        var block = told with
        {
            Time = time,
            Gas = Gas,
            Transactions = told.Transactions.ToArray().Select(tx => tx with { Nonce = nonce }).ToArray(),
        };
        var given = Engine.Step(Story.Step(block)).Where(IsOurs).ToList();
        canonical.Add((block, given));
        Findings.AddRange(given);
        return given;
    }

    public List<Finding> Back(int blocks)
    {
        var to = Math.Max(0, Head - blocks);
        canonical.RemoveRange(to + 1, canonical.Count - to - 1);
        var given = Engine.Step(story.BackTo(to)).Where(IsOurs).ToList();
        Time = canonical[^1].Block.Time;
        Findings.AddRange(given);
        return given;
    }

    public void Restart()
    {
        var json = JsonSerializer.Serialize(Engine.Snapshot(), EventJson.Options);
        Engine = Engine.Restore(watch, JsonSerializer.Deserialize<EngineSnapshot>(json, EventJson.Options)!);
    }

    /// <summary>A fresh engine over the blocks that remained gives what the live one gave at them.</summary>
    public void AssertReplayIsTheSame()
    {
        var replay = new Engine(watch);
        foreach (var (block, given) in canonical)
            Assert.Equal(Unnumbered(given), Unnumbered(replay.Step(Story.Step(block)).Where(IsOurs)));
    }

    public static Action<TransactionStory> Buy(Address by, decimal dusd, Address? through = null) =>
        tx => tx.By(by, through ?? Story.Router).BuyGem(by, dusd);

    public static Action<TransactionStory> Sell(Address by, decimal gem, Address? through = null) =>
        tx => tx.By(by, through ?? Story.Router).SellGem(by, gem);

    private static bool IsOurs(Finding finding) =>
        finding.Threat is Threat.UnusualTrading or Threat.ActivitySpike or Threat.UserReports;

    private static IEnumerable<Finding> Unnumbered(IEnumerable<Finding> findings) =>
        findings.Select(finding => finding with { Revision = 0 });
}
