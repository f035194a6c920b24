using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm;

namespace Tocsin.Signing.Keys;

/// <summary>
/// The Web3 Secret Storage Definition, version 3: a private key in JSON, encrypted with AES-128-CTR under a key made
/// of a password by scrypt or PBKDF2.
/// </summary>
internal static class Keystore
{
    private const int DerivedByteCount = 32;
    private const int MaximumIterations = 10_000_000;
    private const int MaximumSaltBytes = 1024;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8 };

    /// <param name="json">The file's text; it may be anybody's.</param>
    /// <exception cref="FormatException">
    /// It is no keystore of that kind, or the password is another. The message holds neither key nor password.
    /// </exception>
    public static PrivateKey Decrypt(string json, string password)
    {
        var derived = Array.Empty<byte>();
        var secret = Array.Empty<byte>();
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            var root = document.RootElement;
            if (root.GetProperty("version").GetInt32() != 3)
                throw new FormatException("only version 3 of a keystore can be read");
            // Old writers spelled it with a capital letter.
            var crypto = root.TryGetProperty("crypto", out var lower) ? lower : root.GetProperty("Crypto");
            if (crypto.GetProperty("cipher").GetString() != "aes-128-ctr")
                throw new FormatException("only keystores with the cipher aes-128-ctr can be read");
            var text = Bytes(crypto.GetProperty("ciphertext"), PrivateKey.ByteCount);
            var iv = Bytes(crypto.GetProperty("cipherparams").GetProperty("iv"), 16);
            var mac = Bytes(crypto.GetProperty("mac"), Hash32.ByteCount);
            derived = Derive(
                crypto.GetProperty("kdf").GetString(), crypto.GetProperty("kdfparams"),
                Encoding.UTF8.GetBytes(password));
            var expected = Keccak256.Hash((byte[])[.. derived.AsSpan(16, 16), .. text]).ToArray();
            if (!CryptographicOperations.FixedTimeEquals(mac, expected))
                throw new FormatException("the password is not that of the keystore");
            secret = InCounterMode(derived.AsSpan(0, 16), iv, text);
            return new PrivateKey(secret);
        }
        catch (Exception e) when (
            e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException($"this is no keystore of version 3: {e.Message}", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    // The file decides how much work and memory this takes, so both have a bound.
    private static byte[] Derive(string? function, JsonElement parameters, byte[] password)
    {
        var salt = Bytes(parameters.GetProperty("salt"), null);
        if (Number("dklen") != DerivedByteCount)
            throw new FormatException($"'dklen' must be {DerivedByteCount}");
        switch (function)
        {
            case "scrypt":
                return Scrypt.DeriveKey(password, salt, Number("n"), Number("r"), Number("p"), DerivedByteCount);
            case "pbkdf2" when parameters.GetProperty("prf").GetString() == "hmac-sha256":
                var iterations = Number("c");
                return iterations is >= 1 and <= MaximumIterations
                    ? Rfc2898DeriveBytes.Pbkdf2(
                        password, salt, (int)iterations, HashAlgorithmName.SHA256, DerivedByteCount)
                    : throw new FormatException($"'c' must be from 1 to {MaximumIterations:N0}");
            default:
                throw new FormatException("only scrypt and pbkdf2 with hmac-sha256 can be read");
        }

        long Number(string name) => parameters.GetProperty(name).TryGetInt64(out var number)
            ? number
            : throw new FormatException($"'{name}' is no number that can be used");
    }

    private static byte[] Bytes(JsonElement element, int? count)
    {
        var text = element.GetString() ?? "";
        var bytes = Hex.TryParse(text.StartsWith("0x", StringComparison.Ordinal) ? text : "0x" + text, out var read)
            ? read
            : throw new FormatException("a value is not hexadecimal");
        return bytes.Length == (count ?? bytes.Length) && bytes.Length <= MaximumSaltBytes
            ? bytes
            : throw new FormatException("a value has the wrong length");
    }

    // NIST SP 800-38A, section 6.5: the counter is one number of 128 bits. .NET has no such mode.
    private static byte[] InCounterMode(ReadOnlySpan<byte> key, byte[] counter, byte[] text)
    {
        using var aes = Aes.Create();
        aes.Key = key.ToArray();
        var block = (byte[])[.. counter];
        var output = new byte[text.Length];
        for (var at = 0; at < text.Length; at += block.Length)
        {
            var stream = aes.EncryptEcb(block, PaddingMode.None);
            for (var i = at; i < Math.Min(at + block.Length, text.Length); i++)
                output[i] = (byte)(text[i] ^ stream[i - at]);
            for (var i = block.Length - 1; i >= 0; i--)
            {
                block[i] = block[i] == byte.MaxValue ? (byte)0 : (byte)(block[i] + 1);
                if (block[i] != 0)
                    break;
            }
        }
        return output;
    }
}
