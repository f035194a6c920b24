using System.Text.RegularExpressions;
using Tocsin.Chains;
using Tocsin.Commands;
using Tocsin.Configuration;
using Tocsin.Detection;
using Tocsin.Evm;
using Tocsin.Feeds;
using Tocsin.Plans;
using Tocsin.Tests.Plans;
using Tocsin.Texts;
using Tocsin.Watching;

namespace Tocsin.Tests.Configuration;

public sealed partial class WatchConfigurationTests : IDisposable
{
    private const string EventAbi = """
        [{"type":"event","name":"Paused","inputs":[{"name":"by","type":"address","indexed":true}]},
         {"type":"function","name":"pause","inputs":[],"outputs":[]}]
        """;

    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void One_node_is_written_as_ever()
    {
        var chain = folder.Load("""
            chain:
              id: 31337
              rpc: env:RPC
              ws: ws://127.0.0.1:8546
              poll: 1s
              start_at: 7
              confirmations: 3
              quiet_blocks: 4
            """).Chain;

        Assert.Equal("env:RPC", chain.Rpc);
        Assert.Equal("ws://127.0.0.1:8546", chain.WebSocket);
        Assert.Equal([new NodeSettings("node", "env:RPC", "ws://127.0.0.1:8546", 1, null)], chain.Nodes);
        Assert.Equal((3, 4, 7UL, 1), (chain.Confirmations, chain.QuietBlocks, chain.StartAt, chain.Agreement));
        Assert.Equal(FinalityMark.Confirmations, chain.Finality);
    }

    [Fact]
    public void What_is_not_said_has_a_default()
    {
        var configuration = folder.Load("");
        var chain = configuration.Chain;

        Assert.Equal((12, 5, null, 1), (chain.Confirmations, chain.QuietBlocks, chain.StartAt, chain.Agreement));
        Assert.Equal((TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(2)), (chain.PollEvery, chain.StallAfter));
        Assert.Equal((Asking.Auto, Asking.Auto, false), (chain.Traces, chain.StateChanges, chain.Pending));
        Assert.Empty(configuration.Feeds);
        Assert.Empty(configuration.Heartbeats);
        Assert.Empty(configuration.FrontEnds);
        Assert.Empty(configuration.Abis);
        Assert.Equal(new InputSettings(TimeSpan.FromDays(7), 2048), configuration.Inputs);
        Assert.True(configuration.Metrics);
    }

    [Fact]
    public void Several_nodes_agree_by_two()
    {
        var chain = folder.Load("""
            chain:
              id: 1
              nodes:
                main: { rpc: env:MAIN, ws: env:MAIN_WS, weight: 2, requests_per_second: 50 }
                backup: { rpc: "https://node.example" }
              finality: safe
              stall_after: 90s
              traces: on
              state_changes: off
              pending: on
            """).Chain;

        Assert.Equal(
            [new NodeSettings("main", "env:MAIN", "env:MAIN_WS", 2, 50),
                new NodeSettings("backup", "https://node.example", null, 1, null)],
            chain.Nodes);
        Assert.Equal((FinalityMark.Safe, 32, 2), (chain.Finality, chain.Confirmations, chain.Agreement));
        Assert.Equal((Asking.On, Asking.Off, true), (chain.Traces, chain.StateChanges, chain.Pending));
        Assert.Equal(TimeSpan.FromSeconds(90), chain.StallAfter);
    }

