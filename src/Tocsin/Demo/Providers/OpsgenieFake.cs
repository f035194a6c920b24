using System.Text.Json;
using System.Text.RegularExpressions;
using Tocsin.Channels;

namespace Tocsin.Demo.Providers;

/// <summary>What Opsgenie's Alert API does, after its documentation.</summary>
internal sealed partial class OpsgenieFake : Provider
{
    public const string Key = "eb243592-SECRET-4ba2-a551q-1afdf565c889";

    private static readonly Dictionary<string, int> Limits = new()
    {
        ["message"] = 130,
        ["alias"] = 512,
        ["description"] = 15_000,
        ["source"] = 100,
        ["entity"] = 512,
        ["note"] = 25_000,
        ["user"] = 100,
        ["priority"] = 2,
    };

    private int requests;

    public override string Root => "/v2/alerts";

    // An account's limit depends on its plan; the smallest is this.
    public override RateLimit Documented { get; } = new(Messages: 60, TimeSpan.FromMinutes(1), Reserved: 0);

    public new string Api => Base.AbsoluteUri.TrimEnd('/');

    /// <summary>The alerts there that are not closed, by their aliases.</summary>
    public Dictionary<string, string> Open { get; } = [];

    public static Task<OpsgenieFake> StartAsync(params Answer[] script) => StartAsync(new OpsgenieFake(), script);

    public static Answer Refusal(int status, string message) => new(
        status, JsonSerializer.Serialize(new { message, took = 0.003, requestId = "9b1e2c3d" }));

    public override Answer TooMany(TimeSpan? wait) =>
        Refusal(429, "You are making too many requests!") with { Headers = Hint(wait) };

    protected override Func<Answer> Judge(ProviderRequest request, List<string> faults)
    {
        if (request.Headers.GetValueOrDefault("Authorization") != "GenieKey " + Key)
            faults.Add("Key format is not valid!");
        var said = request.Json;
        faults.AddRange(said.EnumerateObject().SelectMany(Faults).ToList());
        var path = Paths().Match(request.Path);
        var alias = Uri.UnescapeDataString(path.Groups["alias"].Value);
        if (request.Method != "POST" || !path.Success)
            faults.Add($"{request.Method} {request.Path}");
        else if (alias.Length == 0)
            faults.AddRange(Alert(said));
        return () => Act(said, alias, path.Groups["act"].Value);
    }

    protected override Answer Refused(string fault) => Refusal(422, fault);

    protected override (string? Key, string Text) Read(ProviderRequest request) =>
        (Text(request.Json, "alias"), Text(request.Json, "message") + "\n" + Text(request.Json, "description"));

    private static string? Text(JsonElement said, string name) =>
        said.TryGetProperty(name, out var value) ? value.GetString() : null;

    private Answer Act(JsonElement said, string alias, string act)
    {
        if (act == "acknowledge" && Open.ContainsKey(alias))
            Open[alias] = "acknowledged";
        else if (act == "close")
            Open.Remove(alias);
        else if (alias.Length == 0)
            Open.TryAdd(said.GetProperty("alias").GetString()!, "open");
        return new Answer(
            202,
            JsonSerializer.Serialize(
                new { result = "Request will be processed", took = 0.302, requestId = $"43a29c5c-{++requests}" }));
    }

    private static IEnumerable<string> Alert(JsonElement said)
    {
        if (said.GetProperty("message").GetString() is not { Length: > 0 })
            yield return "Message can not be empty.";
        if (said.GetProperty("priority").GetString() is not ("P1" or "P2" or "P3" or "P4" or "P5"))
            yield return "priority";
        if (said.GetProperty("alias").GetString() is not { Length: > 0 })
            yield return "alias";
    }

    private static IEnumerable<string> Faults(JsonProperty field)
    {
        if (field.Name == "tags")
        {
            if (field.Value.GetArrayLength() > 20
                || field.Value.EnumerateArray().Any(tag => tag.GetString()!.Length > 50))
                yield return "tags";
        }
        else if (field.Name == "responders")
        {
            if (field.Value.EnumerateArray().Any(it => it.GetProperty("type").GetString() != "team"))
                yield return "responders";
        }
        else if (!Limits.TryGetValue(field.Name, out var limit) || field.Value.GetString()!.Length > limit)
        {
            yield return "unknown or too long: " + field.Name;
        }
    }

    [GeneratedRegex(@"^/v2/alerts(/(?<alias>[^/?]+)/(?<act>acknowledge|close)\?identifierType=alias)?$")]
    private static partial Regex Paths();
}
