using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Tocsin.Chain;
using Tocsin.Evm.Inputs;

namespace Tocsin.EndToEnd.Nodes;

/// <summary>
/// Two nodes of one chain, one of them honest. Nothing that the other does is believed, and what it does is named.
/// </summary>
public sealed class NodesTests(LoggingChain chain) : IClassFixture<LoggingChain>, IAsyncLifetime
{
    private static readonly Dictionary<string, (Action<NodeProxy> Do, NodeSymptom? Symptom)> Faults = new()
    {
        ["HTTP 429 with Retry-After"] = (
            proxy => proxy.Send = (response, _) =>
            {
                response.StatusCode = 429;
                response.Headers.RetryAfter = "3";
                return response.WriteAsync("slow down");
            },
            NodeSymptom.Throttling),
        ["-32005"] = (
            proxy => proxy.Refuse = _ => new JsonObject { ["code"] = -32005, ["message"] = "limit exceeded" },
            NodeSymptom.Throttling),
        ["cut in the middle"] = (
            proxy => proxy.Send = async (response, body) =>
            {
                response.ContentLength = body.Length;
                await response.Body.WriteAsync(body.AsMemory(0, body.Length / 2));
                await response.Body.FlushAsync();
                response.HttpContext.Abort();
            },
            NodeSymptom.Failing),
        ["half of the JSON"] = (
            proxy => proxy.Send = (response, body) =>
                response.Body.WriteAsync(body.AsMemory(0, body.Length / 2)).AsTask(),
            NodeSymptom.Failing),
        ["never at its end"] = (proxy => proxy.Send = DripAsync, NodeSymptom.Failing),
        ["huge"] = (
            proxy => proxy.Send = (response, _) => response.WriteAsync(new string(' ', 4 << 20)), NodeSymptom.Failing),
        ["huge once unpacked"] = (
            proxy => proxy.Send = async (response, _) =>
            {
                response.Headers.ContentEncoding = "gzip";
                await using var packed = new GZipStream(response.Body, CompressionLevel.Fastest);
                await packed.WriteAsync(new byte[64 << 20]);
            },
            NodeSymptom.Failing),
        ["no receipts by block, and no batches"] = (
            proxy =>
            {
                proxy.RefusesBatches = true;
                proxy.Refuse = WithoutBlockReceipts;
            },
            null),
        ["no receipts by block"] = (proxy => proxy.Refuse = WithoutBlockReceipts, null),
    };

