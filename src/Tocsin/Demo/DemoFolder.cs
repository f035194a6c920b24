using System.Globalization;
using System.Security.Cryptography;
using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Demo.Providers;
using Tocsin.Demo.Scenarios;
using Tocsin.Evm;
using Tocsin.Signing;
using Tocsin.Texts;

namespace Tocsin.Demo;

/// <summary>The installation of the demo: an ordinary folder with configuration, plan, signer and data.</summary>
internal sealed class DemoFolder
{
    // Above the ids that systems hand out to people and services.
    private const int SignerUser = 61420;

    private const UnixFileMode PassableByAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private DemoFolder(string path) => Root = path;

    public string Root { get; }

    public string SignerPolicy => Path.Combine(Root, "signer", "signer.yaml");

    /// <summary>UID:GID of the signer where we have the right to give it a user of its own; else null.</summary>
    public static string? SignerAs => Privileges.IsRoot ? $"{SignerUser}:{SignerUser}" : null;

    public static DemoFolder Create()
    {
        var path = Directory.CreateTempSubdirectory("tocsin-demo-").FullName;
        // The signer's user must get through to its own folder, and no further.
        if (SignerAs is not null)
            File.SetUnixFileMode(path, PassableByAll);
        return new DemoFolder(path);
    }

    /// <summary>With all that was written there: the log, the keys, the reports.</summary>
    public void Delete() => Directory.Delete(Root, recursive: true);

    public void Write(
        Anvil anvil, Protocol protocol, Cast cast, Address signer, PrivateKey signerKey,
        ProviderServer providers, string phoneSecret, int port, Additions? additions = null)
    {
        var added = additions ?? Additions.None;
        var values = new Dictionary<string, string>
        {
            ["of_dollar"] = added.OfDollar,
            ["assets"] = string.Join("\n", added.Coins.Select(AssetLine)),
            ["contracts"] = string.Join("\n", added.Contracts.Select(ContractLine)),
            ["chain_settings"] = added.ChainSettings,
            ["settings"] = added.Settings,
            ["listen"] = $"http://127.0.0.1:{port}",
            ["rpc"] = anvil.Rpc.AbsoluteUri,
            ["ws"] = anvil.WebSocket.AbsoluteUri,
            ["start_at"] = protocol.DeployedAt.ToString(CultureInfo.InvariantCulture),
            ["signer"] = ChecksumAddress.Format(signer),
            ["slack_api"] = providers.Get<SlackFake>().Api.AbsoluteUri,
            ["slack_channel"] = SlackFake.WarRoom,
            ["chief_in_slack"] = DemoChannels.ChiefInSlack,
            ["phone_url"] = providers.Get<JsonWebhookFake>().Address.AbsoluteUri,
            ["clients"] = SignerAs is null ? "" : "clients: [0]",
            ["controls"] = ChecksumAddress.Format(protocol.Controls.Address),
            ["dollar"] = ChecksumAddress.Format(protocol.Dollar.Address),
            ["reserve"] = ChecksumAddress.Format(protocol.Reserve.Address),
            ["gem"] = ChecksumAddress.Format(protocol.Gem.Address),
            ["pair"] = ChecksumAddress.Format(protocol.Pair),
            ["market"] = ChecksumAddress.Format(protocol.Market.Address),
            ["vault"] = ChecksumAddress.Format(protocol.Vault.Address),
            ["queue"] = ChecksumAddress.Format(protocol.Brake.Queue.Address),
            ["chief"] = ChecksumAddress.Format(cast.Chief),
            ["security"] = ChecksumAddress.Format(cast.Security),
            ["recovery"] = ChecksumAddress.Format(cast.Recovery),
            ["other_recovery"] = ChecksumAddress.Format(cast.OtherRecovery),
        };
        Templates.Write("demo", Root, values);
        (string Name, string Text)[] secrets =
        [
            ("phone.secret", phoneSecret), ("slack.token", SlackFake.Token), ("slack.secret", SlackFake.SigningSecret),
        ];
        foreach (var (name, text) in secrets)
            File.WriteAllText(Path.Combine(Root, name), text);
        foreach (var secret in secrets.Select(secret => secret.Name).Append(TocsinConfiguration.FileName))
            File.SetUnixFileMode(Path.Combine(Root, secret), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        WriteSigner(signerKey);
    }

    /// <summary>A secret of the form that Standard Webhooks uses.</summary>
    public static string NewWebhookSecret() => "whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private static string AssetLine(Coin coin)
    {
        var issuer = coin.Issuer is null ? "" : $", issuer: {coin.Issuer}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"    - {{ name: {coin.Name}, address: \"{ChecksumAddress.Format(coin.Contract.Address)}\", "
                + $"decimals: {coin.Decimals}, usd: {coin.Usd:0.00}{issuer} }}");
    }

    private static string ContractLine(Guarded contract) =>
        $"    - {{ name: {contract.Name}, address: \"{ChecksumAddress.Format(contract.Contract.Address)}\", "
        + $"scope: {contract.Scope}, exits: [{string.Join(", ", contract.Exits.Select(exit => $"\"{exit}\""))}] }}";

    private void WriteSigner(PrivateKey key)
    {
        var folder = Path.GetDirectoryName(SignerPolicy)!;
        Directory.CreateDirectory(folder);
        File.Move(Path.Combine(Root, "signer.yaml"), SignerPolicy);
        var keyPath = Path.Combine(folder, "signer.key");
        var options =
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode =
                UnixFileMode.UserRead | UnixFileMode.UserWrite
            };
        using (var file = new StreamWriter(new FileStream(keyPath, options)))
        {
            Span<byte> secret = stackalloc byte[PrivateKey.ByteCount];
            key.ExportTo(secret);
            file.Write(Hex.Format(secret));
            CryptographicOperations.ZeroMemory(secret);
        }
        if (SignerAs is null)
            return;
        // 0711: the server reaches the socket by its name, and can list or read nothing.
        File.SetUnixFileMode(folder, PassableByAll);
        foreach (var path in (string[])[folder, keyPath, SignerPolicy])
            Privileges.GiveTo(path, SignerUser, SignerUser);
    }
}
