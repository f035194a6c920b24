using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Tocsin.Communications;
using Tocsin.Reachability;
using Tocsin.Recording;
using Tocsin.Tests.Incidents;
using Tocsin.Tests.Storage;

namespace Tocsin.Tests.Reachability;

public sealed class DeadManTests
{
    private static readonly Uri Nowhere = new("http://127.0.0.1/");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, 10)]
    [InlineData(true, 20)]
    public async Task A_watch_that_sees_no_block_gives_no_sign_of_life_after_ten_minutes(bool sees, int signs)
    {
        // At once, and each minute as long as the last block is not older than ten.
        var given = await SignsOfAsync(time => () => sees ? time.GetUtcNow() : null);

        Assert.Equal(sees ? signs : signs + 1, given);
    }

    [Fact]
    public async Task After_a_clock_was_set_back_an_old_block_is_no_sign_of_life() =>
        Assert.Equal(11, await SignsOfAsync(_ => () => Story.Noon.AddHours(1)));

    // Given within twenty minutes.
    private static async Task<int> SignsOfAsync(Func<TimeProvider, Func<DateTimeOffset?>> lastHeadAt)
    {
        var time = new ManualTime(Story.Noon);
        using var folder = new StoreFolder();
        using var logbook = new Logbook(
            folder.Open(), new Links(_ => Nowhere, (_, _, _) => Nowhere, Nowhere), time);
        var outside = new Outside();
        using var http = new HttpClient(outside);
        using var signal = new DeadManSignal(
            new DeadManSettings("", TimeSpan.FromMinutes(1)), Nowhere, http, lastHeadAt(time), logbook, time,
            NullLogger<DeadManSignal>.Instance);
        await signal.StartAsync(Cancelled);
        for (var minute = 0; minute < 19; minute++)
        {
            await time.UntilWaitingAsync(TimeSpan.FromMinutes(1));
            time.Advance(TimeSpan.FromMinutes(1));
        }
        await time.UntilWaitingAsync(TimeSpan.FromMinutes(1));
        await signal.StopAsync(CancellationToken.None);
        return outside.Signs;
    }

    private sealed class Outside : HttpMessageHandler
    {
        public int Signs { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
        {
            Signs++;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        }
    }
}
