using Tocsin.Chains;
using Tocsin.EndToEnd.Parts;
using Tocsin.Tests.Storage;

namespace Tocsin.EndToEnd.Crashes;

/// <summary>Whatever is killed, and whenever: the story goes on where it was, and everything happens once.</summary>
public sealed class CrashTests(ProtectedChain chain, ITestOutputHelper output) : IClassFixture<ProtectedChain>
{
    /// <summary>Between one kill of a night and the next; far enough that each finds the story going on.</summary>
    private const int StagesApart = 4;

    /// <summary>Together the nights of a victim strike at every stage.</summary>
    public static TheoryData<Victim, Stage> Nights
    {
        get
        {
            var nights = new TheoryData<Victim, Stage>();
            foreach (var victim in Enum.GetValues<Victim>())
            {
                for (var first = 0; first < StagesApart; first++)
                    nights.Add(victim, (Stage)first);
            }
            return nights;
        }
    }

    [Theory]
    [MemberData(nameof(Nights))]
    public async Task Kills_at_every_fourth_stage_lose_nothing_and_repeat_nothing(Victim victim, Stage first)
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        var blows = new Queue<Stage>(
            Enum.GetValues<Stage>().Where(stage => stage >= first && (stage - first) % StagesApart == 0));
        var hold = Arm(site, blows.Peek());
        var story = new Story(site, chain, async reached =>
        {
            if (!blows.TryPeek(out var stage) || reached != stage)
                return;
            if (hold is not null)
                await Wait.ForAsync($"the message of stage {stage}", hold.Reached, () => site.Output);
            output.WriteLine($"{victim} killed at {blows.Dequeue()}");
            hold = await StrikeAsync(
                site, victim, hold, () => blows.TryPeek(out var next) ? Arm(site, next) : null);
        });
        await site.StartSignerAsync();
        await site.StartServerAsync();
        await story.PlayAsync();
        Assert.Empty(blows);
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
            await StrikeAsync(site, Victim.Server, site.Rpc.Hold, () => null);
        }
        await playing;
        await Judgement.HoldsAsync(site, chain, story);
    }

    [Fact]
    public async Task On_PostgreSQL_kills_of_the_server_and_lost_connections_lose_nothing()
    {
        using var database = PostgresServer.Start();
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        site.UseDatabase(database.Address);
        var story = new Story(site, chain, async reached =>
        {
            switch (reached)
            {
                case Stage.Opened or Stage.FirstApproval or Stage.Contained:
                    await StrikeAsync(site, Victim.Server, null, () => null);
                    break;
                case Stage.Acknowledged or Stage.Paused:
                    database.Tamper(
                        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = 'tocsin'");
                    break;
            }
        });
        await site.StartSignerAsync();
        await site.StartServerAsync();
        await story.PlayAsync();
        await Judgement.HoldsAsync(site, chain, story);
        Assert.False(File.Exists(Path.Combine(site.Folder.Root, "data", "tocsin.db")));
    }

    /// <summary>Sets the trap for stages that only a message on its way can show.</summary>
    private Hold? Arm(Site site, Stage stage)
    {
        (site.Rpc.Hold, site.Alerts.Hold, site.SignerSocket.Hold) = (null, null, null);
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

    /// <param name="arm">Sets the next trap, while nobody who could run into it is alive.</param>
    /// <returns>The next trap.</returns>
    private static async Task<Hold?> StrikeAsync(Site site, Victim victim, Hold? hold, Func<Hold?> arm)
    {
        if (victim is not Victim.Signer)
            await site.KillServerAsync();
        if (victim is not Victim.Server)
            await site.KillSignerAsync();
        // What the dead one was to send or to hear is lost; what others said to each other goes on.
        var isLost = victim is not Victim.Signer || hold == site.SignerSocket.Hold;
        var next = arm();
        hold?.Release(isLost);
        if (victim is not Victim.Server)
            await site.StartSignerAsync();
        if (victim is not Victim.Signer)
            await site.StartServerAsync();
        return next;
    }
}
