using System.Reflection;
using Tocsin.Configuration;
using Tocsin.People;
using Tocsin.Texts;

namespace Tocsin.Api;

/// <summary>Whose token a request showed, and whether it then spoke for somebody else.</summary>
internal sealed class Caller(TokenSettings token)
{
    public TokenSettings Token => token;

    /// <summary>Why somebody's own word is not taken from the token of another.</summary>
    public const string NotOwn = "this takes the token of whoever says it, and an admin's speaks for nobody else here";

    /// <summary>Null where the body is written in the name of whoever's token it is.</summary>
    public string? Refusal { get; private set; }

    /// <summary>True where an admin acted for somebody else.</summary>
    public bool ActsForAnother { get; private set; }

    /// <summary>
    /// What somebody says as one of several is given by their own token: else one admin were all the people of it.
    /// Null where it is, or where no tokens are configured; else why not.
    /// </summary>
    public static string? WhyNotOwn(HttpContext context) =>
        context.Features.Get<Caller>() is { ActsForAnother: true } ? NotOwn : null;

    /// <summary>
    /// Who acts is whose token it is. A body that leaves the name out is theirs; one with another name is refused,
    /// unless an admin wrote it.
    /// </summary>
    /// <returns>False where it must not be carried out.</returns>
    public bool Signs<T>(T asked)
        where T : class
    {
        if (ActorOf<T>.Property is not { } actor)
            return true;
        var named = (string?)actor.GetValue(asked);
        if (named is null && token.Person is not null)
            actor.SetValue(asked, token.Person);
        return named is null || ActsAs(named);
    }

    /// <summary>As for a body, for a name that was chosen.</summary>
    public bool ActsAs(string named)
    {
        if (named == token.Person)
            return true;
        ActsForAnother = token.Role == TokenRole.Admin;
        if (!ActsForAnother)
            Refusal = token.Person is { } person
                ? $"this token is that of '{person}', who acts in no other name"
                : "this token is nobody's, so nothing is done in a person's name by it";
        return ActsForAnother;
    }

    // Where somebody is named beside 'by', it is whom it is about.
    private static class ActorOf<T>
    {
        public static readonly PropertyInfo? Property = typeof(T).GetProperty("By") ?? typeof(T).GetProperty("Person");
    }
}

