using System.Net;
using System.Text;
using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm;

namespace Tocsin.Signing.Keys;

/// <summary>
/// A key that a web3signer holds (its eth1 HTTP API). It hashes with Keccak-256 by itself and knows a key by its public
/// key, which is asked for once.
/// </summary>
internal sealed class Web3SignerKey(HttpClient http, Uri address, Address account) : ISigningKey
{
    private const int PublicKeyByteCount = 64;
    private const int ExcerptCharacters = 120;

    private string? identifier;

    public Address Address => account;

    public async Task<Signature> SignAsync(ReadOnlyMemory<byte> preimage, CancellationToken cancellationToken)
    {
        try
        {
            identifier ??= await IdentifierAsync(cancellationToken);
            using var body = JsonContent.Create(new { data = Hex.Format(preimage.Span) });
            using var answer = await http.PostAsync(
                At($"api/v1/eth1/sign/{identifier}"), body, cancellationToken);
            var text = await TextAsync(answer, cancellationToken);
            return Signature.TryParse(text.Trim().Trim('"'), out var signature)
                ? signature
                : throw new KeyUnavailableException("the web3signer answered something that is no signature");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            throw new KeyUnavailableException($"the web3signer at {address.Authority} cannot be used: {e.Message}", e);
        }
    }

    private async Task<string> IdentifierAsync(CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync(At("api/v1/eth1/publicKeys"), cancellationToken);
        var keys = JsonSerializer.Deserialize<string[]>(await TextAsync(answer, cancellationToken)) ?? [];
        return keys.FirstOrDefault(IsOurs) ?? throw new KeyUnavailableException(
            $"the web3signer at {address.Authority} holds no key of {ChecksumAddress.Format(account)}");
    }

    // The address of a public key is the end of its Keccak-256 (Yellow Paper, appendix F).
    private bool IsOurs(string? key)
    {
        if (key is null
            || !Hex.TryParse(key.StartsWith("0x", StringComparison.Ordinal) ? key : "0x" + key, out var bytes))
            return false;
        var point = bytes is [4, .. var rest] && rest.Length == PublicKeyByteCount ? rest : bytes;
        return point.Length == PublicKeyByteCount
            && new Address(Keccak256.Hash(point).ToArray().AsSpan(Hash32.ByteCount - Address.ByteCount)) == account;
    }

    private async Task<string> TextAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var text = Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
        if (answer.StatusCode == HttpStatusCode.OK)
            return text;
        // Its words are anybody's: short, on one line, and never more than a hint.
        var words = new string([.. text.Where(letter => letter is >= ' ' and <= '~').Take(ExcerptCharacters)]);
        throw new KeyUnavailableException(
            $"the web3signer at {address.Authority} answered {(int)answer.StatusCode}"
            + (words.Length == 0 ? "" : $": {words}"));
    }

    private Uri At(string path) => new($"{address.AbsoluteUri.TrimEnd('/')}/{path}");
}
