using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Tocsin.Configuration;
using Tocsin.Evm.Inputs;
using Tocsin.FrontEnds;
using Tocsin.Tests.Feeds;

namespace Tocsin.Tests.FrontEnds;

public sealed class FrontEndWatchTests
{
    private const string Page = "<html><script src=a.js></script><p>Hello</p></html>";
    private readonly ManualTime time = new();

    [Fact]
    public async Task Text_may_change_and_scripts_may_not()
    {
        var page = Page;
        await using var server = await LoopbackServer.StartAsync(context => HtmlAsync(context, page));
        var before = await LookAsync(server.Address, "content");
        page = Page.Replace("Hello", "Good morning", StringComparison.Ordinal);
        var text = await LookAsync(server.Address, "content");
        page = Page.Replace("a.js", "evil.js", StringComparison.Ordinal);
        var script = await LookAsync(server.Address, "content");

        Assert.Equal(before.Value, text.Value);
        Assert.NotEqual(before.Value, script.Value);
        Assert.Matches("^[0-9a-f]{64}$", before.Value);
        Assert.Equal($"{Page.Length} bytes, 1 scripts, 1 parts run", before.Words);
    }

    [Fact]
    public async Task The_whole_may_be_watched_too()
    {
        var page = Page;
        await using var server = await LoopbackServer.StartAsync(context => HtmlAsync(context, page));
        var before = await LookAsync(server.Address, "content", WatchedContent.Whole);
        var same = await LookAsync(server.Address, "content", WatchedContent.Whole);
        page += " ";
        var after = await LookAsync(server.Address, "content", WatchedContent.Whole);

        Assert.Equal(before.Value, same.Value);
        Assert.NotEqual(before.Value, after.Value);
    }

