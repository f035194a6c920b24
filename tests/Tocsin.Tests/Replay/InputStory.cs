using System.Text;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Replay;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Replay;

/// <summary>
/// Whatever can happen to a watch, told by numbers: blocks with attacks and ordinary traffic, reorgs, traces, answers,
/// finality, ticks, beats, front ends, faults of nodes, pending transactions, silence.
/// </summary>
internal sealed class InputStory
{
    // Few confirmations and few accounts: so confirmations, reorgs and shared addresses meet often.
    public static readonly Watch Watch = Story.Watch with
    {
        Thresholds = new Thresholds { Confirmations = 3 },
        Senses = new Senses(
            TimeSpan.FromMinutes(2),
            [new FeedSense("reference", "dUSD", TimeSpan.FromMinutes(1))],
            [new HeartbeatSense("keeper", TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10))],
            [new FrontEndSense("app", TimeSpan.FromMinutes(1))],
            []),
    };

    private readonly Story story = new();
    private readonly List<Input> inputs = [];
    private DateTimeOffset now = new(2026, 3, 1, 3, 0, 1, TimeSpan.Zero);
    private int final;

    private InputStory()
    {
    }

    public static List<Input> Tell(params IEnumerable<int> script)
    {
        var told = new InputStory();
        told.inputs.Add(told.story.Begin());
        foreach (var number in script)
            told.Happen(number);
        return told.inputs;
    }

    /// <summary>Blocks alone; each reorg shows in the block after it, as block files tell it.</summary>
    public static List<ChainStep> TellChain(params IEnumerable<int> script)
    {
        var story = new Story();
        List<ChainStep> steps = [story.Begin()];
        foreach (var number in script)
        {
            if (number >= 165 && story.Blocks.Count > 1)
                steps.Add(story.BackTo(Math.Max(0, story.Blocks.Count - 2 - (number % 9))));
            steps.Add(story.Next(Act(number % 13, number), Act(number % 11, number + 1)));
        }
        return steps;
    }

    /// <summary>The lines of findings that a live engine gives.</summary>
    public static string Live(IEnumerable<Input> inputs) => Lines(new Engine(Watch), inputs);

    public static string Lines(Engine engine, IEnumerable<Input> inputs) =>
        string.Concat(inputs.SelectMany(engine.Step).Select(Line));

    public static string Line(Finding finding) => Encoding.UTF8.GetString(FindingJson.Write(finding).Span) + "\n";

    private void Happen(int number)
    {
        now = now.AddSeconds(1 + (number % 7));
        switch (number)
        {
            case < 110:
                NextBlock(number);
                break;
            case < 125:
                Reorg(number % 9);
                break;
            case < 135 when inputs[^1] is ChainStep.Forward { Block: var block }:
                After(block, number);
                break;
            case < 142 when story.Blocks.Count > 14:
                final = Math.Max(final, story.Blocks.Count - 13);
                inputs.Add(new ChainStep.Final(story.Blocks[final].Ref));
                break;
            default:
                inputs.Add(Arrive(number));
                break;
        }
    }

    private void NextBlock(int number)
    {
        inputs.Add(story.Next(Act(number % 13, number), Act(number % 11, number + 1)));
        now = now < story.Blocks[^1].Time ? story.Blocks[^1].Time.AddSeconds(1) : now;
    }

    private void Reorg(int depth)
    {
        var ancestor = Math.Max(final, story.Blocks.Count - 1 - depth);
        if (ancestor < story.Blocks.Count)
            inputs.Add(story.BackTo(ancestor));
    }

    private void After(Block block, int number)
    {
        if (number % 2 == 0)
            inputs.Add(new ChainStep.Traced(
                block.Ref, block.Transactions.ToArray().Select(Trace).ToValueList()));
        else
            inputs.Add(new ChainStep.Answered(
                block.Ref,
                [
                    new ReadAnswer(new StateRead.Call(Story.Vault, "0x18160ddd"), [1, 2, 3]),
                    new ReadAnswer(new StateRead.Slot(Story.Vault, ProxySlots.Implementation), null),
                ]));
    }

    private static TransactionTrace Trace(Transaction transaction) => new(
        transaction.Hash,
        [
            new CallFrame(
                0, CallKind.Call, transaction.From, transaction.To, transaction.ValueWei, transaction.Input,
                default, null, transaction.Logs),
        ]);

    private Arrival Arrive(int number) => (number % 9) switch
    {
        0 => new Arrival.Passed(now.AddSeconds(number)),
        1 or 2 => new Arrival.Tick(now, "reference", "dUSD", 1m - (number % 8 / 100m), now.AddSeconds(-1)),
        3 => new Arrival.FeedFailed(now, "reference", "no answer within 5 s"),
        4 => new Arrival.Beat(now, "keeper"),
        5 => new Arrival.FrontEndSeen(now, "app", "content", $"{number % 3}", "what it shows"),
        6 => new Arrival.NodeTold(now, "primary", (NodeSymptom)(number % 6), number % 2 == 0, "behind \"the\" others"),
        7 => new Arrival.HeadSeen(now, new BlockRef((ulong)story.Blocks.Count, Keccak256.Hash($"{number}"))),
        _ => new Arrival.Pending(now, Pending(number)),
    };

    private static PendingTransaction Pending(int number) => new(
        Keccak256.Hash($"pending {number}"), Story.Attacker, Story.AttackContract, (ulong)number, 1,
        new byte[] { 1, 2, 3 }, null, "the node does not simulate");

    private static Action<TransactionStory> Act(int kind, int number)
    {
        var who = Story.Account(0x100 + (number % 3));
        var through = Story.Account(0x200 + (number % 2));
        return kind switch
        {
            0 => Story.Attack(who, through),
            // A pool of hashes: an orphaned attack comes again in another block.
            1 => Story.Attack(who, through, hash: 100_000 + number),
            2 => tx => tx.By(who, Story.Router).BuyGem(who, 20_000m * (1 + (number % 20))),
            3 => tx => tx.By(who, Story.Router).SellGem(who, 2_000m * (1 + (number % 20))),
            4 => tx => tx.By(who, Story.Market).Transfer(Story.Dusd, Story.Market, who, 1_200_000m),
            5 => tx => tx.By(who, through).Resize(Story.Pair, number % 2 == 0 ? 0.5m : -0.35m),
            6 => tx => tx.By(who, through).Reverted(),
            _ => tx => tx.By(Story.Account(0x300 + number), Story.Router).BuyGem(Story.Router, 500m + number),
        };
    }
}

/// <summary>A folder of its own for one test, gone afterwards.</summary>
internal sealed class ReplayFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-replay-");

    public string PathOf(string name) => Path.Combine(folder.FullName, name);

    public string Write(string name, params IEnumerable<string> lines)
    {
        File.WriteAllLines(PathOf(name), lines);
        return PathOf(name);
    }

    public void Dispose() => folder.Delete(recursive: true);
}
