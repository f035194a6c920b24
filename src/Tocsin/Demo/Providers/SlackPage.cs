using System.Net;
using System.Text;

namespace Tocsin.Demo.Providers;

/// <summary>The room as people see it: its messages, and buttons to press as a person of the plan.</summary>
internal sealed class SlackPage(SlackFake slack)
{
    public const string Path = "/";
    public const string Press = "/press";

    public async Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'";
        var said = HttpMethods.IsPost(context.Request.Method) ? await PressAsync(context.Request) : null;
        await context.Response.WriteAsync(Show(said), context.RequestAborted);
    }

    private async Task<string> PressAsync(HttpRequest request)
    {
        // No other page may press in the name of whoever looks at it.
        if (request.Headers["Sec-Fetch-Site"] is [{ } site] && site is not ("same-origin" or "none"))
            return "Nothing was pressed: the request came from another page.";
        var form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
        try
        {
            var answered = await slack.PressAsync(form["action"]!, form["value"]!, DemoChannels.ChiefInSlack);
            return $"Tocsin answered {(int)answered}.";
        }
        catch (Exception e) when (e is InvalidOperationException or HttpRequestException)
        {
            return e.Message;
        }
    }

    private string Show(string? said)
    {
        var text = new StringBuilder("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">")
            .Append("<title>#war-room</title>")
            .Append("<style>body{font:16px/1.4 sans-serif;max-width:45em;margin:2em auto;padding:0 1em}")
            .Append("article{border-top:1px solid;padding:1em 0;white-space:pre-wrap;overflow-wrap:anywhere}")
            .Append("form{display:inline}</style><h1>#war-room</h1>")
            .Append("<p>Plays Slack for the demo. Buttons are pressed as Demo Chief.</p>");
        if (said is not null)
            text.Append($"<p role=\"status\"><strong>{WebUtility.HtmlEncode(said)}</strong></p>");
        foreach (var message in slack.Seen())
        {
            text.Append($"<article>{WebUtility.HtmlEncode(message.Text)}\n");
            foreach (var button in message.Buttons)
            {
                text.Append($"<form method=\"post\" action=\"{Press}\">")
                    .Append($"<input type=\"hidden\" name=\"action\" value=\"{WebUtility.HtmlEncode(button.Action)}\">")
                    .Append($"<input type=\"hidden\" name=\"value\" value=\"{WebUtility.HtmlEncode(button.Value)}\">")
                    .Append($"<button>{WebUtility.HtmlEncode(button.Text)}</button></form> ");
            }
            text.Append("</article>");
        }
        return text.Append("</html>").ToString();
    }
}