/// <summary>
/// Lets a request to the API through where its token may ask for it. Without tokens in the configuration everything is
/// let through, as this machine alone reaches it (<see cref="Guards"/>).
/// </summary>
/// <param name="tokens">Null where none is configured.</param>
internal sealed class Access(
    Tokens? tokens, Func<Revocations> revocations, TimeProvider time, ILogger<Access> logger)
{
    /// <summary>So many refusals a minute are told in the server's log; further ones are counted.</summary>
    public const int ToldAMinute = 10;

    /// <summary>So many characters of what is shown are looked at.</summary>
    public const int MaximumCharacters = 1024;

    private const string Scheme = "Bearer ";

    private readonly Lock gate = new();
    private (long Minute, int Count) refused;

    /// <exception cref="InputException">A token cannot be used.</exception>
    public static Access Open(
        TocsinConfiguration configuration, Func<Revocations> revocations, TimeProvider time, ILogger<Access> logger) =>
        new(Tokens.Open(configuration), revocations, time, logger);

    /// <summary>True where every request to the API shows a token.</summary>
    public bool AsksTokens => tokens is not null;

    public async ValueTask<object?> PassAsync(
        TokenRole least, EndpointFilterInvocationContext asked, EndpointFilterDelegate next)
    {
        if (tokens is null)
            return await next(asked);
        var context = asked.HttpContext;
        var shown = Shown(context.Request);
        if (Find(shown) is not { } token)
            return Unknown(context, isShown: shown is not null);
        if (WhyNot(token, least) is { } refusal)
            return Refuse(context, token, refusal);
        var caller = new Caller(token);
        context.Features.Set(caller);
        var answer = await next(asked);
        if (caller.ActsForAnother)
            logger.LogInformation(
                "The token '{Token}' of an admin acted in another's name: {Route}", token.Name, Route(context));
        // What was not theirs to ask for was not read, so nothing came of it.
        return caller.Refusal is { } other ? Refuse(context, token, other) : answer;
    }

    /// <summary>
    /// Why a form's word is not taken as that of this person; null where it is. The form shows their own token where
    /// the API would ask for it.
    /// </summary>
    public string? WhyNotSaid(HttpContext context, TokenRole least, string shown, string person)
    {
        if (tokens is null)
            return null;
        if (Find(shown) is not { } token)
        {
            TellUnknown(context, isShown: shown.Length > 0);
            return shown.Length > 0
                ? "Nothing was recorded: no such token is known here."
                : "Nothing was recorded: this takes your own token, under 'Your token'.";
        }
        var caller = new Caller(token);
        var refusal = WhyNot(token, least)
            ?? (caller.ActsAs(person) ? caller.ActsForAnother ? Caller.NotOwn : null : caller.Refusal);
        if (refusal is null)
            return null;
        TellRefused(context, token, refusal);
        return $"Nothing was recorded: {refusal}.";
    }

    private TokenSettings? Find(string? shown) =>
        shown is { Length: > 0 and <= MaximumCharacters } ? tokens!.Find(shown) : null;

    private string? WhyNot(TokenSettings token, TokenRole least)
    {
        if (token.Person is { } person && revocations().IsRevoked(person))
            return $"'{person}' is revoked";
        return token.Role < least
            ? $"this takes a token of the role {Word(least)} or above; this one's is {Word(token.Role)}"
            : null;
    }

    private IResult Refuse(HttpContext context, TokenSettings token, string refusal)
    {
        TellRefused(context, token, refusal);
        return IncidentApi.Json(new { error = refusal }, StatusCodes.Status403Forbidden);
    }

    private void TellRefused(HttpContext context, TokenSettings token, string refusal)
    {
        if (IsTold())
            logger.LogWarning("The token '{Token}' was refused at {Route}: {Why}", token.Name, Route(context), refusal);
    }

    private void TellUnknown(HttpContext context, bool isShown)
    {
        if (IsTold())
            logger.LogWarning(
                "A request without a {Known}token was refused at {Route}", isShown ? "known " : "", Route(context));
    }

    // RFC 6750, section 3.
    private IResult Unknown(HttpContext context, bool isShown)
    {
        TellUnknown(context, isShown);
        context.Response.Headers.WWWAuthenticate = isShown ? "Bearer error=\"invalid_token\"" : "Bearer";
        return IncidentApi.Json(
            new
            {
                error = isShown
                    ? "no such token is known here"
                    : "this takes a token, as the header 'Authorization: Bearer TOKEN'",
            },
            StatusCodes.Status401Unauthorized);
    }

    // Whoever tries tokens must not fill the server's log; that somebody tries many stands in it all the same.
    private bool IsTold()
    {
        lock (gate)
        {
            var minute = time.GetUtcNow().ToUnixTimeSeconds() / 60;
            if (minute != refused.Minute)
            {
                if (refused.Count > ToldAMinute)
                    logger.LogWarning("{Count} requests were refused within a minute", refused.Count);
                refused = (minute, 0);
            }
            refused.Count = Math.Min(refused.Count + 1, 1_000_000);
            return refused.Count <= ToldAMinute;
        }
    }

    // As it is mapped: what was asked is the asker's text.
    private static string Route(HttpContext context) =>
        $"{context.Request.Method} {(context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText}";

    public static string Word(TokenRole role) => role.ToString().ToLowerInvariant();

    private static string? Shown(HttpRequest request) =>
        request.Headers.Authorization is [{ Length: <= MaximumCharacters } header]
        && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && header[Scheme.Length..].Trim() is { Length: > 0 } token
            ? token
            : null;
}
