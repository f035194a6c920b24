using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http.Features;
using Tocsin.Channels;

namespace Tocsin.Callbacks;

/// <summary>
/// The addresses to which the providers of channels speak: buttons, keys, receipts. Whoever asks shows no token of
/// ours; the provider's signature is the proof, and each channel looks at its own.
/// </summary>
internal static class CallbackApi
{
    public const int BodyMax = 256 * 1024;

    // Whoever sends has proven nothing yet: what all of them together may hold in memory is bounded.
    private const int AtATimeMost = 512;

    // Providers send it at once; whoever dribbles keeps a place from them.
    private static readonly TimeSpan BodyWithin = TimeSpan.FromSeconds(3);

    /// <param name="publicUrl">As providers know us: some sign the address.</param>
    public static void MapCallbacks(this WebApplication app, Uri publicUrl, Meter meter)
    {
        var room = new SemaphoreSlim(AtATimeMost);
        app.MapPost(
            "/callbacks/{channel}",
            async (string channel, HttpContext context, CallbackDesk desk, TimeProvider time) =>
            {
                if (!await room.WaitAsync(TimeSpan.Zero))
                    return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
                try
                {
                    return await TakeAsync(channel, context, desk, publicUrl, time);
                }
                finally
                {
                    room.Release();
                }
            }).DisableAntiforgery();
        app.Services.GetRequiredService<CallbackDesk>().Measure(meter);
    }

    private static async Task<IResult> TakeAsync(
        string channel, HttpContext context, CallbackDesk desk, Uri publicUrl, TimeProvider time)
    {
        if (!desk.Knows(channel))
            return Results.Text("no such channel hears anything", statusCode: StatusCodes.Status404NotFound);
        if (await BodyAsync(context, time) is not { } body)
            return Results.Text(
                "the body is larger than 256 KiB, or did not arrive whole",
                statusCode: StatusCodes.Status413PayloadTooLarge);
        var callback = new Callback(AddressOf(context, publicUrl), HeadersOf(context.Request), body, time.GetUtcNow());
        var reply = desk.Take(channel, callback);
        return Results.Text(reply.Body, reply.ContentType, statusCode: reply.Status);
    }

    // As it was written: what is signed is the text.
    private static Uri AddressOf(HttpContext context, Uri publicUrl)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!target.StartsWith('/'))
            target = context.Request.Path + context.Request.QueryString;
        return new Uri(publicUrl.GetLeftPart(UriPartial.Path).TrimEnd('/') + target);
    }

    private static Dictionary<string, string> HeadersOf(HttpRequest request) => request.Headers
        .Where(header => header.Value.Count == 1)
        .ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString());

    /// <summary>Null where it is too large, too slow or broken off.</summary>
    private static async Task<ReadOnlyMemory<byte>?> BodyAsync(HttpContext context, TimeProvider time)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = BodyMax;
        using var deadline = new CancellationTokenSource(BodyWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, deadline.Token);
        var body = new MemoryStream();
        var buffer = new byte[4 * 1024];
        try
        {
            int count;
            while ((count = await context.Request.Body.ReadAsync(buffer, either.Token)) > 0)
            {
                if (body.Length + count > BodyMax)
                    return null;
                body.Write(buffer, 0, count);
            }
            return body.ToArray();
        }
        catch (Exception e) when (e is BadHttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }
}
