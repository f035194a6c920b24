using System.Reflection;
using Tocsin.Configuration;
using Tocsin.People;
using Tocsin.Texts;

namespace Tocsin.Api;

/// <summary>Whose token a request showed, and whether it then spoke for somebody else.</summary>
internal sealed class Caller(TokenSettings token)
{
    public TokenSettings Token => token;

    /// <summary>Null where the body is written in the name of whoever's token it is.</summary>
    public string? Refusal { get; private set; }

    /// <summary>True where an admin acted for somebody else.</summary>
    public bool ActsForAnother { get; private set; }

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
        if (named is null || named == token.Person)
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

    private const int MaximumHeaderCharacters = 1024;
    private const string Scheme = "Bearer ";

    private readonly Lock gate = new();
    private (long Minute, int Count) refused;

    /// <exception cref="InputException">A token cannot be used.</exception>
    public static Access Open(
        TocsinConfiguration configuration, Func<Revocations> revocations, TimeProvider time, ILogger<Access> logger) =>
        new(Tokens.Open(configuration), revocations, time, logger);

    public async ValueTask<object?> PassAsync(
        TokenRole least, EndpointFilterInvocationContext asked, EndpointFilterDelegate next)
    {
        if (tokens is null)
            return await next(asked);
        var context = asked.HttpContext;
        var shown = Shown(context.Request);
        if (shown is null || tokens.Find(shown) is not { } token)
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
        if (IsTold())
            logger.LogWarning("The token '{Token}' was refused at {Route}: {Why}", token.Name, Route(context), refusal);
        return IncidentApi.Json(new { error = refusal }, StatusCodes.Status403Forbidden);
    }

    // RFC 6750, section 3.
    private IResult Unknown(HttpContext context, bool isShown)
    {
        if (IsTold())
            logger.LogWarning(
                "A request without a {Known}token was refused at {Route}", isShown ? "known " : "", Route(context));
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
        request.Headers.Authorization is [{ Length: <= MaximumHeaderCharacters } header]
        && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && header[Scheme.Length..].Trim() is { Length: > 0 } token
            ? token
            : null;
}
