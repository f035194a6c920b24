using System.IO.Compression;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Tocsin.Configuration;
using Tocsin.Evm.Inputs;
using Tocsin.Feeds;

namespace Tocsin.Tests.Feeds;

public sealed class HttpFeedTests : IDisposable
{
    private const string Secret = "hunter2hunter2";
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);
    private readonly HttpClient http = HttpFeed.CreateClient();
    private readonly ManualTime time = new();

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task An_answer_becomes_a_tick()
    {
        await using var server = await LoopbackServer.StartAsync("""{"p":"0.9987","t":1735689590}""");

        var tick = Assert.IsType<Arrival.Tick>(await AskAsync(server));

        Assert.Equal(
            new Arrival.Tick(time.GetUtcNow(), "feed", "USDX", 0.9987m, time.GetUtcNow().AddSeconds(-10)), tick);
    }

    [Fact]
    public async Task The_key_is_sent_in_its_header_and_the_client_says_what_it_is()
    {
        await using var server = await LoopbackServer.StartAsync(context => context.Response.WriteAsync(
            context.Request.Headers["X-Key"] == Secret
            && context.Request.Headers.UserAgent == "tocsin"
            && context.Request.Headers.Accept == "text/json"
            && !context.Request.Headers.ContainsKey("traceparent")
                ? """{"p":1,"t":1735689600}"""
                : "{}"));

        Assert.IsType<Arrival.Tick>(await AskAsync(server, ("X-Key", Secret), ("Accept", "text/json")));
    }

    [Theory]
    [InlineData("<html><body>Rate limit exceeded</body></html>", "text/html", 200, "is a page, not JSON")]
    [InlineData("<html><body>Bad gateway</body></html>", "text/html", 502, "answered 502")]
    [InlineData("""{"p":1,"t":1735689600}""", "application/json", 203, "answered 203")]
    [InlineData("", "application/json", 204, "answered 204")]
    [InlineData("", "application/json", 200, "is not JSON")]
    [InlineData("""{"p":"NaN","t":1735689600}""", "application/json", 200, "NaN")]
    [InlineData("""{"p":0,"t":1735689600}""", "application/json", 200, "is zero")]
    [InlineData("""{"p":1e999,"t":1735689600}""", "application/json", 200, "exponent")]
    [InlineData("""{"p":1}""", "application/json", 200, "no time at $.t")]
    [InlineData("""{"p":1,"t":1935689600}""", "application/json", 200, "in the future")]
    public async Task What_is_no_price_is_a_failure_in_words(string body, string type, int status, string says)
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            return status == 204 ? Task.CompletedTask : context.Response.WriteAsync(body);
        });

        await FailsAsync(server, says);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.Redirect("/" + Secret);
            return context.Request.Path == "/" + Secret
                ? context.Response.WriteAsync("""{"p":1,"t":1735689600}""")
                : Task.CompletedTask;
        });

        await FailsAsync(server, "answered 302");
    }

    [Fact]
    public async Task A_body_without_end_is_not_read_to_its_end()
    {
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            var piece = Encoding.ASCII.GetBytes(new string('[', 4096));
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(piece, context.RequestAborted);
        });

        await FailsAsync(server, "answered with more than 256 KiB");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task A_body_that_unpacks_without_end_is_not_unpacked(string encoding)
    {
        var packed = new MemoryStream();
        await using (Stream packing = encoding == "gzip"
            ? new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true)
            : new BrotliStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 64; i++)
                await packing.WriteAsync(zeros, Stop);
        }
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.Headers.ContentEncoding = encoding;
            return context.Response.Body.WriteAsync(packed.ToArray(), context.RequestAborted).AsTask();
        });

        Assert.True(packed.Length < HttpFeed.MaximumBytes);
        await FailsAsync(server, "answered with more than 256 KiB");
    }

    [Fact]
    public async Task What_pretends_to_be_packed_is_a_failure()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            return context.Response.WriteAsync("""{"p":1,"t":1735689600}""");
        });

        await FailsAsync(server, "broke off");
    }

    [Fact]
    public async Task Nobody_waits_for_ever_for_an_answer()
    {
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            await context.Response.WriteAsync("{\"p\":", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var asking = FailsAsync(server, "no whole answer within 10 s");
        await time.UntilWaitingAsync(TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(10));
        await asking;
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_failure()
    {
        var server = await LoopbackServer.StartAsync("{}");
        var address = server.Address;
        await server.DisposeAsync();

        var failed = Assert.IsType<Arrival.FeedFailed>(await Feed(address).AskAsync(Stop));

        Assert.Contains("could not be reached", failed.Why, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, failed.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_asks_again_and_takes_no_older_price_than_it_had()
    {
        var answers = new Queue<string>(
        [
            """{"p":1.00,"t":1735689600}""",
            """{"p":0.90,"t":1735689599}""",
            """{"p":1.00,"t":1735689600}""",
            "<html>",
            """{"p":0.98,"t":1735689601}""",
        ]);
        await using var server = await LoopbackServer.StartAsync(
            context => context.Response.WriteAsync(answers.Dequeue()));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var taken = Channel.CreateUnbounded<Arrival>();
        var questions = answers.Count;
        var running = Feed(server.Address).RunAsync(taken.Writer.WriteAsync, stop.Token);
        for (var asked = 1; asked < questions; asked++)
        {
            await time.UntilWaitingAsync(Every);
            time.Advance(Every);
        }
        await time.UntilWaitingAsync(Every);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        taken.Writer.Complete();

        var heard = await taken.Reader.ReadAllAsync(Stop).ToListAsync(Stop);

        Assert.Equal([1.00m, 1.00m, 0m, 0.98m], heard.Select(arrival => (arrival as Arrival.Tick)?.Price ?? 0));
        Assert.Equal(3, heard.OfType<Arrival.Tick>().Count());
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private Task<Arrival?> AskAsync(LoopbackServer server, params (string, string)[] headers) =>
        Feed(server.Address, headers).AskAsync(Stop);

    private async Task FailsAsync(LoopbackServer server, string says)
    {
        var failed = Assert.IsType<Arrival.FeedFailed>(await AskAsync(server, ("X-Key", Secret)));
        Assert.Equal("feed", failed.Feed);
        Assert.Contains(says, failed.Why, StringComparison.Ordinal);
        Assert.StartsWith(server.Address.Authority, failed.Why, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, failed.Why, StringComparison.Ordinal);
    }

    private HttpFeed Feed(Uri address, params (string, string)[] headers)
    {
        var message = new PriceMessage(JsonPath.Parse("$.p", out _)!, JsonPath.Parse("$.t", out _));
        var settings = new HttpFeedSettings(
            "feed", "USDX", TimeSpan.FromMinutes(2), default, "env:URL", message, Every, []);
        return new HttpFeed(settings, new Uri(address, $"?key={Secret}"), headers, http, time);
    }
}
