using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Evm.Reads;
using Tocsin.Findings;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Detectors;

/// <summary>Who is shown what, and in which order.</summary>
public sealed class DetectorSetTests
{
    private static readonly Hash32 Topic = Story.Hash(7, 1);
    private static readonly Hash32 OtherTopic = Story.Hash(7, 2);
    private static readonly Address One = Story.Account(0x71);
    private static readonly Address Other = Story.Account(0x72);

    private readonly List<string> told = [];
    private readonly Story story = new();

    [Fact]
    public void A_log_is_shown_by_its_address_its_topic_or_both()
    {
        var engine = Engine(
            Watching("address", new LogInterest(One, null)),
            Watching("topic", new LogInterest(null, Topic)),
            Watching("both", new LogInterest(One, Topic)),
            Watching("neither"));

        engine.Step(story.Next(
            Logs((One, [Topic])), Logs((One, [OtherTopic])), Logs((Other, [Topic])), Logs((Other, [OtherTopic])),
            Logs((One, [])), Logs((Other, []))));

        Assert.Equal(["0 log 0", "0 end", "1 log 1", "1 end", "4 log 4", "4 end", "block"], By("address"));
        Assert.Equal(["0 log 0", "0 end", "2 log 2", "2 end", "block"], By("topic"));
        Assert.Equal(["0 log 0", "0 end", "block"], By("both"));
        Assert.Empty(By("neither"));
    }

    [Fact]
    public void A_log_that_meets_several_interests_is_shown_once()
    {
        var engine = Engine(Watching(
            "all", new LogInterest(One, null), new LogInterest(One, Topic), new LogInterest(null, Topic),
            new LogInterest(One, null)));

        engine.Step(story.Next(Logs((One, [Topic]), (One, [Topic]))));

        Assert.Equal(["0 log 0", "0 log 1", "0 end", "block"], By("all"));
    }

    [Fact]
    public void Ends_come_in_the_order_of_the_detectors_whatever_logs_came_first()
    {
        var engine = Engine(
            Watching("first", new LogInterest(One, null)), Watching("second", new LogInterest(Other, null)),
            Watching("third", new LogInterest(null, Topic)));

        engine.Step(story.Next(Logs((Other, [Topic]), (One, []))));

        Assert.Equal(
            ["second 0 log 0", "third 0 log 0", "first 0 log 1", "first 0 end", "second 0 end", "third 0 end",
                "first block", "second block", "third block"],
            told);
    }

    [Fact]
    public void Who_sees_all_sees_failed_transactions_and_every_block_and_others_do_not()
    {
        var engine = Engine(
            Watching("some", new LogInterest(One, null)), Watching("all", new LogInterest(One, null)) with
            {
                SeesAll = true,
            });

        engine.Step(story.Next(
            tx => Logs((One, [Topic])).Invoke(tx.Reverted()), tx => tx.By(One, Other), Logs((One, []))));
        engine.Step(story.Next());

        Assert.Equal(["0 failed end", "1 end", "2 log 0", "2 end", "block", "block"], By("all"));
        Assert.Equal(["2 log 0", "2 end", "block"], By("some"));
    }

    [Fact]
    public void What_is_read_after_each_block_is_asked_once_for_all()
    {
        var read = new StateRead.Call(One, "0x18160ddd");
        var engine = Engine(
            Watching("one") with { Reads = [read] }, Watching("two") with { Reads = [read] });
        var block = story.NextBlock();
        engine.Step(Story.Step(block));
        told.Clear();

        engine.Step(new ChainStep.Answered(block.Ref, [new ReadAnswer(read, [1])]));

        Assert.Equal([read], engine.Reads);
        Assert.Equal(["one answered", "two answered"], told);
    }

    [Fact]
    public void Two_of_one_name_are_refused()
    {
        var watch = Story.Watch with { Detectors = [Watching("a"), Watching("a")] };

        Assert.Equal(["the detector 'test a' is described twice"], watch.Problems());
    }

    [Fact]
    public void What_was_remembered_goes_to_the_one_of_its_name()
    {
        var engine = Engine(Watching("a"), Watching("b"));
        var snapshot = engine.Snapshot();
        Assert.Equal(["test a", "test b"], snapshot.Detectors!.States.Select(state => state.Detector));

        Tocsin.Detection.Engine.Restore(
            Story.Watch with { Detectors = [Watching("b"), Watching("c")] }, snapshot);

        Assert.Equal(["b restored b"], told);
    }

    private static Action<TransactionStory> Logs(params (Address By, Hash32[] Topics)[] logs) => tx =>
    {
        foreach (var (by, topics) in logs)
            tx.Log(by, topics);
    };

    private static Engine Engine(params TestSettings[] detectors) =>
        new(Story.Watch with { Detectors = detectors.ToValueList<DetectorSettings>() });

    private TestSettings Watching(string name, params LogInterest[] interests) => new(name, interests, told);

    private IEnumerable<string> By(string name) => told
        .Where(line => line.StartsWith(name + " ", StringComparison.Ordinal))
        .Select(line => line[(name.Length + 1)..]);

    private sealed record TestState(string Of) : DetectorState;

    private sealed record TestSettings(string Of, LogInterest[] Interests, List<string> Told) : DetectorSettings
    {
        public bool SeesAll { get; init; }

        public ValueList<StateRead> Reads { get; init; } = [];

        public override DetectorCard Card { get; } = new("test", Threat.StandingRisk, "", "", [], []);

        public override string Subject => Of;

        internal override Detector Create(Watch watch) => new TestDetector(this);
    }

    private sealed class TestDetector(TestSettings settings) : Detector
    {
        public override IEnumerable<LogInterest> Interests => settings.Interests;

        public override bool SeesAll => settings.SeesAll;

        public override ValueList<StateRead> Reads => settings.Reads;

        public override void Log(in Log log, in Transaction transaction, BlockScene scene) =>
            settings.Told.Add($"{settings.Of} {transaction.Index} log {log.Index}");

        public override void EndTransaction(in Transaction transaction, BlockScene scene) =>
            settings.Told.Add(
                $"{settings.Of} {transaction.Index} {(transaction.Succeeded ? "end" : "failed end")}");

        public override void EndBlock(BlockScene scene) => settings.Told.Add($"{settings.Of} block");

        public override void Answered(ReadAnswers answers, BlockScene scene) =>
            settings.Told.Add($"{settings.Of} answered");

        public override DetectorState Snapshot() => new TestState(settings.Of);

        public override void Restore(DetectorState state) =>
            settings.Told.Add($"{settings.Of} restored {((TestState)state).Of}");
    }
}
