using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tocsin.Configuration;
using Tocsin.Recording;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary>The running server of an installation, asked by a command on its host.</summary>
internal sealed class ServerClient : IDisposable
{
    private const int MaximumAnswerBytes = 64 << 20;

    private readonly HttpClient http;
    private readonly string? token;

    /// <param name="token">Null where none is shown.</param>
    public ServerClient(TocsinConfiguration configuration, string? token)
    {
        this.token = token;
        http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
        {
            BaseAddress = Here(configuration.Listen),
            Timeout = TimeSpan.FromSeconds(20),
            MaxResponseContentBufferSize = MaximumAnswerBytes,
        };
        ServerToken.Show(http, token);
    }

    /// <exception cref="InputException">No server answers, or it refuses; its own words are in the message.</exception>
    public Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) =>
        AskAsync(token => http.GetAsync(path, token), cancellationToken);

    /// <inheritdoc cref="GetAsync"/>
    public Task<JsonNode> PostAsync(string path, JsonObject body, CancellationToken cancellationToken) =>
        AskAsync(token => http.PostAsJsonAsync(path, body, EventJson.Options, token), cancellationToken);

    public void Dispose() => http.Dispose();

    private async Task<JsonNode> AskAsync(
        Func<CancellationToken, Task<HttpResponseMessage>> ask, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await ask(cancellationToken);
            var node = JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
            if (answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created && node is not null)
                return node;
            var error = node?["error"]?.GetValue<string>();
            throw new InputException(
                ServerToken.Refusal(answer.StatusCode, token, error) ?? error
                ?? $"it answers {(int)answer.StatusCode}");
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError)
        {
            throw new InputException(
                $"no server listens on {http.BaseAddress}: start it with 'tocsin serve', or act without it by "
                + "'tocsin contain'", e);
        }
        catch (Exception e) when (
            (e is HttpRequestException or JsonException or InvalidOperationException)
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new InputException($"what listens on {http.BaseAddress} does not answer as Tocsin: {e.Message}", e);
        }
    }

    /// <summary>A server that listens on every address is asked on this machine.</summary>
    internal static Uri Here(Uri listen) =>
        IPAddress.TryParse(listen.Host.Trim('[', ']'), out var host)
        && (host.Equals(IPAddress.Any) || host.Equals(IPAddress.IPv6Any))
            ? new UriBuilder(listen) { Host = "127.0.0.1" }.Uri
            : listen;
}