    private readonly HttpClient http = new(
        new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All });

    private readonly ConcurrentQueue<NodeNotice> notices = new();
    private readonly HeadClock clock = new();
    private NodeProxy honest = null!;
    private NodeProxy other = null!;
    private Chain.Nodes nodes = null!;
    private Testimony truth = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string> LieNames => [.. Lies.All.Keys];

    public static TheoryData<string> FaultNames => [.. Faults.Keys];

    public async ValueTask InitializeAsync()
    {
        honest = await NodeProxy.StartAsync(chain.Anvil.Rpc);
        other = await NodeProxy.StartAsync(chain.Anvil.Rpc);
        var options = new NodeOptions
        {
            RequestTimeout = TimeSpan.FromSeconds(1),
            MaximumResponseBytes = 1 << 20,
        };
        // The dishonest one is preferred: it is asked first wherever one alone is asked.
        nodes = new Chain.Nodes(
            [
                new NamedNode("liar", new Node(http, other.Address, clock, options), Weight: 5),
                new NamedNode("honest", new Node(http, honest.Address, clock, options)),
            ],
            clock,
            new NodesOptions { ExpectedChain = Demo.Anvil.Chain },
            notices.Enqueue);
        truth = Testimony.Of((await chain.Anvil.Node.BlockAsync(chain.Logged.Number, Cancelled))!);
        await GoOnAsync();
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await honest.DisposeAsync();
        await other.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(LieNames))]
    public async Task Every_lie_is_caught_and_named(string lie)
    {
        var (tell, words) = Lies.All[lie];
        tell(other);
        var said = new List<string>();
        for (var look = 0; look < 5; look++)
        {
            await nodes.ProbeAsync(Cancelled);
            var taken = Testimony.Of((await nodes.BlockAsync(chain.Logged.Number, Cancelled))!);
            var agreement = await nodes.AgreedAsync(taken.Block, taken, Cancelled);
            if (agreement is Agreement.Agreed)
                Assert.Equal(truth, taken);
            else
                said.Add(agreement.Words);
            await nodes.BlockAsync((await nodes.HeadAsync(Cancelled)).Number, Cancelled);
            await GoOnAsync();
        }
        said.AddRange(notices.Select(notice => notice.Words));
        Assert.Contains(said, sentence =>
            sentence.Contains(words, StringComparison.Ordinal)
            && (sentence.Contains("liar", StringComparison.Ordinal)
                || sentence.Contains($":{other.Address.Port}", StringComparison.Ordinal)));
        Assert.Contains(notices, notice => notice is { Node: "liar", Present: true });
    }

    [Theory]
    [MemberData(nameof(FaultNames))]
    public async Task Whatever_one_node_does_the_chain_is_read_and_the_node_named(string fault)
    {
        var (act, symptom) = Faults[fault];
        act(other);
        for (var look = 0; look < 4; look++)
        {
            await nodes.ProbeAsync(Cancelled);
            Assert.Equal(truth, Testimony.Of((await nodes.BlockAsync(chain.Logged.Number, Cancelled))!));
            await GoOnAsync();
        }
        Assert.Equal(
            symptom is null ? [] : [("liar", symptom.Value, true)],
            notices.Select(notice => (notice.Node, notice.Symptom, notice.Present)));
        var agreement = await nodes.AgreedAsync(chain.Logged, truth, Cancelled);
        Assert.True(agreement is Agreement.Agreed == symptom is null, agreement.Words);
    }

    [Fact]
    public async Task A_head_is_judged_by_what_the_others_say_now_though_the_liar_answers_first()
    {
        Lies.All["announces blocks far beyond"].Tell(other);
        using var answered = new SemaphoreSlim(0);
        other.Send = async (response, body) =>
        {
            await response.Body.WriteAsync(body, Cancelled);
            await response.CompleteAsync();
            answered.Release();
        };
        honest.Send = async (response, body) =>
        {
            await answered.WaitAsync(Cancelled);
            await response.Body.WriteAsync(body, Cancelled);
        };

        for (var look = 0; look < 5; look++)
        {
            await nodes.ProbeAsync(Cancelled);
            await GoOnAsync();
        }

        var notice = Assert.Single(notices);
        Assert.Equal("liar", notice.Node);
        Assert.Contains("liar announces block", notice.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_honest_nodes_agree_and_nothing_is_said_of_them()
    {
        for (var look = 0; look < 3; look++)
        {
            await nodes.ProbeAsync(Cancelled);
            await GoOnAsync();
        }
        var agreed = Assert.IsType<Agreement.Agreed>(await nodes.AgreedAsync(chain.Logged, truth, Cancelled));
        Assert.Equal(["honest", "liar"], agreed.By.Order());
        Assert.Empty(notices);
    }

    private async Task GoOnAsync()
    {
        await chain.MineAsync(2);
        var head = await chain.Anvil.Node.RequestAsync("eth_getBlockByNumber", Cancelled, "latest", false);
        var seconds = long.Parse(head.GetProperty("timestamp").GetString()![2..], NumberStyles.HexNumber);
        clock.Now = DateTimeOffset.FromUnixTimeSeconds(seconds).AddSeconds(2);
    }

    private static JsonObject? WithoutBlockReceipts(ProxyCall call) => call.Method == "eth_getBlockReceipts"
        ? new JsonObject { ["code"] = -32601, ["message"] = "the method eth_getBlockReceipts does not exist" }
        : null;

    private static async Task DripAsync(HttpResponse response, byte[] body)
    {
        var space = Encoding.UTF8.GetBytes(" ");
        while (!response.HttpContext.RequestAborted.IsCancellationRequested)
        {
            await response.Body.WriteAsync(space);
            await response.Body.FlushAsync();
            // A drip and no flood: too much of it would be refused for its size.
            await Task.Delay(20);
        }
    }

    /// <summary>The time of the chain's newest block, which is not ours; what is awaited is awaited as usual.</summary>
    private sealed class HeadClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