    [Theory]
    [InlineData("text/html; charset=utf-16", "a\0<\0")]
    [InlineData("text/html; charset=utf-7", "+ADw-script+AD4-")]
    [InlineData("text/html", "\0")]
    [InlineData("application/javascript", "x")]
    [InlineData("image/svg+xml", "x")]
    public async Task Of_what_cannot_be_read_as_a_page_every_byte_counts(string type, string content)
    {
        var page = content;
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.ContentType = type;
            return context.Response.WriteAsync(page);
        });
        var before = await LookAsync(server.Address, "content");
        page += "y";

        Assert.NotEqual(before.Value, (await LookAsync(server.Address, "content")).Value);
        Assert.Contains("all of it counts", before.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_page_leads_is_part_of_it()
    {
        var path = "/a?session=1";
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            if (context.Request.Path != "/")
                return HtmlAsync(context, Page);
            context.Response.Redirect(path);
            return Task.CompletedTask;
        });
        var before = await LookAsync(server.Address, "content");
        path = "/a?session=2";
        var otherSession = await LookAsync(server.Address, "content");
        path = "/b";
        var elsewhere = await LookAsync(server.Address, "content");

        Assert.Equal(before.Value, otherSession.Value);
        Assert.NotEqual(before.Value, elsewhere.Value);
        Assert.Contains("through", before.Words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/loop", "leads on more than 5 times")]
    [InlineData("ftp://files.example/", "leads to nothing that can be asked for")]
    [InlineData("javascript:evil()", "leads to nothing that can be asked for")]
    [InlineData("http://private.example/", "leads into a private network, to private.example")]
    [InlineData("http://[::1]:9/", "leads into a private network, to ::1")]
    [InlineData("http://mapped.example/", "leads into a private network")]
    [InlineData("http://nowhere.example/", "could not be reached")]
    public async Task A_redirect_is_not_followed_anywhere(string location, string says)
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = location;
            return Task.CompletedTask;
        });

        var seen = await LookAsync(server.Address, "reachable");

        Assert.Equal("no", seen.Value);
        Assert.Contains(says, seen.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_answers_is_reachable_and_an_error_is_not()
    {
        var status = 200;
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return HtmlAsync(context, Page);
        });
        Assert.Equal("yes", (await LookAsync(server.Address, "reachable")).Value);
        status = 503;

        var looks = await Watch().LookAsync(Settings(server.Address), Stop);

        var seen = Assert.Single(looks);
        Assert.Equal(("reachable", "no", "it answered 503"), (seen.Aspect, seen.Value, seen.Words));
    }

    [Fact]
    public async Task A_page_without_end_is_not_read_to_its_end()
    {
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            var piece = new byte[64 << 10];
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(piece, context.RequestAborted);
        });

        Assert.Contains(
            "more than 5 MiB", (await LookAsync(server.Address, "reachable")).Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_unpacks_without_end_is_not_unpacked()
    {
        var packed = new MemoryStream();
        await using (var packing = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (var i = 0; i < 64; i++)
                await packing.WriteAsync(new byte[1 << 20], Stop);
        }
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            return context.Response.Body.WriteAsync(packed.ToArray(), context.RequestAborted).AsTask();
        });

        Assert.Contains(
            "more than 5 MiB", (await LookAsync(server.Address, "reachable")).Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_waits_for_ever_for_a_page()
    {
        await using var server = await LoopbackServer.StartAsync(
            context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        var looking = LookAsync(server.Address, "reachable");
        await time.UntilWaitingAsync(TimeSpan.FromSeconds(20));
        time.Advance(TimeSpan.FromSeconds(20));

        Assert.Contains("within 20 s", (await looking).Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_is_known_by_issuer_and_key_and_not_by_its_dates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        var first = await CertificateAsync(key, "CN=localhost", TimeSpan.FromDays(90));
        var renewed = await CertificateAsync(key, "CN=localhost", TimeSpan.FromDays(180));
        var rekeyed = await CertificateAsync(otherKey, "CN=localhost", TimeSpan.FromDays(90));
        var reissued = await CertificateAsync(key, "CN=localhost, O=Evil", TimeSpan.FromDays(90));

        Assert.Equal(first.Value, renewed.Value);
        Assert.NotEqual(first.Value, rekeyed.Value);
        Assert.NotEqual(first.Value, reissued.Value);
        var hash = Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
        Assert.StartsWith("localhost: until ", first.Words, StringComparison.Ordinal);
        Assert.Contains($"key {hash[..16]}…, issued by CN=localhost", first.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_that_ends_soon_is_told()
    {
        var now = time.GetUtcNow();
        string Value(TimeSpan left, string? fault = null) => Aspect(left, fault).Value;
        FrontEndAspect Aspect(TimeSpan left, string? fault) => Sights
            .Of(
                Settings(new Uri("https://app.example")),
                new SeenPage(
                    [new Uri("https://app.example")],
                    [new SeenCertificate("app.example", "CN=CA", new string('a', 64), now + left, fault)], null, "x"),
                now)
            .First();

        Assert.Equal(Value(TimeSpan.FromDays(90)), Value(TimeSpan.FromDays(14)));
        Assert.NotEqual(Value(TimeSpan.FromDays(14)), Value(TimeSpan.FromDays(13.9)));
        Assert.Equal(Value(TimeSpan.FromDays(13.9)), Value(TimeSpan.FromDays(1)));
        Assert.NotEqual(Value(TimeSpan.FromDays(90)), Value(TimeSpan.FromDays(90), "RemoteCertificateNameMismatch"));
        Assert.Contains("EXPIRES IN 13 DAYS", Aspect(TimeSpan.FromDays(13.9), null).Words, StringComparison.Ordinal);
        Assert.Contains("INVALID (X)", Aspect(TimeSpan.FromDays(90), "X").Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_browsers_refuse_is_told_and_its_page_not_believed()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Certificate(key, "CN=localhost", TimeSpan.FromDays(90));
        await using var server = await LoopbackServer.StartAsync(context => HtmlAsync(context, Page), certificate);
        var address = new UriBuilder(server.Address) { Host = "localhost" }.Uri;

        var seen = await Watch().LookAsync(Settings(address), Stop);

        Assert.Equal(["certificate", "reachable"], seen.Select(aspect => aspect.Aspect));
        Assert.Contains("INVALID (RemoteCertificateChainErrors)", seen[0].Words, StringComparison.Ordinal);
        Assert.Equal("no", seen[1].Value);
        Assert.Contains("a certificate that browsers refuse", seen[1].Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_another_name_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Certificate(key, "CN=localhost", TimeSpan.FromDays(90));
        await using var server = await LoopbackServer.StartAsync(context => HtmlAsync(context, Page), certificate);
        var address = new UriBuilder(server.Address) { Host = "app.example" }.Uri;

        var seen = await Watch(certificate).LookAsync(Settings(address), Stop);

        Assert.Contains("INVALID (RemoteCertificateNameMismatch)", seen[0].Words, StringComparison.Ordinal);
        Assert.DoesNotContain(seen, aspect => aspect.Aspect == "content");
    }

    [Fact]
    public async Task Https_does_not_lead_to_http()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Certificate(key, "CN=localhost", TimeSpan.FromDays(90));
        await using var server = await LoopbackServer.StartAsync(
            context =>
            {
                context.Response.Redirect("http://localhost/");
                return Task.CompletedTask;
            },
            certificate);
        var address = new UriBuilder(server.Address) { Host = "localhost" }.Uri;

        var seen = await Watch(certificate).LookAsync(Settings(address), Stop);

        Assert.Contains("leads from https to http, to localhost", seen[^1].Words, StringComparison.Ordinal);
    }

    [Fact]
    public void The_addresses_of_a_name_count_and_their_order_does_not()
    {
        var some = Sights.Addresses("app.example", [IPAddress.Parse("192.0.2.7"), IPAddress.IPv6Loopback]);
        var turned = Sights.Addresses(
            "app.example", [IPAddress.IPv6Loopback, IPAddress.Parse("192.0.2.7"), IPAddress.IPv6Loopback]);
        var other = Sights.Addresses("app.example", [IPAddress.Parse("192.0.2.8"), IPAddress.IPv6Loopback]);

        Assert.Equal(some, turned);
        Assert.NotEqual(some.Value, other.Value);
        Assert.Equal("app.example stands for 192.0.2.7, ::1", some.Words);
    }

    [Fact]
    public async Task A_name_without_address_is_unreachable()
    {
        var settings = Settings(new Uri("http://nowhere.example")) with { Addresses = true };

        var seen = Assert.Single(await Watch().LookAsync(settings, Stop));

        Assert.Equal(("reachable", "no"), (seen.Aspect, seen.Value));
    }

    [Fact]
    public async Task It_looks_again_at_its_intervals()
    {
        await using var server = await LoopbackServer.StartAsync(context => HtmlAsync(context, Page));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var taken = Channel.CreateUnbounded<Arrival>();
        var settings = Settings(server.Address);
        var running = new FrontEndWatch([settings], time) { Resolve = ResolveAsync }
            .RunAsync(taken.Writer.WriteAsync, stop.Token);
        await time.UntilWaitingAsync(settings.Every);
        Assert.Equal(2, taken.Reader.Count);
        time.Advance(settings.Every);
        await time.UntilWaitingAsync(settings.Every);
        Assert.Equal(4, taken.Reader.Count);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Task HtmlAsync(HttpContext context, string page)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(page, context.RequestAborted);
    }

    private static FrontEndSettings Settings(Uri url) => new(
        "app", url, TimeSpan.FromMinutes(5), WatchedContent.Scripts, Certificate: true, Addresses: false,
        TimeSpan.FromMinutes(10));

    private static X509Certificate2 Certificate(ECDsa key, string name, TimeSpan valid)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now + valid);
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    // Names of the tests resolve to this machine; what is foreign to it does not matter, because nothing connects.
    private static Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) => host switch
    {
        "nowhere.example" => Task.FromException<IPAddress[]>(
            new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.HostNotFound)),
        "mapped.example" => Task.FromResult<IPAddress[]>([IPAddress.Parse("::ffff:10.0.0.1")]),
        "private.example" => Task.FromResult<IPAddress[]>(
            [IPAddress.Parse("203.0.113.7"), IPAddress.Parse("10.0.0.1")]),
        _ => Task.FromResult<IPAddress[]>([host == "::1" ? IPAddress.IPv6Loopback : IPAddress.Loopback]),
    };

    private FrontEndWatch Watch(X509Certificate2? root = null) =>
        new([], time) { Resolve = ResolveAsync, Roots = root is null ? null : [root] };

    private async Task<Arrival.FrontEndSeen> LookAsync(
        Uri address, string aspect, WatchedContent content = WatchedContent.Scripts)
    {
        var looks = await Watch().LookAsync(Settings(address) with { Content = content }, Stop);
        return Assert.Single(looks, look => look.Aspect == aspect);
    }

    private async Task<Arrival.FrontEndSeen> CertificateAsync(ECDsa key, string name, TimeSpan valid)
    {
        using var certificate = Certificate(key, name, valid);
        await using var server = await LoopbackServer.StartAsync(context => HtmlAsync(context, Page), certificate);
        var address = new UriBuilder(server.Address) { Host = "localhost" }.Uri;
        var looks = await Watch(certificate).LookAsync(Settings(address), Stop);
        Assert.Equal(["certificate", "content", "reachable"], looks.Select(look => look.Aspect));
        return looks[0];
    }
}
