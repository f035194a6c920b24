using System.Net;

namespace Tocsin.Tests.Callbacks;

/// <summary>Whoever knows the address of a channel, and can prove nothing.</summary>
public sealed class StrangersTests
{
    private const int AtATimeMost = 512;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task However_many_begin_to_speak_at_once_what_they_hold_is_bounded_and_passes()
    {
        await using var town = await CallbackTown.StartAsync();
        // The server asks for a body once it has let its sender in.
        using var handler = new SocketsHttpHandler { Expect100ContinueTimeout = Timeout.InfiniteTimeSpan };
        using var http = new HttpClient(handler) { BaseAddress = town.Night.Http.BaseAddress };
        var bodies = Enumerable.Range(0, AtATimeMost).Select(_ => new HeldBody()).ToList();
        var answers = bodies.Select(body => PostAsync(http, body)).ToList();
        await Task.WhenAll(bodies.Select(body => body.IsAskedFor)).WaitAsync(Cancelled);

        var refused = await town.PostAsync("war-room", town.Press("answer-informed"));
        bodies.ForEach(body => body.Release());

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.All(await Task.WhenAll(answers), status => Assert.Equal(HttpStatusCode.Forbidden, status));
        Assert.Equal(HttpStatusCode.OK, (await town.PostAsync("war-room", town.Press("answer-informed"))).Status);
    }

    private static async Task<HttpStatusCode> PostAsync(HttpClient http, HeldBody body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/callbacks/war-room") { Content = body };
        request.Headers.ExpectContinue = true;
        using var answer = await http.SendAsync(request, Cancelled);
        return answer.StatusCode;
    }

    /// <summary>A body that is asked for, and comes when the test lets it.</summary>
    private sealed class HeldBody : HttpContent
    {
        private readonly TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task IsAskedFor => asked.Task;

        public void Release() => released.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            asked.SetResult();
            await released.Task;
            await stream.WriteAsync("x"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 1;
            return true;
        }
    }
}