    [Fact]
    public void Everything_that_can_be_heard_is_read()
    {
        var configuration = folder.Load("""
            feeds:
              asked:
                kind: http
                asset: DEMO
                url: https://prices.example/demo
                price: $.data[0].amount
                time: $.data[0].time
                every: 5s
                stale_after: 2m
                headers: { X-Key: env:KEY, Accept: text/json }
              sent: { kind: websocket, asset: DEMO, url: env:WS, subscribe: '{"op":1}', price: $.p, stale_after: 1min }
              oracle: { kind: chainlink, asset: dUSD, at: "0x00000000000000000000000000000000000000f1",
                  stale_after: 25h }
              pool:
                kind: uniswap-v3
                asset: DEMO
                at: "0x00000000000000000000000000000000000000f2"
                quote: "0x00000000000000000000000000000000000000f3"
                twap: 30m
                stale_after: 1h
            heartbeats:
              keeper: { every: 5m, grace: 30s, token: env:TOKEN }
              bot: { every: 1h, from: "0x00000000000000000000000000000000000000b0" }
            front_ends:
              app: { url: "https://app.example", content: whole, addresses: true, every: 1min, unreachable_after: 5min }
              old: { url: "http://old.example" }
            inputs: { keep: 30d, maximum_megabytes: 100 }
            metrics: off
            """);

        var asked = Assert.IsType<HttpFeedSettings>(configuration.Feeds[0]);
        Assert.Equal(("$.data[0].amount", "$.data[0].time"), ($"{asked.Message.Price}", $"{asked.Message.Time}"));
        Assert.Equal([new FeedHeader("X-Key", "env:KEY"), new FeedHeader("Accept", "text/json")], asked.Headers);
        var sent = Assert.IsType<WebSocketFeedSettings>(configuration.Feeds[1]);
        Assert.Equal(("""{"op":1}""", "env:WS", null), (sent.Subscribe, sent.Url, sent.Message.Time));
        Assert.Equal(
            Address.Parse("0x00000000000000000000000000000000000000f1"),
            Assert.IsType<ChainlinkFeedSettings>(configuration.Feeds[2]).Contract);
        var pool = Assert.IsType<UniswapFeedSettings>(configuration.Feeds[3]);
        Assert.Equal((3, Address.Parse("0x00000000000000000000000000000000000000f3")), (pool.Version, pool.Quote));
        Assert.Equal(TimeSpan.FromMinutes(30), pool.Twap);
        Assert.Equal(new Secret("env:TOKEN"), configuration.Heartbeats[0].Token);
        Assert.Equal(TimeSpan.FromMinutes(1), configuration.Heartbeats[1].Grace);
        Assert.Equal(
            (WatchedContent.Whole, true, true),
            (configuration.FrontEnds[0].Content, configuration.FrontEnds[0].Certificate,
                configuration.FrontEnds[0].Addresses));
        Assert.Equal(
            (WatchedContent.Scripts, false, false),
            (configuration.FrontEnds[1].Content, configuration.FrontEnds[1].Certificate,
                configuration.FrontEnds[1].Addresses));
        Assert.Equal(new InputSettings(TimeSpan.FromDays(30), 100), configuration.Inputs);
        Assert.False(configuration.Metrics);
    }

    [Theory]
    [InlineData("rpc: http://a.example\n  finality: 12\n  confirmations: 12", "another name for 'finality'")]
    [InlineData("rpc: http://a.example\n  finality: finalised", "did you mean 'finalized'?")]
    [InlineData("rpc: http://a.example\n  finality: 0", "from 1 to 256")]
    [InlineData("rpc: http://a.example\n  agreement: 2", "2 nodes cannot agree: there is 1")]
    [InlineData("rpc: http://a.example\n  poll: 0s", "a duration from 1s to 1h")]
    [InlineData("rpc: http://a.example\n  traces: yes", "one of auto, on, off")]
    [InlineData("rpc: http://a.example\n  pending: true", "one of on, off")]
    [InlineData("rpc: http://hunter2@a.example", "holds a password")]
    [InlineData("finality: 12", "'rpc' is missing in chain")]
    [InlineData("nodes: {}", "names no node")]
    [InlineData("nodes: { a: { ws: env:WS } }", "'rpc' is missing")]
    [InlineData("nodes: { '*': { rpc: env:A } }", "cannot be the name of a node")]
    [InlineData("nodes: { a: { rpc: env:A }, b: { rpc: env:A } }", "a and b are the same node")]
    [InlineData("nodes: { a: { rpc: env:A, wait: 2 } }", "'wait' is not known")]
    [InlineData("nodes: { a: { rpc: env:A } }\n  rpc: env:B", "stand under each of the 'nodes'")]
    public void A_mistake_about_the_chain_is_told(string lines, string says) =>
        Refused($"chain:\n  id: 1\n  {lines}\n", says);

