using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tocsin.EndToEnd.Parts;

namespace Tocsin.EndToEnd.Secrets;

/// <summary>
/// Every kind of channel with a secret of its own, and providers that refuse everything and repeat all that they were
/// sent: no secret stands afterwards in anything that this server wrote, said or shows.
/// </summary>
public sealed class SecretTests
{
    private static readonly Dictionary<string, string> Variables = new()
    {
        ["SLACK_TOKEN"] = "xoxb-1111111111-hushSLACKTOKENhush",
        ["SLACK_SIGNING"] = "aa11hush22bb33cc44dd55ee66ff7788",
        ["TELEGRAM_TOKEN"] = "123456789:hushTELEGRAMhushTELEGRAMhushTELEGRA",
        ["TELEGRAM_SECRET"] = "hushTELEGRAMSECRET",
        ["PAGERDUTY_KEY"] = "hushpagerdutyhushpagerdutyhush12",
        ["PAGERDUTY_SECRET"] = "hushPAGERDUTYSECREThush",
        ["OPSGENIE_KEY"] = "hush0psg-enie-hush-0psg-eniehush0000",
        ["OPSGENIE_SECRET"] = "hushOPSGENIESECREThush",
        ["TWILIO_TOKEN"] = "hushtwiliohushtwiliohushtwilio12",
        ["SMTP_PASSWORD"] = "hushSMTPPASSWORDhush",
        ["NTFY_TOPIC"] = "hushNTFYTOPIChush",
        ["NTFY_TOKEN"] = "tk_hushNTFYTOKENhush",
        ["WEBHOOK_SECRET"] = "whsec_"
            + Convert.ToBase64String(Encoding.ASCII.GetBytes("hushWEBHOOKSECREThushWEBHOOKhush")),
        ["X_CONSUMER_KEY"] = "hushXCONSUMERKEYhush",
        ["X_CONSUMER_SECRET"] = "hushXCONSUMERSECREThush",
        ["X_ACCESS_TOKEN"] = "12345-hushXACCESSTOKENhush",
        ["X_ACCESS_SECRET"] = "hushXACCESSSECREThush",
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_secret_of_a_channel_stands_in_anything_that_is_written_said_or_shown()
    {
        await using var echo = await EchoAsync();
        var address = Address(echo);
        var folder = Directory.CreateTempSubdirectory("tocsin-secrets-");
        try
        {
            var said = await PlayAsync(folder.FullName, address);

            // The providers had them, else nothing is proven.
            Assert.Contains(said.Echoed, text => text.Contains("hushSLACKTOKEN", StringComparison.Ordinal));
            foreach (var (name, secret) in AllOf(address))
                foreach (var (where, text) in said.Texts)
                    foreach (var form in FormsOf(secret))
                        Assert.False(text.Contains(form, StringComparison.Ordinal), $"{name} stands in {where}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<(List<(string Where, string Text)> Texts, List<string> Echoed)> PlayAsync(
        string folder, string address)
    {
        Assert.Equal(0, (await Executable.RunAsync("init", folder)).ExitCode);
        var port = FreePort();
        await ConfigureAsync(folder, address, port);
        var environment = AllOf(address).ToDictionary(pair => pair.Key, pair => (string?)pair.Value);
        using var server = Executable.Create(environment, "serve", "--config", folder, "--rehearse");
        var output = new StringBuilder();
        server.OutputDataReceived += (_, line) => Keep(output, line.Data);
        server.ErrorDataReceived += (_, line) => Keep(output, line.Data);
        server.Start();
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await Wait.UntilAsync(
            "the server listens", async () => (await http.GetAsync("/", Ct)).IsSuccessStatusCode,
            () => output.ToString());
        var texts = new List<(string, string)>();
        foreach (var command in Commands)
        {
            var ended = await Executable.RunAsync(environment, [.. command, "--config", folder]);
            texts.Add((string.Join(' ', command), ended.Output + ended.Errors));
        }
        await ProvokeAsync(http, texts);
        await Wait.UntilAsync(
            "each channel was tried", () => Task.FromResult(Names.All(output.ToString().Contains)),
            () => output.ToString());
        await LookAsync(http, texts);
        server.Kill();
        await server.WaitForExitAsync(Ct);
        lock (output)
            texts.Add(("the server's output", output.ToString()));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, "data"), "*", SearchOption.AllDirectories))
            texts.Add((file, Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Ct))));
        lock (echoed)
            return (texts, [.. echoed]);
    }

    private static readonly string[] Names =
    [
        "war-room", "alex-phone", "kim-phone", "jo-phone", "spare-room", "discord", "telegram", "genie", "ntfy", "mail",
    ];

    private static readonly string[][] Commands =
    [
        ["incident", "open", "the pool is empty", "--severity", "1", "--by", "alex"],
        .. Names.Select(name => new[] { "channel", "test", name, "--by", "alex", "--wait", "1" }),
        ["channel", "list"],
        ["channel", "kinds"],
        ["incident", "show", "INC-1"],
    ];

    private static async Task ProvokeAsync(HttpClient http, List<(string, string)> texts)
    {
        foreach (var name in Names)
        {
            using var body = new StringContent("payload=%7B%7D");
            var answer = await http.PostAsync($"/callbacks/{name}", body, Ct);
            texts.Add(($"the answer of /callbacks/{name}", await answer.Content.ReadAsStringAsync(Ct)));
        }
    }

    private static async Task LookAsync(HttpClient http, List<(string, string)> texts)
    {
        string[] pages =
        [
            "/", "/channels", "/siren", "/findings", "/actions", "/incidents/INC-1", "/incidents/INC-1/report.md",
            "/metrics", "/api/channels/", "/api/incidents/", "/api/incidents/INC-1", "/api/incidents/INC-1/timeline",
        ];
        foreach (var page in pages)
            texts.Add((page, await (await http.GetAsync(page, Ct)).Content.ReadAsStringAsync(Ct)));
    }

    private static async Task ConfigureAsync(string folder, string address, int port)
    {
        var path = Path.Combine(folder, "tocsin.yaml");
        var text = await File.ReadAllTextAsync(path, Ct);
        var from = text.IndexOf("\nchannels:", StringComparison.Ordinal);
        var to = text.IndexOf("\n# More kinds of channels", StringComparison.Ordinal);
        Assert.True(from > 0 && to > from);
        var changed = text[..from].Replace("127.0.0.1:8420", $"127.0.0.1:{port}", StringComparison.Ordinal)
            + Channels(address) + text[to..];
        await File.WriteAllTextAsync(path, changed, Ct);
    }

    private static string Channels(string address) => $$"""

        channels:
          war-room: { kind: slack, channel: C0123456789, token: env:SLACK_TOKEN, signing_secret: env:SLACK_SIGNING,
                      api: "{{address}}/api/" }
          alex-phone: { kind: json-webhook, url: env:WEBHOOK_URL, secret: env:WEBHOOK_SECRET }
          kim-phone: { kind: twilio-sms, account: AC0123456789abcdef0123456789abcdef, token: env:TWILIO_TOKEN,
                       from: "+15005550006", to: "+4915112345678", api: "{{address}}" }
          jo-phone: { kind: twilio-voice, account: AC0123456789abcdef0123456789abcdef, token: env:TWILIO_TOKEN,
                      from: "+15005550006", to: "+4915112345678", api: "{{address}}" }
          spare-room: { kind: pagerduty, routing_key: env:PAGERDUTY_KEY, callback_secret: env:PAGERDUTY_SECRET,
                        api: "{{address}}" }
          discord: { kind: discord, url: env:DISCORD_URL }
          telegram: { kind: telegram-bot, token: env:TELEGRAM_TOKEN, chat: "-1001234567890",
                      callback_secret: env:TELEGRAM_SECRET, api: "{{address}}" }
          genie: { kind: opsgenie, key: env:OPSGENIE_KEY, callback_secret: env:OPSGENIE_SECRET, api: "{{address}}" }
          ntfy: { kind: ntfy, topic: env:NTFY_TOPIC, token: env:NTFY_TOKEN, api: "{{address}}" }
          mail: { kind: email, host: localhost, port: "9", user: tocsin, password: env:SMTP_PASSWORD,
                  from: tocsin@example.org, to: ada@example.org }
          status: { kind: x, consumer_key: env:X_CONSUMER_KEY, consumer_secret: env:X_CONSUMER_SECRET,
                    access_token: env:X_ACCESS_TOKEN, access_secret: env:X_ACCESS_SECRET, api: "{{address}}" }
          status-spare: { kind: slack-webhook, url: env:SLACK_WEBHOOK }

        """;

    private static Dictionary<string, string> AllOf(string address) => new(Variables)
    {
        ["WEBHOOK_URL"] = $"{address}/hushWEBHOOKURLhush",
        ["DISCORD_URL"] = $"{address}/api/webhooks/1234567890/hushDISCORDURLhush",
        ["SLACK_WEBHOOK"] = $"{address}/services/T0/B0/hushSLACKURLhush",
    };

    private static IEnumerable<string> FormsOf(string secret)
    {
        // Of an address the host is no secret: what comes after it is.
        var own = secret.StartsWith("http", StringComparison.Ordinal) ? secret[secret.LastIndexOf('/')..] : secret;
        yield return own;
        yield return WebUtility.UrlEncode(own);
        yield return Convert.ToBase64String(Encoding.UTF8.GetBytes(own)).TrimEnd('=');
        yield return JsonSerializer.Serialize(own).Trim('"');
    }

    private readonly List<string> echoed = [];

    /// <summary>Refuses everything by repeating it, headers and all.</summary>
    private async Task<WebApplication> EchoAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var all = $"{context.Request.Path} "
                + string.Join(' ', context.Request.Headers.Select(header => $"{header.Key}: {header.Value}"))
                + await reader.ReadToEndAsync(context.RequestAborted);
            lock (echoed)
                echoed.Add(all);
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            await context.Response.WriteAsJsonAsync(
                new { ok = false, error = all, message = all, description = all, errors = new[] { all }, code = 20003 },
                context.RequestAborted);
        });
        await app.StartAsync(Ct);
        return app;
    }

    private static string Address(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    private static void Keep(StringBuilder output, string? line)
    {
        lock (output)
            output.AppendLine(line);
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
