using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Evm;
using Tocsin.Texts;

namespace Tocsin.Signing.Keys;

/// <summary>Where a key is kept, as the policy says under <c>key</c>. Printing one prints references alone.</summary>
internal abstract record KeySettings
{
    private KeySettings()
    {
    }

    /// <summary>The files that hold secrets of it.</summary>
    public virtual ValueList<Secret> Secrets => [];

    /// <summary>What people read.</summary>
    public abstract string InWords { get; }

    /// <summary>0x and 64 hexadecimal digits, by reference.</summary>
    internal sealed record Raw(Secret Key) : KeySettings
    {
        public override ValueList<Secret> Secrets => [Key];

        public override string InWords => $"an unencrypted key, {Key}";
    }

    /// <summary>Web3 Secret Storage, version 3.</summary>
    internal sealed record EncryptedFile(Secret File, Secret Password) : KeySettings
    {
        public override ValueList<Secret> Secrets => [File, Password];

        public override string InWords => $"a keystore, {File}, with the password {Password}";
    }

    /// <summary>A web3signer that holds the key of the account.</summary>
    internal sealed record Web3Signer(Uri At, Address Account) : KeySettings
    {
        public override string InWords => $"a web3signer at {At.Authority} for {ChecksumAddress.Format(Account)}";
    }

    /// <summary>A key of AWS KMS.</summary>
    /// <param name="Endpoint">Null for that of the region.</param>
    internal sealed record AwsKms(
        string KeyId,
        string Region,
        Address Account,
        Secret AccessKey,
        Secret SecretKey,
        Secret? SessionToken,
        Uri? Endpoint) : KeySettings
    {
        public override ValueList<Secret> Secrets => [SecretKey];

        public override string InWords => $"AWS KMS in {Region} for {ChecksumAddress.Format(Account)}";
    }

    /// <summary>One line for a raw key by reference, or a mapping that names the backend first.</summary>
    public static KeySettings Read(YamlPart part)
    {
        if (!part.IsMapping)
            return ReadRaw(part);
        part.Knows(
            "keystore", "password", "web3signer", "account", "allow_plain", "aws_kms", "region", "access_key",
            "secret_key", "session_token", "endpoint");
        if (part.Optional("web3signer") is { } remote)
            return ReadWeb3Signer(part, remote);
        if (part.Optional("aws_kms") is { } kms)
            return ReadAwsKms(part, kms);
        return new EncryptedFile(Secret.Read(part.Required("keystore")), Secret.Read(part.Required("password")));
    }

    /// <summary>The key, held to its word.</summary>
    /// <param name="directory">The folder to which relative paths belong.</param>
    /// <exception cref="InputException">A secret cannot be read, or is none.</exception>
    public CheckedKey Open(string directory, HttpClient http) => new(this switch
    {
        Raw raw => new LocalKey(ReadKey(raw.Key, directory)),
        EncryptedFile file => new LocalKey(Decrypt(file, directory)),
        Web3Signer remote => new Web3SignerKey(http, remote.At, remote.Account),
        AwsKms kms => new AwsKmsKey(
            http,
            kms.Endpoint ?? new Uri($"https://kms.{kms.Region}.amazonaws.com/"),
            kms.KeyId,
            kms.Region,
            new AwsCredentials(
                kms.AccessKey.Reveal(directory), kms.SecretKey.Reveal(directory),
                kms.SessionToken?.Reveal(directory)),
            kms.Account,
            TimeProvider.System),
        _ => throw new InvalidOperationException($"nobody opens {GetType().Name}"),
    });

    private static Raw ReadRaw(YamlPart part)
    {
        var text = part.Text();
        if (text.Length > 0 && !Secret.IsReference(text))
            part.Complain("the key is given by reference: file:PATH or env:NAME");
        return new Raw(new Secret(text));
    }

    // The request holds no secret, but whoever changes the answer decides what is signed, or that nothing is.
    private static Web3Signer ReadWeb3Signer(YamlPart part, YamlPart remote)
    {
        var uri = Addresses.Web(remote, "http", "https");
        if (IsOpenToAll(uri) && part.Optional("allow_plain")?.Flag() != true)
            remote.Complain(
                "without TLS anybody on the way can change what is answered: use https, or say 'allow_plain: true'");
        return new Web3Signer(uri, ReadAccount(part));
    }

    private static AwsKms ReadAwsKms(YamlPart part, YamlPart kms)
    {
        var region = part.Required("region");
        var name = region.Line();
        // It becomes part of a host's name.
        if (name.Any(letter => !char.IsAsciiLetterLower(letter) && !char.IsAsciiDigit(letter) && letter != '-'))
            region.Complain("a region is such as eu-central-1");
        var endpoint = part.Optional("endpoint") is { } at ? Addresses.Web(at, "http", "https") : null;
        if (endpoint is not null && IsOpenToAll(endpoint))
            part.Optional("endpoint")!.Complain("the endpoint of AWS KMS is https, or on this machine");
        return new AwsKms(
            kms.Line(), name, ReadAccount(part), Secret.Read(part.Required("access_key")),
            Secret.Read(part.Required("secret_key")),
            part.Optional("session_token") is { } token ? Secret.Read(token) : null, endpoint);
    }

    private static bool IsOpenToAll(Uri uri) => uri.Scheme == "http" && !uri.IsLoopback;

    private static Address ReadAccount(YamlPart part) => part.Required("account").Parsed<Address>(
        text => ChecksumAddress.TryParse(text, out var account) ? account : null, "an address with a right checksum");

    private static PrivateKey ReadKey(Secret secret, string directory)
    {
        try
        {
            if (Hex.TryParse(secret.Reveal(directory), out var bytes))
                return new PrivateKey(bytes);
        }
        catch (ArgumentException)
        {
            // Zero, or beyond the curve's order; the value itself is in no message.
        }
        throw new InputException(
            $"'{secret}' is not a private key: 0x and 64 hexadecimal digits, from 1 to the order of secp256k1");
    }

    private static PrivateKey Decrypt(EncryptedFile settings, string directory)
    {
        try
        {
            return Keystore.Decrypt(settings.File.RevealText(directory), settings.Password.Reveal(directory));
        }
        catch (FormatException e)
        {
            throw new InputException($"'{settings.File}' cannot be opened: {e.Message}", e);
        }
    }
}
