using System.Net;
using Microsoft.AspNetCore.Diagnostics;

namespace Tocsin.Api;

/// <summary>What every answer carries and which requests are refused before anything looks at them.</summary>
internal static class Guards
{
    private const string ContentPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>
    /// Without sign-in, whoever reaches the port may act; so a web site in the operator's browser must not reach it:
    /// not by a name that resolves to this machine, and not by a request that it makes across sites.
    /// </summary>
    public static Func<HttpContext, RequestDelegate, Task> RefuseStrangers(Uri publicUrl) => (context, next) =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.Append("Referrer-Policy", "no-referrer");
        headers.CacheControl = "no-store";
        if (IsOurName(context.Request.Host.Host, publicUrl) && !IsFromAnotherSite(context.Request, publicUrl))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync("This address is served to this machine alone.");
    };

    /// <summary>A tool is told in JSON also where no route answers: none is there, or by another method.</summary>
    public static Task SayWhyAsync(StatusCodeContext refused)
    {
        var context = refused.HttpContext;
        return context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
            ? IncidentApi.Json(new { error = WhyNot(context.Response.StatusCode) }, context.Response.StatusCode)
                .ExecuteAsync(context)
            : Task.CompletedTask;
    }

    private static string WhyNot(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "no such token is known here",
        StatusCodes.Status404NotFound => "nothing is here: /api/openapi.json lists what there is",
        StatusCodes.Status405MethodNotAllowed => "this takes another method: see /api/openapi.json",
        StatusCodes.Status429TooManyRequests => "too often: see Retry-After",
        _ => $"the request cannot be answered: {status}",
    };

    private static bool IsOurName(string host, Uri publicUrl) =>
        host == "localhost"
        || string.Equals(host, publicUrl.Host, StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    // Behind a reverse proxy the browser's origin is the public one.
    private static bool IsFromAnotherSite(HttpRequest request, Uri publicUrl)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            return false;
        if (request.Headers.Origin.Count > 1 || request.Headers["Sec-Fetch-Site"].Count > 1)
            return true;
        if (request.Headers["Sec-Fetch-Site"] is [{ } site] && site is not ("same-origin" or "none"))
            return true;
        return request.Headers.Origin is [{ } origin]
            && origin != $"{request.Scheme}://{request.Host}"
            && origin != publicUrl.GetLeftPart(UriPartial.Authority);
    }
}
