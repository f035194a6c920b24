using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Findings;
using Tocsin.Tests.Detection;
using Finality = Tocsin.Chain.Finality;

namespace Tocsin.Tests.Reorgs;

/// <summary>Whatever the chain, the node and the heads do, the watch ends where the chain is.</summary>
public sealed class RandomReorgTests
{
    // Few confirmations: so confirmations, broken finality and reorgs meet often.
    private static readonly Watch Watch = Story.Watch with { Thresholds = new Thresholds { Confirmations = 3 } };

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 30), Random.Shared.Next()];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task The_watch_ends_where_the_chain_is(int seed)
    {
        await using var watched = await PlayAsync(seed);

        ReorgTests.AssertSameAsReplay(watched);
    }

    [Fact]
    public async Task The_weather_does_reach_everything_that_can_befall_a_watch()
    {
        var told = new HashSet<FollowNoticeKind>();
        var found = new HashSet<FindingStatus>();
        for (var seed = 1; seed <= 10; seed++)
        {
            await using var watched = await PlayAsync(seed);
            told.UnionWith(watched.Told);
            found.UnionWith(watched.Findings.Select(finding => finding.Status));
        }

        Assert.Equal(Enum.GetValues<FollowNoticeKind>(), told.Order());
        // Over is said of what was heard, and here nothing but the chain is.
        Assert.Equal(Enum.GetValues<FindingStatus>().Except([FindingStatus.Over]), found.Order());
    }

    private static async Task<WatchedStory> PlayAsync(int seed)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var watched = new WatchedStory(Watch) { Options = Options(random) };
        watched.Story.Begin();
        var weather = new Weather(watched, random);
        for (var epoch = 0; epoch < 25; epoch++)
            await weather.EpochAsync();
        watched.Asked = null;
        await watched.ToHeadAsync();
        return watched;
    }

    private static FollowOptions Options(Random random) => new()
    {
        ExpectedChain = Watch.Chain,
        Finality = random.Next(2) == 0 ? Finality.After(3) : Finality.Finalized,
        FinalityInterval = TimeSpan.FromMilliseconds(random.Next(2000)),
        LagBlocks = random.Next(1, 12),
        BlocksAhead = random.Next(1, 5),
        BlocksAheadMax = random.Next(5, 10),
    };

    /// <summary>What befalls one chain, its node and its watch.</summary>
    private sealed class Weather(WatchedStory watched, Random random)
    {
        private readonly List<BlockRef> everSeen = [];
        private int untilChange;

        /// <summary>
        /// The chain grows or changes its mind, at once and maybe again after some questions; heads of all kinds are
        /// told; the node fails now and then; the watch may be restarted on the way to where the chain is.
        /// </summary>
        public async Task EpochAsync()
        {
            if (random.Next(4) == 0)
                await watched.RestartAsync();
            watched.Asked = Interfere;
            untilChange = random.Next(3) == 0 ? random.Next(1, 30) : 0;
            Change();
            if (random.Next(4) == 0)
            {
                await watched.StepAsync();
                await watched.RestartAsync();
                watched.Tell(watched.NodeHead);
                Babble();
            }
            await watched.UntilAsync(() => watched.Taken.Count > 0 && watched.Taken[^1].Ref == watched.NodeHead);
        }

        private void Interfere()
        {
            if (--untilChange == 0)
                Change();
            if (random.Next(50) == 0)
                throw new NodeException(NodeFault.Unreachable, "the node is away for a moment");
        }

        private void Change()
        {
            var length = watched.Story.Blocks.Count;
            if (random.Next(2) == 0)
                watched.Story.BackTo(length - 1 - random.Next(Math.Min(length, random.Next(1, 40))));
            for (var added = random.Next(1, random.Next(2, 30)); added > 0; added--)
            {
                watched.Story.Next(Act(), Act());
                everSeen.Add(watched.Story.Blocks[^1].Ref);
            }
            watched.Tagged = random.Next(8) == 0
                ? everSeen[random.Next(everSeen.Count)]
                : watched.Story.Blocks[Math.Max(0, watched.Story.Blocks.Count - random.Next(1, 12))].Ref;
            Babble();
            watched.Publish();
            watched.Tell(watched.NodeHead);
            Babble();
        }

        // Heads told twice, too late, in any order, and such as never were.
        private void Babble()
        {
            for (var heads = random.Next(4); heads > 0; heads--)
            {
                var seen = everSeen[random.Next(everSeen.Count)];
                var head = random.Next(6) switch
                {
                    0 => new BlockRef(ulong.MaxValue - (ulong)random.Next(3), Story.Hash(8, random.Next())),
                    1 => new BlockRef(seen.Number + (ulong)random.Next(20), Story.Hash(8, random.Next())),
                    _ => seen,
                };
                watched.Tell(head, $"another node {random.Next(2)}");
            }
        }

        private Action<TransactionStory> Act()
        {
            var number = random.Next(1000);
            var who = Story.Account(0x100 + (number % 3));
            var through = Story.Account(0x200 + (number % 2));
            return random.Next(12) switch
            {
                0 => Story.Attack(who, through),
                // A pool of hashes: an orphaned attack comes again in another block.
                1 => Story.Attack(who, through, hash: 100_000 + (number % 9)),
                2 => tx => tx.By(who, Story.Market).Transfer(Story.Dusd, Story.Market, who, 1_200_000m),
                3 => tx => tx.By(who, Story.Router).BuyGem(who, 20_000m * (1 + (number % 20))),
                4 => tx => tx.By(who, Story.Router).SellGem(who, 2_000m * (1 + (number % 20))),
                _ => tx => tx.By(Story.Account(0x300 + number), Story.Router).BuyGem(Story.Router, 500m + number),
            };
        }
    }
}