    [Theory]
    [InlineData("{ kind: htp, asset: A, stale_after: 1m }", "did you mean 'http'?")]
    [InlineData("{ kind: http, asset: A, stale_after: 1m, price: $.p }", "'url' is missing")]
    [InlineData("{ kind: http, asset: A, stale_after: 1m, url: ftp://x, price: $.p }", "begins with http://")]
    [InlineData("{ kind: http, asset: A, stale_after: 1m, url: 'http://u:hunter2@x', price: $.p }", "a password")]
    [InlineData("{ kind: http, asset: A, stale_after: 1m, url: http://x, price: p }", "a path begins with $")]
    [InlineData("{ kind: http, asset: A, stale_after: 1m, url: http://x, price: '$.a[x]' }", ".name or [number]")]
    [InlineData("{ kind: http, asset: A, stale_after: 5s, url: http://x, price: $.p, every: 10s }",
        "must be shorter than")]
    [InlineData("{ kind: http, asset: A, stale_after: 1m, url: http://x, price: $.p, subscribe: x }", "is not known")]
    [InlineData("{ kind: http, asset: A, stale_after: 1m, url: http://x, price: $.p, headers: { X-Key: hunter2 } }",
        "given by reference")]
    [InlineData("{ kind: http, asset: A, stale_after: 1m, url: http://x, price: $.p, headers: { Host: env:H } }",
        "set by the connection itself")]
    [InlineData("{ kind: http, asset: A, stale_after: 1m, url: http://x, price: $.p, headers: { 'a b': env:H } }",
        "not the name of a header")]
    [InlineData("{ kind: websocket, asset: A, stale_after: 1m, url: https://x, price: $.p }", "begins with ws://")]
    [InlineData("{ kind: chainlink, asset: A, stale_after: 1m }", "'at' is missing")]
    [InlineData("{ kind: chainlink, asset: A, stale_after: 1m, at: '0xAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAaa' }",
        "an address with a right checksum")]
    [InlineData("{ kind: uniswap-v2, asset: A, stale_after: 1m, at: '0x00000000000000000000000000000000000000aa' }",
        "'quote' is missing")]
    [InlineData("{ kind: chainlink, asset: A, at: '0x00000000000000000000000000000000000000aa' }", "'stale_after'")]
    [InlineData("{ kind: chainlink, stale_after: 1m, at: '0x00000000000000000000000000000000000000aa' }", "'asset'")]
    public void A_mistake_about_a_feed_is_told_with_its_line_and_no_secret(string feed, string says) =>
        Refused($"feeds:\n  usd: {feed}\n", says, line: 7);

    [Theory]
    [InlineData("heartbeats:\n  k: { every: 5m }", "either 'token'")]
    [InlineData("heartbeats:\n  k: { every: 5m, token: env:T, from: '0x00000000000000000000000000000000000000aa' }",
        "either 'token'")]
    [InlineData("heartbeats:\n  k: { every: 5m, token: hunter2 }", "given by reference")]
    [InlineData("heartbeats:\n  k: { token: env:T }", "'every' is missing")]
    [InlineData("heartbeats:\n  'a/b': { every: 5m, token: env:T }", "cannot be the name of a heartbeat")]
    [InlineData("heartbeats:\n  k: { every: 5m, from: '0xAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAaa' }",
        "an address with a right checksum")]
    [InlineData("front_ends:\n  a: { every: 5m }", "'url' is missing")]
    [InlineData("front_ends:\n  a: { url: 'http://x', certificate: true }", "has no certificate")]
    [InlineData("front_ends:\n  a: { url: 'https://u:hunter2@x' }", "holds no user and no password")]
    [InlineData("front_ends:\n  a: { url: 'https://x', content: all }", "one of scripts, whole, off")]
    [InlineData("front_ends:\n  a: { url: 'https://x', every: 1s }", "a duration from 10s to 1d")]
    [InlineData("front_ends:\n  a: https://x", "must be a mapping")]
    [InlineData("abis:\n  market: abi/none.json", "cannot be read")]
    [InlineData("abis:\n  market: abi/text.json", "is not an ABI")]
    [InlineData("abis:\n  market: abi/object.json", "without 'abi'")]
    [InlineData("abis:\n  market: abi/empty.json", "neither a function nor an event")]
    [InlineData("abis:\n  market: { proxy: false }", "give the ABI as 'file'")]
    [InlineData("abis:\n  market: { proxy: maybe }", "one of true, false, safe")]
    [InlineData("abis:\n  '0xAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAaa': { proxy: true }", "right checksum")]
    [InlineData("abis:\n  '0x12': { proxy: true }", "right checksum")]
    [InlineData("inputs: { keep: 5 }", "a duration from 1h")]
    [InlineData("inputs: { kep: 5d }", "did you mean 'keep'?")]
    [InlineData("metrics: maybe", "one of on, off")]
    [InlineData("frontends: {}", "did you mean 'front_ends'?")]
    public void Any_other_mistake_is_told_too(string text, string says)
    {
        folder.Write("abi/text.json", "contract Market {}");
        folder.Write("abi/object.json", """{"bytecode":"0x"}""");
        folder.Write("abi/empty.json", "[]");

        Refused(text, says);
    }

