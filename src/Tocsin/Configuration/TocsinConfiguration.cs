using System.Net;
using Tocsin.Chains;
using Tocsin.Configuration.Detectors;
using Tocsin.Incidents;
using Tocsin.Plans;
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

/// <param name="Socket">Unix socket of the signer process.</param>
/// <param name="Account">The account that the signer signs for: simulations are made in its name.</param>
internal sealed record SignerSettings(string Socket, Address Account);

/// <summary>How much of what came in is kept, so that it can be judged again.</summary>
internal sealed record InputSettings(TimeSpan Keep, int MaximumMegabytes);

/// <summary>A configuration as far as it could be read, with everything that is wrong with its text.</summary>
internal sealed record ReadConfiguration(TocsinConfiguration Configuration, IReadOnlyList<Complaint> Complaints)
{
    public bool HasErrors => Errors.Any();

    public IEnumerable<Complaint> Errors => Complaints.Where(complaint => complaint.Level == ComplaintLevel.Error);
}

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
    bool Exercise,
    ValueList<FeedSettings> Feeds,
    ValueList<HeartbeatSettings> Heartbeats,
    ValueList<FrontEndSettings> FrontEnds,
    ValueList<AbiSettings> Abis,
    InputSettings Inputs,
    bool Metrics,
    DetectorEntries Detectors,
    ValueList<PlannedSettings> Planned,
    ValueList<ActOnSettings> ActOn)
{
    public const string FileName = "tocsin.yaml";

    private const int MaximumFileBytes = 4 << 20;

    /// <summary>The connection string of a PostgreSQL database; null for a SQLite file in the data folder.</summary>
    public Secret? Database { get; init; }

    /// <summary>The page of an incident.</summary>
    public Uri WarRoom(IncidentId incident) => new(PublicUrl, $"incidents/{incident}");

    /// <summary>Outside systems whose alerts are heard.</summary>
    public ValueList<OutsideSettings> Outside { get; init; } = [];

    /// <summary>Who may use the API; with none, whoever is on this machine.</summary>
    public ValueList<TokenSettings> Tokens { get; init; } = [];

    /// <summary>The same without what could do something: every incident is an exercise, in a log of its own.</summary>
    public TocsinConfiguration ForRehearsal() => this with
    {
        Exercise = true,
        Signer = null,
        // Never the log of the real thing: what is open there is not to be led from here.
        DataDirectory = Path.Combine(DataDirectory, "rehearsal"),
        Database = null,
    };

    /// <exception cref="InputException">
    /// The file cannot be used; the message has a line for each thing to change.
    /// </exception>
    public static TocsinConfiguration Load(string directory)
    {
        var read = Read(directory);
        return read.HasErrors
            ? throw new InputException(string.Join(Environment.NewLine, read.Errors))
            : read.Configuration;
    }

    /// <summary>As far as it can be read, with everything that is wrong with it.</summary>
    /// <exception cref="InputException">The file itself cannot be read.</exception>
    public static ReadConfiguration Read(string directory)
    {
        var path = Path.Combine(directory, FileName);
        string text;
        try
        {
            text = PlainFile.Read(path, MaximumFileBytes);
        }
        catch (IOException e)
        {
            throw new InputException(
                $"{path} cannot be read ({e.Message}); 'tocsin init {directory}' writes a commented one", e);
        }
        var yaml = new YamlText();
        var configuration = Read(Path.GetFullPath(directory), yaml.Parse(path, text));
        return new ReadConfiguration(configuration, yaml.Complaints);
    }

    private static TocsinConfiguration Read(string directory, YamlPart root)
    {
        root.Knows(
            "listen", "public_url", "data", "database", "plan", "chain", "signer", "channels", "exercise", "feeds",
            "heartbeats", "front_ends", "abis", "inputs", "metrics", "detectors", "planned", "act_on",
            "outside", "tokens");
        var listen = Listening(root.Required("listen"));
        return new TocsinConfiguration(
            directory,
            listen,
            root.Optional("public_url") is { } address ? Addresses.Web(address, "http", "https") : listen,
            Path.Combine(directory, root.Required("data").Line()),
            Path.Combine(directory, root.Required("plan").Line()),
            ChainSettings.Read(root.Required("chain")),
            root.Optional("signer") is { } signer ? ReadSigner(directory, signer) : null,
            root.Required("channels").Entries().Select(entry => ReadChannel(entry.Key, entry.Value)).ToValueList(),
            root.Optional("exercise")?.Flag() ?? false,
            Entries(root, "feeds", FeedSettings.Read),
            Entries(root, "heartbeats", HeartbeatSettings.Read),
            Entries(root, "front_ends", FrontEndSettings.Read),
            Entries(root, "abis", (contract, part) => AbiSettings.Read(directory, contract, part)),
            ReadInputs(root.Optional("inputs")),
            root.Optional("metrics")?.Switch() ?? true,
            root.Optional("detectors") is { } detectors ? DetectorEntries.Read(detectors) : DetectorEntries.None,
            root.Optional("planned")?.Items().Select(PlannedSettings.Read).ToValueList() ?? [],
            ReadActOn(root))
        {
            Outside = Entries(root, "outside", OutsideSettings.Read),
            Database = root.Optional("database") is { } database ? ReadDatabase(database) : null,
            Tokens = Entries(root, "tokens", TokenSettings.Read),
        };
    }

    // A connection string holds a password.
    private static Secret? ReadDatabase(YamlPart part)
    {
        if (part.Line() == "sqlite")
            return null;
        if (Secret.IsReference(part.Line()))
            return Secret.Read(part);
        part.Complain("this is 'sqlite', or where the connection string of a PostgreSQL database is: env:NAME or "
            + "file:PATH");
        return null;
    }

    private static ValueList<ActOnSettings> ReadActOn(YamlPart root)
    {
        if (root.Optional("act_on") is not { } part)
            return [];
        var chains = part.Items().Select(ActOnSettings.Read).ToValueList();
        var watched = root.Required("chain").Required("id").Quantity();
        foreach (var twice in chains.Select(chain => chain.Id.Value).Append(watched).GroupBy(id => id)
            .Where(same => same.Count() > 1))
            part.Complain($"chain {twice.Key} is named twice; the chain that is watched is acted on anyway");
        return chains;
    }

    private static ValueList<T> Entries<T>(YamlPart root, string key, Func<string, YamlPart, T> read) =>
        root.Optional(key)?.Entries().Select(entry => read(entry.Key, entry.Value)).ToValueList() ?? [];

    private static InputSettings ReadInputs(YamlPart? part) => new(
        part?.Knows("keep", "maximum_megabytes").Optional("keep")?.Duration("1h", "3650d") ?? TimeSpan.FromDays(7),
        part?.Optional("maximum_megabytes")?.Number(16, 1 << 20) ?? 2048);

    private static SignerSettings ReadSigner(string directory, YamlPart part) => new(
        Path.Combine(directory, part.Knows("socket", "account").Required("socket").Line()),
        Addresses.OnChain(part.Required("account")));

    private static ChannelSettings ReadChannel(string name, YamlPart part)
    {
        var url = part.Knows("kind", "url", "secret").Required("url");
        var secret = part.Optional("secret");
        return new ChannelSettings(
            name,
            part.Required("kind").OneOf(Kinds),
            ChannelUrl(url),
            secret is null ? null : Secret.Read(secret));
    }

    private static readonly Dictionary<string, ChannelKind> Kinds = new()
    {
        ["slack-webhook"] = ChannelKind.SlackWebhook,
        ["json-webhook"] = ChannelKind.JsonWebhook,
    };

    // The address of a webhook is its password, so it stands in the file only where it points to this machine.
    private static string ChannelUrl(YamlPart part)
    {
        var text = part.Line();
        if (Secret.IsReference(text))
            Secret.CheckFile(part, text);
        else if (text.Length > 0 && !IsOnThisMachine(text))
            part.Complain("the address of a webhook is a secret: give it by reference, env:NAME or file:PATH");
        return text;
    }

    private static bool IsOnThisMachine(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.IsLoopback
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps);

    // There is no sign-in yet: whoever reaches the port can read everything and act as anyone.
    private static Uri Listening(YamlPart part)
    {
        var uri = Addresses.Web(part, "http");
        if (!IPAddress.TryParse(uri.Host, out var host) || !IPAddress.IsLoopback(host))
            part.Complain("until sign-in exists, 'listen' must be on this machine: http://127.0.0.1:PORT");
        return uri;
    }
}
