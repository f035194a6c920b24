using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tocsin.Chains;
using Tocsin.Demo.Providers;
using Tocsin.Findings;
using Tocsin.Storage;

namespace Tocsin.Demo;

/// <summary>How the installation looks to everybody else: over HTTP, at the receivers, on the chain.</summary>
internal sealed partial class Outside(
    Uri server, DemoFolder folder, Anvil anvil, Protocol protocol, ProviderServer providers)
{
    public HttpClient Server { get; } =
        new(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = server };

    public Anvil Anvil => anvil;

    public ProviderServer Providers => providers;

    public async Task<IReadOnlyList<string>> IncidentsAsync(CancellationToken cancellationToken) =>
        [.. (await ThreatsAsync(cancellationToken)).Select(incident => incident.Id)];

    /// <summary>Every incident with the threat that it is about.</summary>
    public async Task<IReadOnlyList<(string Id, Threat Threat)>> ThreatsAsync(CancellationToken cancellationToken) =>
        [.. (await GetAsync("/api/incidents", cancellationToken)).EnumerateArray()
            .Select(incident => (incident.GetProperty("id").GetString()!, ThreatOf(incident)))];

    /// <summary>The threat that an incident is about.</summary>
    public static Threat ThreatOf(JsonElement incident) =>
        ThreatNames.TryParse(incident.GetProperty("main").GetProperty("threat").GetString()!, out var threat)
            ? threat
            : throw new JsonException("an incident names a threat that nobody knows");

    public Task<JsonElement> IncidentAsync(string incident, CancellationToken cancellationToken) =>
        GetAsync($"/api/incidents/{incident}", cancellationToken);

    public Task<JsonElement> TimelineAsync(string incident, CancellationToken cancellationToken) =>
        GetAsync($"/api/incidents/{incident}/timeline", cancellationToken);

    public async Task<string> MainReasonAsync(string incident, CancellationToken cancellationToken) =>
        (await IncidentAsync(incident, cancellationToken)).GetProperty("main").GetProperty("reason").GetString()!;

    public async Task<bool> IsAcknowledgedAsync(string incident, CancellationToken cancellationToken) =>
        (await IncidentAsync(incident, cancellationToken)).GetProperty("acknowledgements").GetArrayLength() > 0;

    public async Task<bool> HasDecisionAsync(string incident, CancellationToken cancellationToken) =>
        (await IncidentAsync(incident, cancellationToken)).TryGetProperty("decision", out _);

    public async Task<bool> IsPausedAsync(string incident, CancellationToken cancellationToken) =>
        (await IncidentAsync(incident, cancellationToken)).GetProperty("isPaused").GetBoolean();

    public async Task<bool> IsContainedAsync(string incident, CancellationToken cancellationToken) =>
        (await IncidentAsync(incident, cancellationToken)).TryGetProperty("contained", out _);

    public async Task<JsonElement?> ImpactAsync(string incident, CancellationToken cancellationToken) =>
        (await IncidentAsync(incident, cancellationToken)).TryGetProperty("impact", out var impact) ? impact : null;

    /// <summary>The alerts of an incident that arrived for this reason.</summary>
    public IReadOnlyList<Arrival> Alerts(string incident, string reason) =>
        [.. providers.Arrivals.Where(arrival => arrival.IsTaken && Says(arrival, incident, reason))];

    /// <summary>Asks for the decision, which below severity 1 nobody is asked for by itself.</summary>
    public Task<bool> RequestDecisionAsync(string incident, string person, CancellationToken cancellationToken) =>
        PostAsync($"/api/incidents/{incident}/decision", new { person }, cancellationToken);

    public Task<bool> FinishStepAsync(
        string incident, string step, string person, CancellationToken cancellationToken) =>
        PostAsync(
            $"/api/incidents/{incident}/steps", new { step, person, result = "done in the demo" }, cancellationToken);

    public Task<bool> ResolveAsync(
        string incident, string person, string summary, CancellationToken cancellationToken) =>
        PostAsync($"/api/incidents/{incident}/resolve", new { person, summary }, cancellationToken);

    public Task<string> ReportAsync(string incident, string form, CancellationToken cancellationToken) =>
        Server.GetStringAsync(new Uri($"/incidents/{incident}/{form}", UriKind.Relative), cancellationToken);

    /// <summary>Opens a personal link and presses its button as a browser does, hidden field and cookie.</summary>
    public Task PressAsync(Uri link, CancellationToken cancellationToken) => PressAsync(link, link, cancellationToken);

    /// <inheritdoc cref="PressAsync(Uri, CancellationToken)"/>
    /// <param name="page">Where the button is.</param>
    /// <param name="link">Where it leads.</param>
    public async Task PressAsync(Uri page, Uri link, CancellationToken cancellationToken)
    {
        var shown = await Server.GetStringAsync(page, cancellationToken);
        var field = HiddenField().Match(shown);
        var form =
            new Dictionary<string,
                string>
            { [field.Groups["name"].Value] = WebUtility.HtmlDecode(field.Groups["value"].Value) };
        using var content = new FormUrlEncodedContent(form);
        using var answer = await Server.PostAsync(link, content, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Presses the button of Slack's message that says "I have it".</summary>
    /// <returns>What the installation answered Slack.</returns>
    public Task<HttpStatusCode> PressInSlackAsync(string incident) =>
        providers.Get<SlackFake>().PressAsync("answer-informed", incident, DemoChannels.ChiefInSlack);

    /// <summary>What the chain itself says of a pause.</summary>
    /// <param name="block">After this one; null for the newest.</param>
    public async Task<bool> IsPausedOnChainAsync(
        string module, CancellationToken cancellationToken, ulong? block = null)
    {
        var word = new byte[Hash32.ByteCount];
        System.Text.Encoding.ASCII.GetBytes(module, word);
        var answer = await anvil.Node.CallAsync(
            null, protocol.Controls.Address, protocol.Controls.Call("isPaused", new Hash32(word)), UInt256.Zero, block,
            cancellationToken);
        return !new UInt256(answer).IsZero;
    }

    /// <summary>The event log as it lies on the disk now, opened from a copy: the server holds the original.</summary>
    public LogCopy CopyLog()
    {
        var target = Directory.CreateTempSubdirectory("tocsin-log-");
        foreach (var file in Directory.GetFiles(Path.Combine(folder.Root, "data"), "tocsin.db*"))
        {
            if (!file.EndsWith(".lock", StringComparison.Ordinal))
                File.Copy(file, Path.Combine(target.FullName, Path.GetFileName(file)));
        }
        return new LogCopy(target, EventStore.Open(Path.Combine(target.FullName, "tocsin.db")));
    }

    // Slack's message is made for eyes, so the reason is told by the headline's words.
    private static bool Says(Arrival received, string incident, string reason)
    {
        if (received.Channel == DemoChannels.Phone)
            return received.Body.GetProperty("incident").GetString() == incident
                && received.Body.GetProperty("reason").GetString() == reason;
        var text = received.Request.Body;
        var others = text.Contains("approval needed", StringComparison.Ordinal)
            || text.Contains("contained", StringComparison.OrdinalIgnoreCase)
            || text.Contains("resolved", StringComparison.Ordinal) || text.Contains("worse", StringComparison.Ordinal);
        return text.Contains(incident, StringComparison.Ordinal)
            && (reason == "opened" ? !others : text.Contains(reason, StringComparison.OrdinalIgnoreCase));
    }

    private async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) =>
        await Server.GetFromJsonAsync<JsonElement>(new Uri(path, UriKind.Relative), cancellationToken);

    private async Task<bool> PostAsync(string path, object body, CancellationToken cancellationToken)
    {
        using var answer = await Server.PostAsJsonAsync(new Uri(path, UriKind.Relative), body, cancellationToken);
        return answer.IsSuccessStatusCode;
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]+)\" value=\"(?<value>[^\"]+)\"")]
    private static partial Regex HiddenField();
}

/// <summary>A copy of a log, gone when it is no longer needed.</summary>
internal sealed record LogCopy(DirectoryInfo Folder, EventStore Store) : IDisposable
{
    public void Dispose()
    {
        Store.Dispose();
        Folder.Delete(recursive: true);
    }
}