    [Fact]
    public void The_senses_follow_from_the_configuration()
    {
        folder.Write("abi/market.json", EventAbi);
        folder.Write("abi/vat.json", """
            {"abi":[{"type":"event","name":"LogNote","inputs":[],"anonymous":true},
                    {"type":"event","name":"Filed","inputs":[]}],"bytecode":"0x"}
            """);
        var configuration = folder.Load("""
            chain:
              id: 31337
              rpc: http://127.0.0.1:8545
              stall_after: 45s
            feeds:
              usd: { kind: chainlink, asset: dUSD, at: "0x00000000000000000000000000000000000000f1", stale_after: 25h }
            heartbeats:
              bot: { every: 1h, grace: 2m, from: "0x00000000000000000000000000000000000000b0" }
            front_ends:
              app: { url: "https://app.example" }
            abis:
              market: { file: abi/market.json, proxy: true, quiet_after: 7 }
              vault: { proxy: safe }
              "0x00000000000000000000000000000000000000f1": abi/vat.json
            """);

        var senses = WatchOfPlan.Build(MinimalPlan.Plan, configuration).Senses;

        Assert.Equal(TimeSpan.FromSeconds(45), senses.StallAfter);
        Assert.Equal([new FeedSense("usd", "dUSD", TimeSpan.FromHours(25))], senses.Feeds);
        Assert.Equal(
            [new HeartbeatSense("bot", TimeSpan.FromHours(1), TimeSpan.FromMinutes(2))], senses.Heartbeats);
        Assert.Equal([new FrontEndSense("app", TimeSpan.FromMinutes(10))], senses.FrontEnds);
        Assert.Equal(
            [
                new KnownContract(
                    "market", Address.Parse("0x00000000000000000000000000000000000000a1"),
                    [new KnownEvent(Keccak256.Hash("Paused(address)"), "Paused(address)")],
                    [ProxySlots.Implementation, ProxySlots.Beacon, ProxySlots.Admin], 7),
                new KnownContract(
                    "vault", Address.Parse("0x00000000000000000000000000000000000000a2"), [],
                    [ProxySlots.SafeSingleton]),
                new KnownContract(
                    "0x00000000000000000000000000000000000000f1",
                    Address.Parse("0x00000000000000000000000000000000000000f1"),
                    [new KnownEvent(Keccak256.Hash("Filed()"), "Filed()")], [], int.MaxValue),
            ],
            senses.Contracts);
    }

    [Theory]
    [InlineData("abis: { markt: abi/market.json }", "is no contract of the plan; did you mean 'market'?")]
    [InlineData("abis: { market: abi/market.json, '0x00000000000000000000000000000000000000a1': abi/market.json }",
        "is the contract of 'market' above")]
    [InlineData("feeds: { usd: { kind: chainlink, asset: DEMOO, stale_after: 1h, "
        + "at: '0x00000000000000000000000000000000000000f1' } }",
            "is no asset of the plan, which has dUSD, DEMO; did you mean 'DEMO'?")]
    public void Names_that_the_plan_does_not_know_are_told_with_their_line(string text, string says)
    {
        folder.Write("abi/market.json", EventAbi);
        var configuration = folder.Load(text);

        var complaint = Assert.Single(
            ConfigurationCheck.Check(configuration, MinimalPlan.Plan), one => one.Level == ComplaintLevel.Error);

        Assert.Contains(says, complaint.Message, StringComparison.Ordinal);
        Assert.Equal(6, complaint.At.Line);
    }

    private const string TwoNodes = """
        chain:
          id: 31337
          nodes: { one: { rpc: "http://one.example:8545" }, two: { rpc: "http://two.example:8545" } }

        """;

