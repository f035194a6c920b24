using System.Net;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Texts;

namespace Tocsin.Configuration;

internal enum ChannelKind
{
    SlackWebhook,
    JsonWebhook,
}

/// <param name="Url">Where it sends to: a reference, or the address itself where it is on this machine.</param>
/// <param name="Key">The signing secret of a JSON webhook; null for none.</param>
internal sealed record ChannelSettings(string Name, ChannelKind Kind, string Url, Secret? Key);

/// <param name="StartAt">The first block to watch where nothing was watched before; null for the newest.</param>
/// <param name="Confirmations">So many blocks deep counts as final.</param>
/// <param name="QuietBlocks">So many blocks without unexplained outflow count as contained.</param>
internal sealed record ChainSettings(
    ChainId Id, string Rpc, string? WebSocket, TimeSpan PollEvery, ulong? StartAt, int Confirmations, int QuietBlocks);

/// <param name="Socket">Unix socket of the signer process.</param>
/// <param name="Account">The account that the signer signs for: simulations are made in its name.</param>
internal sealed record SignerSettings(string Socket, Address Account);

/// <summary>How this installation runs: everything that is not the plan. Read from <c>tocsin.yaml</c>.</summary>
/// <param name="Directory">The folder of the file; relative paths in it belong here.</param>
/// <param name="PublicUrl">The base of links in alerts.</param>
internal sealed record TocsinConfiguration(
    string Directory,
    Uri Listen,
    Uri PublicUrl,
    string DataDirectory,
    string PlanDirectory,
    ChainSettings Chain,
    SignerSettings? Signer,
    ValueList<ChannelSettings> Channels,
    bool Exercise)
{
    public const string FileName = "tocsin.yaml";

    /// <exception cref="InputException">
    /// The file cannot be used; the message has a line for each thing to change.
    /// </exception>
    public static TocsinConfiguration Load(string directory)
    {
        var path = Path.Combine(directory, FileName);
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{path} cannot be read ({e.Message}); 'tocsin init {directory}' writes a commented one", e);
        }
        var yaml = new YamlText();
        var configuration = Read(Path.GetFullPath(directory), yaml.Parse(path, text));
        if (yaml.Complaints.Count > 0)
            throw new InputException(string.Join(Environment.NewLine, yaml.Complaints));
        return configuration;
    }

    private static TocsinConfiguration Read(string directory, YamlPart root)
    {
        root.Knows("listen", "public_url", "data", "plan", "chain", "signer", "channels", "exercise");
        var listen = Listening(root.Required("listen"));
        return new TocsinConfiguration(
            directory,
            listen,
            root.Optional("public_url") is { } address ? Web(address, "http", "https") : listen,
            Path.Combine(directory, root.Required("data").Text()),
            Path.Combine(directory, root.Required("plan").Text()),
            ReadChain(root.Required("chain")),
            root.Optional("signer") is { } signer ? ReadSigner(directory, signer) : null,
            root.Required("channels").Entries().Select(entry => ReadChannel(entry.Key, entry.Value)).ToValueList(),
            root.Optional("exercise")?.Flag() ?? false);
    }

    private static ChainSettings ReadChain(YamlPart part) => new(
        new ChainId(part
            .Knows("id", "rpc", "ws", "poll", "start_at", "confirmations", "quiet_blocks")
            .Required("id")
            .Quantity()),
        Reference(part.Required("rpc"), "http", "https"),
        part.Optional("ws") is { } socket ? Reference(socket, "ws", "wss") : null,
        part.Optional("poll")?.Duration() ?? TimeSpan.FromSeconds(2),
        part.Optional("start_at") is { } start && start.Text() != "latest" ? start.Quantity() : null,
        part.Optional("confirmations")?.Number(1, 1000) ?? 12,
        part.Optional("quiet_blocks")?.Number(1, 10_000) ?? 5);

    private static SignerSettings ReadSigner(string directory, YamlPart part) => new(
        Path.Combine(directory, part.Knows("socket", "account").Required("socket").Text()),
        part.Required("account").Parsed<Address>(
            text => ChecksumAddress.TryParse(text, out var address) ? address : null,
            "an address with a right checksum"));

    private static ChannelSettings ReadChannel(string name, YamlPart part)
    {
        var url = part.Knows("kind", "url", "secret").Required("url");
        var secret = part.Optional("secret");
        if (secret is not null && !Secret.IsReference(secret.Text()))
            secret.Complain("a secret is given by reference: env:NAME or file:PATH");
        return new ChannelSettings(
            name,
            part.Required("kind").OneOf(Kinds),
            ChannelUrl(url),
            secret is null ? null : new Secret(secret.Text()));
    }

    private static readonly Dictionary<string, ChannelKind> Kinds = new()
    {
        ["slack-webhook"] = ChannelKind.SlackWebhook,
        ["json-webhook"] = ChannelKind.JsonWebhook,
    };

    // The address of a webhook is its password, so it stands in the file only where it points to this machine.
    private static string ChannelUrl(YamlPart part)
    {
        var text = part.Text();
        if (text.Length > 0 && !Secret.IsReference(text)
            && !(Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.IsLoopback))
            part.Complain("the address of a webhook is a secret: give it by reference, env:NAME or file:PATH");
        return text;
    }

    private static string Reference(YamlPart part, params string[] schemes)
    {
        var text = part.Text();
        if (text.Length > 0 && !Secret.IsReference(text))
            Web(part, schemes);
        return text;
    }

    private static Uri Web(YamlPart part, params string[] schemes)
    {
        if (Uri.TryCreate(part.Text(), UriKind.Absolute, out var uri) && schemes.Contains(uri.Scheme))
            return uri;
        part.Complain("this must be an address that begins with "
            + string.Join(" or ", schemes.Select(scheme => scheme + "://")));
        return new Uri("http://127.0.0.1");
    }

    // There is no sign-in yet: whoever reaches the port can read everything and act as anyone.
    private static Uri Listening(YamlPart part)
    {
        var uri = Web(part, "http");
        if (!IPAddress.TryParse(uri.Host, out var host) || !IPAddress.IsLoopback(host))
            part.Complain("until sign-in exists, 'listen' must be on this machine: http://127.0.0.1:PORT");
        return uri;
    }
}
