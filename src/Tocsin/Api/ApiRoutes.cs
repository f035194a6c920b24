using Tocsin.Configuration;

namespace Tocsin.Api;

/// <summary>Who may ask a route of the API.</summary>
/// <param name="Least">The least role that its token has; null where the route knows who asks in another way.</param>
/// <param name="Otherwise">In which way, in words.</param>
internal sealed record RouteAccess(TokenRole? Least, string? Otherwise = null);

/// <summary>The JSON that a route of the API takes.</summary>
internal sealed record RouteBody(Type Type);

/// <summary>What each route of the API says of itself where it is mapped. None that is silent is served.</summary>
internal static class ApiRoutes
{
    private const string Prefix = "/api/";

    /// <summary>A token of at least this role; see <see cref="Access"/>.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder route, TokenRole least)
        where TBuilder : IEndpointConventionBuilder
    {
        route.WithMetadata(new RouteAccess(least));
        return route.AddEndpointFilter((asked, next) =>
            asked.HttpContext.RequestServices.GetRequiredService<Access>().PassAsync(least, asked, next));
    }

    /// <summary>Any token: what is handed in is signed, and the signature says whose it is.</summary>
    public static TBuilder NeedsAnyToken<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.Needs(TokenRole.Viewer);

    /// <summary>The route looks itself at who asks, and is served without a token of ours.</summary>
    /// <param name="how">For the document of the API, for example: the token of the heartbeat.</param>
    public static TBuilder KnowsCallersBy<TBuilder>(this TBuilder route, string how)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new RouteAccess(null, how));

    /// <summary>The body that it reads, for the document of the API.</summary>
    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder route) =>
        route.WithMetadata(new RouteBody(typeof(T)));

    /// <exception cref="InvalidOperationException">A route below /api does not say who may ask it.</exception>
    public static void CheckAccess(this WebApplication app)
    {
        if (Of(app).FirstOrDefault(route => route.Metadata.GetMetadata<RouteAccess>() is null) is { } open)
            throw new InvalidOperationException($"{open.DisplayName} does not say which token it needs");
    }

    /// <summary>The routes below /api that are mapped.</summary>
    public static IEnumerable<RouteEndpoint> Of(IEndpointRouteBuilder app) => app.DataSources
        .SelectMany(source => source.Endpoints)
        .OfType<RouteEndpoint>()
        .Where(route => $"/{route.RoutePattern.RawText?.TrimStart('/')}/"
            .StartsWith(Prefix, StringComparison.OrdinalIgnoreCase));
}
