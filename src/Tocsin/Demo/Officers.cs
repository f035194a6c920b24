using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Eip712;

namespace Tocsin.Demo;

/// <summary>
/// Two demo officers who approve with Anvil's published development keys. They do what people would do: fetch what is
/// to be signed from the war room, sign exactly that, and hand the signature in.
/// </summary>
internal static class Officers
{
    // Anvil's third and fourth development account; everybody knows these keys.
    public static readonly PrivateKey Chief =
        new(Hex.Parse("0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a"));
    public static readonly PrivateKey Security =
        new(Hex.Parse("0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6"));

    /// <returns>What the server answered.</returns>
    public static async Task<string> ApproveAsync(
        HttpClient server, string incident, PrivateKey officer, CancellationToken cancellationToken)
    {
        var text =
            await server.GetStringAsync(
                new Uri($"/api/incidents/{incident}/decision", UriKind.Relative), cancellationToken);
        var signature = officer.Sign(TypedData.Parse(text).Digest());
        using var document = JsonDocument.Parse(text);
        using var response = await server.PostAsJsonAsync(
            new Uri($"/api/incidents/{incident}/approvals", UriKind.Relative),
            new { signature = signature.ToHex(), typedData = document.RootElement },
            cancellationToken);
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }
}
