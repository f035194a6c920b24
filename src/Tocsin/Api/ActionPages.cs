using Microsoft.AspNetCore.Antiforgery;
using Tocsin.Pages;
using Tocsin.Readiness;
using Tocsin.Recording;

namespace Tocsin.Api;

/// <summary>The page of the prepared actions, and the button that has them probed.</summary>
internal sealed class ActionPages(
    Logbook logbook, ReadinessBoard board, ReadinessWatch readiness, WatchReading watch, IAntiforgery antiforgery)
{
    public IResult Show(HttpContext context)
    {
        var tokens = antiforgery.GetAndStoreTokens(context);
        return PageRoutes.Page<ActionListPage>(new ActionListView(
            ActionRow.Of(logbook.InForce!, board.Kept.Results), watch.Line, tokens.FormFieldName, tokens.RequestToken!,
            null, watch.Now));
    }

    public async Task<IResult> ProbeAsync(CancellationToken cancellationToken)
    {
        await readiness.ProbeAsync(cancellationToken);
        return Results.Redirect("/actions");
    }
}
