using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tocsin.Commands;
using Tocsin.Configuration;
using Tocsin.Decisions;
using Tocsin.Hosting;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Signing;
using Tocsin.Storage;
using Tocsin.Texts;

namespace Tocsin.People;

/// <summary>
/// The people of an installation, for a command on its host: through the server where it runs, so that it takes effect
/// there at once, and otherwise in its store, from where the next server tells everybody.
/// </summary>
internal sealed class Installed : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private readonly TocsinConfiguration configuration;
    private readonly string? token;
    private readonly HttpClient http;

    /// <param name="token">Shown to a server that runs; its store is opened by whoever may read it.</param>
    public Installed(TocsinConfiguration configuration, string? token = null)
    {
        (this.configuration, this.token) = (configuration, token);
        http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
        {
            BaseAddress = ServerClient.Here(configuration.Listen),
            Timeout = Timeout,
        };
        ServerToken.Show(http, token);
    }

    public async Task<RevocationReport> RevokeAsync(
        string person, SubmittedRevocation submitted, CancellationToken cancellationToken) =>
        await AskAsync<RevocationReport>(
            token => http.PostAsJsonAsync(
                $"/api/people/{Uri.EscapeDataString(person)}/revoke", submitted, EventJson.Options, token),
            cancellationToken)
        ?? InStore(desk => desk.Revoke(person, submitted));

    public async Task<IReadOnlyList<PersonRow>> ListAsync(CancellationToken cancellationToken) =>
        await AskAsync<PersonRow[]>(token => http.GetAsync("/api/people/", token), cancellationToken)
        ?? InStore(desk => desk.List());

    /// <exception cref="InputException">Nobody of that name was ever in a plan here.</exception>
    public async Task<IReadOnlyList<Deed>> ReviewAsync(string person, CancellationToken cancellationToken) =>
        await AskAsync<Deed[]>(
            token => http.GetAsync($"/api/people/{Uri.EscapeDataString(person)}/deeds", token), cancellationToken)
        ?? InStore<IReadOnlyList<Deed>>(desk => desk.Review(person)
            ?? throw new InputException($"the plan names no person '{person}'"));

    /// <summary>With the plan as its files are now, which comes into force by it.</summary>
    /// <exception cref="StorageException">A server runs.</exception>
    public string? Restore(ReadPlan plan, string person, string by, string reason) =>
        // Nobody knows a token that was made since from the one that was stolen.
        configuration.Tokens.FirstOrDefault(token => token.Person == person) is { } known
            ? $"tocsin.yaml still has the token '{known.Name}' of '{person}', and whoever stole it would act again: "
                + "take it out, say this once more, then give them a new one"
            : InStore(desk => desk.Restore(person, by, reason), plan);

    /// <summary>Hands in an approval ahead of any incident.</summary>
    public async Task<AuthorisationOutcome> AuthoriseAsync(
        SubmittedAuthorisation submitted, CancellationToken cancellationToken) =>
        await AskAsync<AuthorisationOutcome>(
            token => http.PostAsJsonAsync("/api/authorisations/", submitted, EventJson.Options, token),
            cancellationToken)
        ?? await InStoreAsync(desk => desk.SubmitAsync(submitted, TimeProvider.System.GetUtcNow(), cancellationToken));

    public async Task<AuthorisationOutcome> WithdrawAsync(
        SubmittedWithdrawal submitted, CancellationToken cancellationToken) =>
        await AskAsync<AuthorisationOutcome>(
            token => http.PostAsJsonAsync("/api/authorisations/withdraw", submitted, EventJson.Options, token),
            cancellationToken)
        ?? await InStoreAsync(desk => Task.FromResult(desk.Withdraw(submitted)));

    public async Task<IReadOnlyList<AuthorisationRow>> AuthorisationsAsync(CancellationToken cancellationToken) =>
        await AskAsync<AuthorisationRow[]>(
            token => http.GetAsync("/api/authorisations/", token), cancellationToken)
        ?? await InStoreAsync(desk => desk.ListAsync(DateTimeOffset.UtcNow, cancellationToken));

    /// <summary>What approvals ahead would be judged by.</summary>
    public async Task<PlanInForce> PlanInForceAsync(CancellationToken cancellationToken) =>
        await AskAsync<PlanInForce>(token => http.GetAsync("/api/authorisations/plan", token), cancellationToken)
        ?? await InStoreAsync(desk => Task.FromResult(desk.InForce()));

    public void Dispose() => http.Dispose();

    /// <summary>Null where no server listens.</summary>
    private async Task<T?> AskAsync<T>(
        Func<CancellationToken, Task<HttpResponseMessage>> ask, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            using var answer = await ask(cancellationToken);
            if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.UnprocessableEntity))
            {
                var why = await WhyAsync(answer, cancellationToken);
                throw new InputException(
                    ServerToken.Refusal(answer.StatusCode, token, why)
                    ?? $"what listens on {http.BaseAddress} answers {(int)answer.StatusCode}: {why}");
            }
            return await answer.Content.ReadFromJsonAsync<T>(EventJson.Options, cancellationToken);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError)
        {
            return null;
        }
        catch (Exception e) when (
            (e is HttpRequestException or JsonException or NotSupportedException)
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new InputException(
                $"what listens on {http.BaseAddress} does not answer as this server does ({e.Message}): "
                + "stop it and repeat the command, which then writes to the store itself", e);
        }
    }

    private static async Task<string> WhyAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (answer.Content.Headers.ContentType?.MediaType == "application/json"
            && JsonNode.Parse(text)?["error"]?.GetValue<string>() is { } error)
            return error;
        return text.Length > 200 ? text[..200] : text;
    }

    private T InStore<T>(Func<PeopleDesk, T> act, ReadPlan? plan = null)
    {
        using var store = ConfiguredStore.OpenExisting(configuration);
        using var logbook = Installation.OpenLogbook(store, configuration, TimeProvider.System);
        if (plan is not null)
            logbook.Adopt(plan);
        return act(new PeopleDesk(logbook, configuration.Exercise));
    }

    private async Task<T> InStoreAsync<T>(Func<MandateDesk, Task<T>> act)
    {
        using var store = ConfiguredStore.OpenExisting(configuration);
        using var logbook = Installation.OpenLogbook(store, configuration, TimeProvider.System);
        var signer = configuration.Signer is { } settings ? new SignerClient(settings.Socket) : null;
        try
        {
            return await act(new MandateDesk(logbook, signer, configuration.Exercise));
        }
        catch (SignerUnreachableException e)
        {
            throw new InputException(e.Message, e);
        }
    }
}
