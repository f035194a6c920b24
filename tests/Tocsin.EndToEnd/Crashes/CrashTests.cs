using Tocsin.Chains;
using Tocsin.EndToEnd.Parts;

namespace Tocsin.EndToEnd.Crashes;

/// <summary>Whatever is killed, and whenever: the story goes on where it was, and everything happens once.</summary>
public sealed class CrashTests(ProtectedChain chain, ITestOutputHelper output) : IClassFixture<ProtectedChain>
{
    public static TheoryData<Victim, Stage> Blows
    {
        get
        {
            var blows = new TheoryData<Victim, Stage>();
            foreach (var victim in Enum.GetValues<Victim>())
            {
                foreach (var stage in Enum.GetValues<Stage>())
                    blows.Add(victim, stage);
            }
            return blows;
        }
    }

    [Theory]
    [MemberData(nameof(Blows))]
    public async Task A_kill_at_any_stage_loses_nothing_and_repeats_nothing(Victim victim, Stage stage)
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        var hold = Arm(site, stage);
        var struck = false;
        var story = new Story(site, chain, async reached =>
        {
            if (reached != stage)
                return;
            if (hold is not null)
                await Wait.ForAsync($"the message of stage {stage}", hold.Reached, () => site.Output);
            await StrikeAsync(site, victim, hold);
            struck = true;
        });
        await site.StartSignerAsync();
        await site.StartServerAsync();
        await story.PlayAsync();
        Assert.True(struck);
        await Judgement.HoldsAsync(site, chain, story);
    }

    [Theory]
    [InlineData(20261)]
    [InlineData(20262)]
    public async Task Three_kills_in_a_row_at_random_messages_lose_nothing(int seed)
    {
        output.WriteLine($"seed {seed}");
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        await site.StartSignerAsync();
        await site.StartServerAsync();
        var story = new Story(site, chain, _ => Task.CompletedTask);
        var playing = story.PlayAsync();
        var random = new Random(seed);
        for (var kill = 0; kill < 3; kill++)
        {
            // So many questions to the node from now, one is held for ever.
            var left = random.Next(1, 40);
            site.Rpc.Hold = new Hold((_, _) => Interlocked.Decrement(ref left) <= 0, holdsAnswer: random.Next(2) == 0);
            await Wait.ForAsync($"kill {kill} of seed {seed}", site.Rpc.Hold.Reached, () => site.Output);
            await StrikeAsync(site, Victim.Server, site.Rpc.Hold);
        }
        await playing;
        await Judgement.HoldsAsync(site, chain, story);
    }

    /// <summary>Sets the trap for stages that only a message on its way can show.</summary>
    private Hold? Arm(Site site, Stage stage)
    {
        var isPaused = Hex.Format(chain.Protocol.Controls.Abi.Function("isPaused").Selector.ToArray());
        return stage switch
        {
            Stage.BlockBeingRead => site.Rpc.Hold = Hold.Request("eth_getBlockByNumber", ",true]"),
            Stage.AlertOnItsWay => site.Alerts.Hold = Hold.Request("INC-1"),
            Stage.AlertButNotAnswered => site.Alerts.Hold = Hold.Answer("INC-1", "ok"),
            Stage.DecisionTaken => site.Rpc.Hold = Hold.Request("eth_maxPriorityFeePerGas"),
            Stage.SignatureAskedFor => site.SignerSocket.Hold = Hold.Request("\"sign\":{"),
            Stage.SignatureGiven => site.SignerSocket.Hold = Hold.Answer("\"sign\":{", "\"signed\":{"),
            Stage.Signed => site.Rpc.Hold = Hold.Request("eth_sendRawTransaction"),
            Stage.SentButNotAnswered => site.Rpc.Hold = Hold.Answer("eth_sendRawTransaction", "result"),
            Stage.IncludedButNotRead => site.Rpc.Hold = Hold.Answer("eth_getTransactionReceipt", "blockHash"),
            Stage.Included => site.Rpc.Hold = Hold.Request("eth_call", isPaused),
            _ => null,
        };
    }

    private static async Task StrikeAsync(Site site, Victim victim, Hold? hold)
    {
        if (victim is not Victim.Signer)
            await site.KillServerAsync();
        if (victim is not Victim.Server)
            await site.KillSignerAsync();
        // What the dead one was to send or to hear is lost; what others said to each other goes on.
        hold?.Release(lost: victim is not Victim.Signer || hold == site.SignerSocket.Hold);
        if (victim is not Victim.Server)
            await site.StartSignerAsync();
        if (victim is not Victim.Signer)
            await site.StartServerAsync();
    }
}
