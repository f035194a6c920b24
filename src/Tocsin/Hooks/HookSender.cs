using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tocsin.Channels;
using Tocsin.Configuration;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;

namespace Tocsin.Hooks;

/// <summary>
/// Sends the hooks that are due and records what came of each attempt. A server that ends between the request and its
/// record sends it again with the same key: at least once, like an alert.
/// </summary>
internal sealed class HookSender(IIncidentLog logbook, TocsinConfiguration configuration, TimeProvider time)
    : IDisposable
{
    private const int MostKilobytesRead = 64;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        ConnectCallback = configuration.PrivateNetworks.ConnectAsync,
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        MaxResponseHeadersLength = MostKilobytesRead,
        // Of an answer the status is enough; what more comes is not read.
        MaxResponseDrainSize = 0,
        PooledConnectionLifetime = TimeSpan.Zero,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public void Dispose() => http.Dispose();

    /// <summary>Records that a hook which the plan has sent at once is to be sent.</summary>
    public void Ask(Duty.AskForHook owed) => logbook.Record((book, _) =>
        book[owed.Incident] is { } incident && incident.Hook(owed.Action) is null
            ? [new IncidentEvent.HookAsked(owed.Incident, owed.Action)]
            : []);

    public async Task SendAsync(Incident incident, Duty.SendHook owed, CancellationToken cancellationToken)
    {
        if (logbook.PlanOf(incident).Action(owed.Action)?.Hook is not { } hook)
            return;
        var (status, failure) = await TryAsync(hook, incident, owed, cancellationToken);
        logbook.Record((book, _) => book[owed.Incident] is { } now
            && now.Hook(owed.Action) is { Status: null } asked && asked.Ask == owed.Ask
                ? failure is null ? Done(now, asked, hook, status) : [Failed(asked, owed, failure)]
                : []);
    }

    /// <summary>The same for every attempt of one asking, and for no other hook of any installation.</summary>
    public static string Key(Incident incident, Duty.SendHook owed)
    {
        var opened = incident.OpenedAt.ToString("O", CultureInfo.InvariantCulture);
        var text = $"tocsin-hook-1\n{incident.Id}\n{opened}\n{owed.Action}\n{owed.Ask}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static IncidentEvent.HookFailed Failed(HookProgress asked, Duty.SendHook owed, string failure) =>
        new(owed.Incident, owed.Action, asked.Failures.Count + 1, failure);

    private List<LogEvent> Done(Incident incident, HookProgress asked, PlannedHook hook, int status)
    {
        var happened = new List<LogEvent> { new IncidentEvent.HookSent(incident.Id, asked.Action, status) };
        if (incident.ResolvedAt is null)
            happened.AddRange(IncidentHooks.OpenSteps(incident, logbook.PlanOf(incident), asked.Action)
                .Select(step => new IncidentEvent.StepDone(
                    incident.Id, step.Id, asked.InWords, $"{hook.InWords} answered {status}")));
        return happened;
    }

    private async Task<(int Status, string? Failure)> TryAsync(
        PlannedHook hook, Incident incident, Duty.SendHook owed, CancellationToken cancellationToken)
    {
        var faults = new List<string>();
        var request = HookRequest.Reveal(hook, configuration.Directory, faults);
        if (request is null || faults.Count > 0)
            return (0, string.Join("; ", faults));
        using var deadline = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var message = request.ToMessage(Key(incident, owed), incident.Exercise);
            using var answer = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var status = (int)answer.StatusCode;
            return (status, status == hook.Expect ? null : Unexpected(status, hook));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (0, $"it did not answer within {Patience.TotalSeconds:0} s");
        }
        catch (HttpRequestException e) when (e.GetBaseException() is PrivateNetworkException)
        {
            return (0, "its address leads into a private network that 'private_networks' of tocsin.yaml does not name");
        }
        // What the exception says may name the host, which can be a secret.
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (0, InWords((e as HttpRequestException)?.HttpRequestError));
        }
    }

    private static string Unexpected(int status, PlannedHook hook) => status is >= 300 and < 400
        ? $"it answered {status}, a redirect, which is not followed"
        : $"it answered {status}, not {hook.Expect}";

    private static string InWords(HttpRequestError? error) => error switch
    {
        HttpRequestError.SecureConnectionError => "it cannot be trusted, or speaks no TLS",
        HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError => "it cannot be reached",
        HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded =>
            "its answer is none of HTTP",
        _ => "the connection was lost before its answer came",
    };
}
