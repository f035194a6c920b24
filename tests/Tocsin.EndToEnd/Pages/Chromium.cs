using Microsoft.Playwright;
using Tocsin.EndToEnd.Parts;

namespace Tocsin.EndToEnd.Pages;

/// <summary>The browser that is installed on this machine.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    public const int PhoneWidth = 375;
    public const int DeskWidth = 1280;

    private static readonly string[] Programs =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private readonly IPlaywright driver;
    private readonly IBrowser browser;

    private Chromium(IPlaywright driver, IBrowser browser) => (this.driver, this.browser) = (driver, browser);

    public static async Task<Chromium> StartAsync()
    {
        var program = Programs.FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "no Chromium is installed: 'apt-get install chromium' on Debian");
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = program,
            Args = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"],
        });
        return new Chromium(playwright, browser);
    }

    public async Task<IPage> OpenAsync(Site site, bool scripts = true, int width = PhoneWidth) =>
        await (await browser.NewContextAsync(new()
        {
            BaseURL = $"http://127.0.0.1:{site.Port}",
            JavaScriptEnabled = scripts,
            ViewportSize = new() { Width = width, Height = 812 },
        })).NewPageAsync();

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        // The driver is a process of its own, which would outlive the tests.
        driver.Dispose();
    }
}

/// <summary>What is expected of every page.</summary>
internal static class PageWidth
{
    /// <summary>Nothing on the page is wider than a phone or a desk.</summary>
    public static async Task FitsAsync(this IPage page)
    {
        foreach (var width in (int[])[Chromium.DeskWidth, Chromium.PhoneWidth])
        {
            await page.SetViewportSizeAsync(width, 812);
            Assert.InRange(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 0, width);
        }
    }
}
