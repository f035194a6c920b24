using System.Net;
using Tocsin.Chains;
using Tocsin.Channels;
using Tocsin.Configuration.Detectors;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Reachability;
using Tocsin.Texts;

namespace Tocsin.Configuration;

/// <param name="Values">Its fields as the file has them: secrets by reference.</param>
internal sealed record ChannelSettings(
    string Name, ChannelKind Kind, ValueList<ChannelValue> Values, SourceLine At)
{
    /// <summary>True where a person whose own way it is can answer there.</summary>
    public bool LetsAnswer => Kind.LetsAnswer(Values.ToDictionary(value => value.Field.Name, value => value.Text));

    /// <exception cref="InputException">A secret or an address cannot be revealed.</exception>
    /// <exception cref="PrivateNetworkException">An address leads where no request of ours may go.</exception>
    public ChannelSection Reveal(TocsinConfiguration configuration) => new(
        Name,
        Values.ToDictionary(value => value.Field.Name, value => value.Reveal(configuration)));
}

/// <param name="Text">As the file has it.</param>
internal sealed record ChannelValue(ChannelField Field, string Text)
{
    /// <summary>Null where the file has the value itself.</summary>
    public Secret? Reference =>
        Field.Form != FieldForm.Text && Secret.IsReference(Text) ? new Secret(Text) : null;

    /// <exception cref="InputException">The secret or address cannot be revealed.</exception>
    /// <exception cref="PrivateNetworkException">It leads where no request of ours may go.</exception>
    public string Reveal(TocsinConfiguration configuration) => Field.Form switch
    {
        FieldForm.Text => Text,
        FieldForm.Secret => new Secret(Text).Reveal(configuration.Directory),
        FieldForm.SecretAddress or FieldForm.Address => RevealAddress(configuration),
    };

    private string RevealAddress(TocsinConfiguration configuration)
    {
        var address = Addresses.Reveal(Text, configuration, "http", "https");
        configuration.PrivateNetworks.Check(address);
        return address.Scheme != Uri.UriSchemeHttp || address.IsLoopback
            || configuration.PrivateNetworks.IsNamed(address.IdnHost)
            ? address.AbsoluteUri
            : throw new InputException($"what goes to {address.IdnHost} would go over the network readable: use "
                + $"https, or name the host under 'private_networks' of {TocsinConfiguration.FileName}");
    }
}

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

    /// <summary>How often it is proven that alerts arrive.</summary>
    public CanaryPace Canaries { get; init; } = CanaryPace.Default;

    /// <summary>Where somebody outside waits for a sign of life; null for nowhere.</summary>
    public DeadManSettings? DeadMan { get; init; }

    /// <summary>Private networks into which channels and hooks may go.</summary>
    public PrivateNetworks PrivateNetworks { get; init; } = PrivateNetworks.None;

    /// <summary>The page of the ways to people.</summary>
    public Uri ChannelPage => new(PublicUrl, "channels");

    /// <summary>The same without what could do something: every incident is an exercise, in a log of its own.</summary>
    public TocsinConfiguration ForRehearsal() => this with
    {
        Exercise = true,
        Signer = null,
        DeadMan = null,
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
            "outside", "tokens", "canaries", "dead_man", "private_networks");
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
            Canaries = ReadCanaries(root.Optional("canaries")),
            PrivateNetworks = ReadNetworks(root.Optional("private_networks")),
            DeadMan = root.Optional("dead_man") is { } signal ? DeadManSettings.Read(signal) : null,
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

    private static PrivateNetworks ReadNetworks(YamlPart? part)
    {
        var networks = PrivateNetworks.None;
        foreach (var item in part?.Items() ?? [])
        {
            if (networks.With(item.Line()) is { } more)
                networks = more;
            else
                item.Complain("this is a host such as ntfy.internal, an address, or a network such as 10.1.0.0/16");
        }
        return networks;
    }

    private static CanaryPace ReadCanaries(YamlPart? part)
    {
        part?.Knows("channels", "people");
        return new(
            Pace(part?.Optional("channels"), CanaryPace.Default.Channels),
            Pace(part?.Optional("people"), CanaryPace.Default.People));

        static TimeSpan? Pace(YamlPart? every, TimeSpan? usual) =>
            every is null ? usual : every.Line() == "off" ? null : every.Duration("10min", "90d");
    }

    private static SignerSettings ReadSigner(string directory, YamlPart part) => new(
        Path.Combine(directory, part.Knows("socket", "account").Required("socket").Line()),
        Addresses.OnChain(part.Required("account")));

    private static ChannelSettings ReadChannel(string name, YamlPart part)
    {
        var kind = Kinds[part.Required("kind").OneOf(KindNumbers)];
        part.Knows(["kind", .. kind.Fields.Select(field => field.Name)]);
        var values = new List<ChannelValue>();
        foreach (var field in kind.Fields)
            if ((field.IsOptional ? part.Optional(field.Name) : part.Required(field.Name)) is { } value)
                values.Add(new ChannelValue(field, ReadField(field, value)));
        return new ChannelSettings(name, kind, values.ToValueList(), part.At);
    }

    private static readonly List<ChannelKind> Kinds = [.. ChannelKind.All.Values.OrderBy(kind => kind.Id)];

    private static readonly Dictionary<string, int> KindNumbers =
        Kinds.Select((kind, number) => (kind.Id, number)).ToDictionary();

    private static string ReadField(ChannelField field, YamlPart part) => field.Form switch
    {
        FieldForm.Text => part.Line(),
        FieldForm.Secret => Secret.Read(part).Reference,
        FieldForm.SecretAddress => SecretAddress(part),
        FieldForm.Address => Addresses.Reference(part, "http", "https"),
    };

    // The address of a webhook is its password, so it stands in the file only where it points to this machine.
    internal static string SecretAddress(YamlPart part)
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
