using Tocsin.Chain;

namespace Tocsin.Tests.Chain;

public sealed class NodeThrottlingTests
{
    private readonly ManualTime time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, int, string?, NodeFault, double?> Answers => new()
    {
        { "seconds", "<html>slow</html>", 429, "7", NodeFault.Throttled, 7 },
        { "an instant", "", 429, "Wed, 01 Jan 2025 00:01:30 GMT", NodeFault.Throttled, 90 },
        { "an instant that is over", "", 429, "Tue, 31 Dec 2024 23:00:00 GMT", NodeFault.Throttled, 0 },
        { "no hint", "", 429, null, NodeFault.Throttled, null },
        { "a hint that is none", "", 429, "soon", NodeFault.Throttled, null },
        { "unavailable for a while", "", 503, "120", NodeFault.Throttled, 120 },
        { "unavailable", "", 503, null, NodeFault.Unreachable, null },
        { "EIP-1474", Error(-32005, "limit exceeded"), 200, null, NodeFault.Throttled, null },
        { "EIP-1474 with a hint", Error(-32005, "limit exceeded"), 429, "3", NodeFault.Throttled, 3 },
        { "the status as a code", Error(429, "slow"), 200, null, NodeFault.Throttled, null },
        { "in words", Error(-32000, "Too Many Requests, calm down"), 200, null, NodeFault.Throttled, null },
        { "too many logs", Error(-32005, "returned more than 10000 results"), 200, null, NodeFault.Refused, null },
        { "a revert in words", Error(-32000, "reverted: too many requests"), 200, null, NodeFault.Refused, null },
        { "a revert that mentions it", Revert("rate limit exceeded"), 200, null, NodeFault.Refused, null },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Throttling_is_told_from_refusal(
        string what, string body, int status, string? retryAfter, NodeFault fault, double? seconds)
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Script = _ => new Reply(body, status, RetryAfter: retryAfter);

        var thrown = await Assert.ThrowsAsync<NodeException>(() => server.Client(time).ChainIdAsync(Cancel));

        Assert.True(fault == thrown.Fault, $"{what}: {thrown.Message}");
        Assert.Equal(seconds, thrown.RetryAfter?.TotalSeconds);
    }

    [Fact]
    public async Task Our_own_limit_holds_back_what_is_beyond_a_second()
    {
        await using var server = await ScriptedNode.StartAsync();
        var node = server.Client(time, new() { RequestsPerSecond = 4 });

        for (var request = 0; request < 4; request++)
            await node.ChainIdAsync(Cancel);
        var fifth = node.ChainIdAsync(Cancel);
        var sixth = node.ChainIdAsync(Cancel);

        await time.UntilWaitingAsync(TimeSpan.FromMilliseconds(250));
        await time.UntilWaitingAsync(TimeSpan.FromMilliseconds(500));
        Assert.Equal(4, server.Requests.Count);
        time.Advance(TimeSpan.FromMilliseconds(250));
        await fifth;
        Assert.False(sixth.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(250));
        await sixth;
        Assert.Equal(6, server.Requests.Count);
    }

    [Fact]
    public async Task A_signed_transaction_does_not_wait_for_our_own_limit()
    {
        await using var server = await ScriptedNode.StartAsync();
        var hash = $"0x{new string('1', 64)}";
        server.Script = asked => Reply.Result(asked.Id, asked.Method == "eth_chainId" ? "0x1" : hash);
        var node = server.Client(time, new() { RequestsPerSecond = 0.1 });
        await node.ChainIdAsync(Cancel);

        await node.BroadcastAsync([2], Cancel);

        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public async Task A_limit_that_is_none_is_refused(double perSecond)
    {
        await using var server = await ScriptedNode.StartAsync();
        Assert.Throws<ArgumentOutOfRangeException>(
            () => server.Client(time, new() { RequestsPerSecond = perSecond }));
    }

    [Fact]
    public async Task A_small_body_that_unpacks_into_a_large_one_is_too_large()
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Script = _ => new Reply(new string(' ', 8 << 20), Gzip: true);
        using var unpacking = new HttpClient(
            new SocketsHttpHandler { AutomaticDecompression = System.Net.DecompressionMethods.All });
        var options = new NodeOptions { MaximumResponseBytes = 1 << 20 };

        var unpacked = await Assert.ThrowsAsync<NodeException>(
            () => new Node(unpacking, server.Address, time, options).ChainIdAsync(Cancel));
        var packed = await Assert.ThrowsAsync<NodeException>(() => server.Client(time, options).ChainIdAsync(Cancel));

        Assert.Equal((NodeFault.TooLarge, NodeFault.Garbage), (unpacked.Fault, packed.Fault));
    }

    private static string Error(long code, string message) => Reply.Error(1, code, message).Body;

    private static string Revert(string message) =>
        $$$"""{"jsonrpc":"2.0","id":1,"error":{"code":3,"message":"{{{message}}}","data":"0x08c379a0"}}""";
}
