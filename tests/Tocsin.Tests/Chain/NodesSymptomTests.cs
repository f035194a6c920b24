using FsCheck;
using FsCheck.Fluent;
using Tocsin.Evm.Inputs;

namespace Tocsin.Tests.Chain;

public sealed class NodesSymptomTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Failing_begins_after_three_faults_and_ends_after_thirty_good_seconds()
    {
        await using var run = await NodesRun.StartAsync(options: new() { CompareEvery = null });
        run.B.Script = _ => new Reply("", 502);
        await run.ProbeAsync(2);
        Assert.Equal("", run.Told());
        await run.ProbeAsync(5);
        Assert.Equal("+b Failing", run.Told());
        Assert.Equal([NodeSymptom.Failing], run.Nodes.SymptomsOf("b"));
        Assert.Contains("HTTP 502", run.Words("b", NodeSymptom.Failing));

        run.B.Script = null;
        await run.ProbeAsync(6);
        Assert.Equal("+b Failing", run.Told());
        await run.ProbeAsync(1);
        Assert.Equal("+b Failing, -b Failing", run.Told());
        Assert.Empty(run.Nodes.SymptomsOf("b"));
    }

    [Fact]
    public async Task One_fault_now_and_then_is_not_told_and_one_good_look_ends_nothing()
    {
        await using var run = await NodesRun.StartAsync();
        for (var round = 0; round < 10; round++)
        {
            run.B.Script = _ => new Reply("", 502);
            await run.ProbeAsync(1);
            run.B.Script = null;
            await run.ProbeAsync(3);
        }
        Assert.Equal("", run.Told());

        run.B.Script = _ => new Reply("", 502);
        await run.ProbeAsync(3);
        for (var round = 0; round < 5; round++)
        {
            run.B.Script = null;
            await run.ProbeAsync(5);
            run.B.Script = _ => new Reply("", 502);
            await run.ProbeAsync(1);
        }
        Assert.Equal("+b Failing", run.Told());
    }

    [Fact]
    public async Task All_nodes_failing_is_told_of_all()
    {
        await using var run = await NodesRun.StartAsync();
        run.A.Script = run.B.Script = _ => new Reply("", 502);

        await run.ProbeAsync(3);

        Assert.Equal("+* Failing, +a Failing, +b Failing", string.Join(", ", run.Told().Split(", ").Order()));
    }

    [Fact]
    public async Task Throttling_is_told_where_it_goes_on()
    {
        await using var run = await NodesRun.StartAsync();
        run.A.Script = _ => new Reply("", 429, RetryAfter: "4");

        await run.ProbeAsync(3);

        Assert.Equal("+a Throttling", run.Told());
    }

    [Fact]
    public async Task A_node_that_stands_still_lags_and_the_one_that_goes_on_does_not()
    {
        await using var run = await NodesRun.StartAsync();

        await run.ProbeAsync(20, () => Grow(run, run.A));

        Assert.Equal("+b Lagging", run.Told());
        Assert.Contains("blocks behind a", run.Words("b", NodeSymptom.Lagging));
        Assert.Equal("a", (await run.Nodes.HeadAsync(Cancel)).Node);

        run.B.Chain = run.A.Chain;
        await run.ProbeAsync(7);
        Assert.Equal("+b Lagging, -b Lagging", run.Told());
    }

    [Fact]
    public async Task A_head_that_goes_back_is_a_lag()
    {
        await using var run = await NodesRun.StartAsync(1);
        await run.ProbeAsync(1);
        run.A.Chain.Reorg(10, 0, "main");

        await run.ProbeAsync(3);

        Assert.Equal("+a Lagging", run.Told());
        Assert.Contains("is back at block 20 after block 30", run.Words("a", NodeSymptom.Lagging));
    }

    [Fact]
    public async Task A_head_far_in_the_past_is_a_lag_of_every_node()
    {
        await using var run = await NodesRun.StartAsync();
        run.Time.Advance(TimeSpan.FromHours(3));

        await run.ProbeAsync(3);

        Assert.Equal("+a Lagging, +b Lagging", string.Join(", ", run.Told().Split(", ").Order()));
        Assert.Contains("has no block newer than 30, which is 3 h old", run.Words("a", NodeSymptom.Lagging));
    }

    [Theory]
    [InlineData(0, 3600, "into the future")]
    [InlineData(100_000, 0, "beyond the newest of a")]
    public async Task A_head_that_cannot_be_is_a_lie_and_makes_no_honest_node_lag(
        ulong blocksAhead, int secondsAhead, string words)
    {
        await using var run = await NodesRun.StartAsync();
        run.B.Script = asked =>
        {
            if (asked.Method != "eth_getBlockByNumber" || asked.FirstText != "latest")
                return null;
            var head = run.B.Chain.Head.ToJson(full: false);
            head["number"] = FakeBlock.Quantity(run.B.Chain.Head.Number + blocksAhead);
            var seconds = run.Time.GetUtcNow().ToUnixTimeSeconds() + secondsAhead;
            head["timestamp"] = FakeBlock.Quantity((ulong)seconds);
            return Reply.Result(asked.Id, head);
        };

        await run.ProbeAsync(12, () => Grow(run, run.A, run.B));

        Assert.Equal("+b Disagreeing", run.Told());
        Assert.Contains(words, run.Words("b", NodeSymptom.Disagreeing));
    }

    [Fact]
    public async Task A_node_that_announces_blocks_which_it_does_not_have_contradicts_itself()
    {
        await using var run = await NodesRun.StartAsync();
        run.B.Script = asked => asked.FirstText == "latest"
            ? Reply.Result(asked.Id, FakeBlock.After(run.B.Chain.Head, "air").ToJson(full: false))
            : null;
        await run.ProbeAsync(1);
        Assert.Null(await run.Nodes.BlockAsync(31, Cancel));

        await run.ProbeAsync(2);

        Assert.Equal("+b Disagreeing", run.Told());
        Assert.Equal("b announced block 31, but does not have block 31", run.Words("b", NodeSymptom.Disagreeing));
    }

    [Fact]
    public void A_symptom_never_flaps_faster_than_it_may_end() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(15),
        Prop.ForAll(ArbMap.Default.ArbFor<bool[]>(), good => NeverFlapsAsync(good).GetAwaiter().GetResult()));

    private static async Task<bool> NeverFlapsAsync(bool[] good)
    {
        await using var run = await NodesRun.StartAsync(options: new() { StaleAfter = null });
        foreach (var answers in good)
        {
            run.B.Script = answers ? null : _ => new Reply("", 502);
            await run.ProbeAsync(1);
        }
        var failing = run.Notices.Where(notice => notice.Node == "b" && notice.Symptom == NodeSymptom.Failing).ToList();
        var alternates = failing.Select((notice, index) => notice.Present == (index % 2 == 0)).All(right => right);
        var slow = failing.Zip(failing.Skip(1))
            .All(pair => pair.Second.Present || pair.Second.At - pair.First.At >= TimeSpan.FromSeconds(30));
        return alternates && slow;
    }

    // One more block, and the clock at it.
    private static void Grow(NodesRun run, params ScriptedNode[] servers)
    {
        foreach (var server in servers)
            server.Chain.Extend(1);
        run.Time.Advance(TimeSpan.FromSeconds(7));
    }
}