    [Theory]
    [InlineData("", 1)]
    [InlineData(TwoNodes, 0)]
    [InlineData(TwoNodes + "  agreement: 1\n", 1)]
    public void What_is_taken_by_itself_upon_the_word_of_one_node_is_a_warning(string chain, int warnings)
    {
        var plan = Autonomy.Scene.Plan("narrow");

        var said = ConfigurationCheck.Check(folder.Load(chain), plan)
            .Where(one => one.Message.Contains("upon what one node says", StringComparison.Ordinal)).ToList();

        Assert.Equal(warnings, said.Count);
        Assert.All(said, one => Assert.Equal(
            (ComplaintLevel.Warning, plan.Autonomy.Ladder[0].At), (one.Level, one.At)));
        Assert.DoesNotContain(
            ConfigurationCheck.Check(folder.Load(chain), Autonomy.Scene.Plan("propose")),
            one => one.Message.Contains("upon what one node says", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", 31337, 1)]
    [InlineData(TwoNodes, 31337, 0)]
    [InlineData(TwoNodes + "act_on:\n  - { id: 8453, name: Base, rpc: 'http://base.example:8545' }\n", 8453, 1)]
    public void A_harm_that_one_node_judges_alone_is_a_warning(string chain, ulong on, int warnings)
    {
        var action = MinimalPlan.Plan.Actions[0];
        var harm = new PlannedHarm(
            new ChainId(on), action.Calls[0].Call.Target, [1, 2, 3, 4], 1, "lost()", "what is lost", action.At);
        var plan = MinimalPlan.Plan with { Actions = [action with { Harm = [harm] }] };

        Assert.Equal(warnings, ConfigurationCheck.Check(folder.Load(chain), plan).Count(
            one => one.Message.Contains("is judged by one node of", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("DEMO", ExitCode.Done)]
    [InlineData("DEMOO", ExitCode.FoundWrong)]
    public void The_lint_of_a_folder_compares_configuration_and_plan(string asset, int exitCode)
    {
        folder.Write("plan/plan.yaml", MinimalPlan.Main);
        folder.Write("plan/procedures/pause-markets.md", MinimalPlan.Procedure);
        var channels = MinimalPlan.Channels.Select(name => $"  {name}: {{ kind: json-webhook, url: env:URL }}\n");
        folder.Write(TocsinConfiguration.FileName, $$"""
            {{ConfigurationFolder.Least.Replace("channels: {}", "", StringComparison.Ordinal)}}
            {{ConfigurationFolder.Chain}}
            feeds:
              usd:
                { kind: chainlink, asset: {{asset}}, at: "0x00000000000000000000000000000000000000f1", stale_after: 1h }
            channels:

            """ + string.Concat(channels));

        Assert.Equal(exitCode, PlanCommand.Check(folder.Path, strict: false, json: false));
    }

    /// <summary>What a newcomer uncomments must be right.</summary>
    [Fact]
    public void The_start_up_configuration_can_be_used_with_everything_in_it()
    {
        using var stream = typeof(TocsinConfiguration).Assembly
            .GetManifestResourceStream("templates/startup/tocsin.yaml")!;
        var template = new StreamReader(stream).ReadToEnd();
        folder.Write("abi/market.json", EventAbi);
        folder.Write("abi/vault.json", EventAbi);
        folder.Write(TocsinConfiguration.FileName, template);
        Assert.Empty(TocsinConfiguration.Load(folder.Path).Feeds);
        var several = Commented().Replace(template, "$1")
            .Replace("  rpc: http://127.0.0.1:8545\n", "", StringComparison.Ordinal)
            .Replace("  # nodes:\n", "  nodes:\n", StringComparison.Ordinal)
            .Replace("  #   own:", "    own:", StringComparison.Ordinal)
            .Replace("  #   backup:", "    backup:", StringComparison.Ordinal);
        folder.Write(TocsinConfiguration.FileName, several);

        var configuration = TocsinConfiguration.Load(folder.Path);

        Assert.Equal(4, configuration.Feeds.Count);
        Assert.Equal(2, configuration.Heartbeats.Count);
        Assert.Equal(2, configuration.Abis.Count);
        Assert.Equal(2, configuration.Chain.Nodes.Count);
        Assert.Equal(2, configuration.Chain.Agreement);
        Assert.Single(configuration.FrontEnds);
        Assert.Single(configuration.Outside);
        Assert.Single(configuration.ActOn);
        Assert.Equal(2, configuration.Tokens.Count);
        Assert.NotNull(configuration.Signer);
    }

    [GeneratedRegex(
        "^# ((?:  |(?:signer|act_on|feeds|heartbeats|outside|front_ends|abis|tokens|inputs|metrics):))",
        RegexOptions.Multiline)]
    private static partial Regex Commented();

    private void Refused(string text, string says, int? line = null)
    {
        var message = Assert.Throws<InputException>(() => folder.Load(text)).Message;
        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", message, StringComparison.Ordinal);
        Assert.Matches($@"{Regex.Escape(TocsinConfiguration.FileName)}:{line?.ToString() ?? @"\d+"}: error: ", message);
    }
}
