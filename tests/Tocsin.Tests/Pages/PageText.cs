using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tocsin.Pages;

namespace Tocsin.Tests.Pages;

/// <summary>Pages as the server sends them.</summary>
internal static partial class PageText
{
    public static Task<string> Of(WarRoomView view) => RenderAsync<WarRoomPage>(view);

    public static Task<string> Of(IncidentListView view) => RenderAsync<IncidentListPage>(view);

    public static Task<string> Of(FindingListView view) => RenderAsync<FindingListPage>(view);

    public static Task<string> Of(ActionListView view) => RenderAsync<ActionListPage>(view);

    public static Task<string> Of(ChannelListView view) => RenderAsync<ChannelListPage>(view);

    public static Task<string> Of(SirenView view) => RenderAsync<SirenPage>(view);

    public static Task<string> Of(AcknowledgeView view) => RenderAsync<AcknowledgePage>(view);

    public static Task<string> Of(ReportView view) => RenderAsync<ReportPage>(view);

    public static Task<string> Of(MessageView view) => RenderAsync<MessagePage>(view);

    public static Task<string> Of(UserReportView view) => RenderAsync<UserReportPage>(view);

    /// <summary>What a person reads: no tags, entities resolved, white space as one space.</summary>
    public static string Read(string html) => Space().Replace(WebUtility.HtmlDecode(Tag().Replace(html, " ")), " ");

    /// <summary>The section with this id, up to its end.</summary>
    public static string Part(string html, string id)
    {
        var from = html.IndexOf($"<section id=\"{id}\"", StringComparison.Ordinal);
        return html[from..html.IndexOf("</section>", from, StringComparison.Ordinal)];
    }

    public static int Count(string text, string part) => text.Split(part).Length - 1;

    private static async Task<string> RenderAsync<TPage>(object view)
        where TPage : IComponent
    {
        await using var none = new ServiceCollection().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(none, NullLoggerFactory.Instance);
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { ["View"] = view });
        return await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<TPage>(parameters)).ToHtmlString());
    }

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
