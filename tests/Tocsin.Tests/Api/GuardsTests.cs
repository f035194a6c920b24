using Microsoft.AspNetCore.Http;
using Tocsin.Api;

namespace Tocsin.Tests.Api;

public sealed class GuardsTests
{
    private static readonly Uri Public = new("https://tocsin.example");

    [Theory]
    [InlineData("localhost:8080", true)]
    [InlineData("127.0.0.1:8080", true)]
    [InlineData("[::1]:8080", true)]
    [InlineData("tocsin.example", true)]
    [InlineData("TOCSIN.example", true)]
    [InlineData("evil.example", false)]
    [InlineData("tocsin.example.evil.example", false)]
    [InlineData("192.0.2.1", false)]
    [InlineData("", false)]
    public async Task Only_this_machines_names_and_the_public_one_are_served(string host, bool served)
    {
        Assert.Equal(served, await IsServedAsync("GET", host));
        Assert.Equal(served, await IsServedAsync("POST", host));
    }

    [Theory]
    [InlineData("POST", "https://tocsin.example", true)]
    [InlineData("POST", "http://localhost:8080", true)]
    [InlineData("POST", "http://tocsin.example", false)]
    [InlineData("POST", "https://localhost:8080", false)]
    [InlineData("POST", "http://localhost:9090", false)]
    [InlineData("POST", "https://evil.example", false)]
    [InlineData("POST", "null", false)]
    [InlineData("PUT", "https://evil.example", false)]
    [InlineData("GET", "https://evil.example", true)]
    [InlineData("HEAD", "https://evil.example", true)]
    public async Task Another_site_changes_nothing(string method, string origin, bool served) =>
        Assert.Equal(served, await IsServedAsync(method, "localhost:8080", ("Origin", [origin])));

    [Theory]
    [InlineData("same-origin", true)]
    [InlineData("none", true)]
    [InlineData("same-site", false)]
    [InlineData("cross-site", false)]
    public async Task A_browser_that_says_it_crosses_sites_is_refused(string site, bool served) =>
        Assert.Equal(served, await IsServedAsync("POST", "localhost:8080", ("Sec-Fetch-Site", [site])));

    [Fact]
    public async Task A_header_that_is_sent_twice_is_refused()
    {
        const string ours = "http://localhost:8080";

        Assert.True(await IsServedAsync("POST", "localhost:8080"));
        Assert.True(await IsServedAsync("POST", "localhost:8080", ("Origin", [ours])));
        Assert.False(await IsServedAsync("POST", "localhost:8080", ("Origin", [ours, ours])));
        Assert.False(await IsServedAsync("POST", "localhost:8080", ("Origin", [ours, "https://evil.example"])));
        Assert.False(await IsServedAsync("POST", "localhost:8080", ("Sec-Fetch-Site", ["none", "none"])));
    }

    [Fact]
    public async Task Every_answer_forbids_frames_caches_and_scripts_of_others()
    {
        foreach (var host in new[] { "localhost", "evil.example" })
        {
            var headers = (await AskAsync("GET", host)).Context.Response.Headers;
            var policy = headers.ContentSecurityPolicy.ToString();
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("script-src 'self'", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", headers.XContentTypeOptions);
            Assert.Equal("no-referrer", headers["Referrer-Policy"]);
            Assert.Equal("no-store", headers.CacheControl);
        }
    }

    private static async Task<bool> IsServedAsync(
        string method, string host, params (string Name, string[] Values)[] headers)
    {
        var (context, served) = await AskAsync(method, host, headers);
        Assert.Equal(served ? StatusCodes.Status200OK : StatusCodes.Status403Forbidden, context.Response.StatusCode);
        return served;
    }

    private static async Task<(HttpContext Context, bool Served)> AskAsync(
        string method, string host, params (string Name, string[] Values)[] headers)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        context.Request.Scheme = "http";
        context.Request.Host = new HostString(host);
        foreach (var (name, values) in headers)
            context.Request.Headers[name] = values;
        var served = false;
        await Guards.RefuseStrangers(Public)(context, _ =>
        {
            served = true;
            return Task.CompletedTask;
        });
        return (context, served);
    }
}
