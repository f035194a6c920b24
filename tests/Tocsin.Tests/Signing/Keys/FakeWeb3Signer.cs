using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tocsin.Chains;
using Tocsin.Evm;

namespace Tocsin.Tests.Signing.Keys;

/// <summary>
/// A web3signer over real HTTP, strict about what it is asked: the path, the method, the type and the one member of the
/// body. It holds the private key 1, whose public key is the generator of the curve.
/// </summary>
internal sealed class FakeWeb3Signer : IAsyncDisposable
{
    private const string PublicKey =
        "0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
        + "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";

    private readonly WebApplication app;

    private FakeWeb3Signer(WebApplication app) => this.app = app;

    public static PrivateKey Key { get; } = new([.. new byte[31], 1]);

    public Uri Address => new(app.Urls.First());

    public int Asked { get; private set; }

    /// <summary>What it answers in place of a signature.</summary>
    public Func<string, HttpContext, Task<string>>? Instead { get; set; }

    public string Keys { get; set; } = $"[\"0x{new string('0', 128)}\",\"{PublicKey}\"]";

    public static async Task<FakeWeb3Signer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var fake = new FakeWeb3Signer(builder.Build());
        fake.app.MapGet("/api/v1/eth1/publicKeys", () => Results.Text(fake.Keys, "application/json"));
        fake.app.MapPost("/api/v1/eth1/sign/{identifier}", fake.SignAsync);
        await fake.app.StartAsync();
        return fake;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task<IResult> SignAsync(string identifier, HttpContext context)
    {
        Asked++;
        if (identifier != PublicKey)
            return Results.NotFound();
        if (context.Request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) != true)
            return Results.StatusCode(415);
        var body = await JsonSerializer.DeserializeAsync<Dictionary<string, string>>(context.Request.Body);
        if (body is not { Count: 1 } || !body.TryGetValue("data", out var data) || !Hex.TryParse(data, out var bytes))
            return Results.BadRequest("exactly one member, 'data'");
        var signature = Key.Sign(Keccak256.Hash(bytes)).ToHex();
        return Results.Text(Instead is null ? signature : await Instead(signature, context), "text/plain");
    }
}
