using Tocsin.Detection.Detectors;
using Tocsin.Detection.Mempool;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Tests.Detection;
using Tocsin.Tests.Governance;

namespace Tocsin.Tests.Replay;

/// <summary>What a replay says of those who were shown nothing of what they judge by.</summary>
public sealed class NotJudgedTests : IDisposable
{
    private static readonly Tocsin.Detection.Watch Watch =
        InputStory.Watch with { Detectors = [PendingAttackSettings.Default] };

    private readonly ReplayFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Who_was_shown_nothing_of_a_kind_is_named_with_what_was_missing()
    {
        var story = new Story();
        List<Input> inputs = [story.Begin(), story.Next()];

        var play = await PlayAsync(inputs);

        var traces = Assert.Single(play.Run!.NotJudged, none => none.Input == InputKind.Traces);
        Assert.StartsWith(
            "no calls inside transactions came: not judged by them, ", $"{traces}", StringComparison.Ordinal);
        Assert.Contains("pending-attack", Assert.Single(
            play.Run.NotJudged, none => none.Input == InputKind.PendingTransactions).Detectors);
    }

    [Fact]
    public async Task What_came_even_once_is_not_said_to_be_missing()
    {
        var story = new Story();
        var begin = story.Begin();
        var block = (ChainStep.Forward)story.Next();
        List<Input> inputs = [begin, block, new ChainStep.Traced(block.Block.Ref, [])];

        var play = await PlayAsync(inputs);

        Assert.DoesNotContain(play.Run!.NotJudged, none => none.Input == InputKind.Traces);
    }

    [Fact]
    public async Task Proposals_that_nobody_simulated_are_said_to_be_judged_by_their_text_alone()
    {
        var story = new Story();
        List<Input> inputs = [story.Begin(), story.Next()];

        var play = await PlayAsync(inputs, DaoStory.Dao);

        var simulations = Assert.Single(play.Run!.NotJudged, none => none.Input == InputKind.Simulations);
        Assert.Equal("no simulations of proposals came: not judged by them, governance-attack", $"{simulations}");
    }

    private async Task<Play> PlayAsync(List<Input> inputs, Tocsin.Detection.Watch? watch = null)
    {
        Play.Record(folder.PathOf("log"), inputs);
        var play = new Play(folder.PathOf("out.jsonl"));
        await play.OnceAsync(Play.Log(folder.PathOf("log"), inputs), watch ?? Watch);
        return play;
    }
}
