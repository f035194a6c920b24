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

    /// <summary>One line for a raw key by reference, or a mapping that names the backend first.</summary>
    public static KeySettings Read(YamlPart part)
    {
        if (!part.IsMapping)
            return ReadRaw(part);
        part.Knows("keystore", "password", "web3signer", "account", "allow_plain");
        if (part.Optional("web3signer") is { } remote)
            return ReadWeb3Signer(part, remote);
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
        if (uri.Scheme == "http" && !uri.IsLoopback && part.Optional("allow_plain")?.Flag() != true)
            remote.Complain(
                "without TLS anybody on the way can change what is answered: use https, or say 'allow_plain: true'");
        return new Web3Signer(uri, part.Required("account").Parsed<Address>(
            text => ChecksumAddress.TryParse(text, out var account) ? account : null,
            "an address with a right checksum"));
    }

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
