using System.Security.Cryptography;
using System.Text;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>A plan as far as it could be read, with everything that is wrong with its text.</summary>
internal sealed record ReadPlan(Plan Plan, ValueList<PlanFile> Files, IReadOnlyList<Complaint> Complaints)
{
    public bool HasErrors => Complaints.Any(complaint => complaint.Level == ComplaintLevel.Error);
}

/// <summary>Compiles a plan's text, <c>plan.yaml</c> and <c>procedures/*.md</c>, into the immutable plan.</summary>
internal static class PlanReader
{
    public const string MainFile = "plan.yaml";

    /// <summary>What was measured of the detection, as <c>evaluate</c> writes it; it may be missing.</summary>
    public const string PrecisionFile = "precision.json";

    private const int MaximumFiles = 500;
    private const int MaximumFileBytes = 4 << 20;

    /// <exception cref="InputException">The folder or its main file cannot be read.</exception>
    public static ValueList<PlanFile> Load(string directory)
    {
        try
        {
            if (!File.Exists(Path.Combine(directory, MainFile)))
                throw new InputException(
                    $"{directory} has no {MainFile}; 'tocsin init {directory}' writes a start-up plan");
            var procedures = Path.Combine(directory, "procedures");
            var names = Directory.Exists(procedures) ? Directory.GetFiles(procedures, "*.md") : [];
            if (names.Length > MaximumFiles)
                throw new InputException($"{procedures} holds more than {MaximumFiles} files");
            return names
                .Order(StringComparer.Ordinal)
                .Prepend(Path.Combine(directory, MainFile))
                .Concat(new[] { Path.Combine(directory, PrecisionFile) }.Where(File.Exists))
                .Select(name => new PlanFile(
                    Path.GetRelativePath(directory, name).Replace('\\', '/'), PlainFile.Read(name, MaximumFileBytes)))
                .ToValueList();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"the plan in {directory} cannot be read: {e.Message}", e);
        }
    }

    /// <exception cref="System.Text.Json.JsonException">A compiled plan is none.</exception>
    public static ReadPlan Read(ValueList<PlanFile> files)
    {
        if (IsCompiled(files))
            return CompiledPlan.Read(files, ContentHash(files));
        var yaml = new YamlText();
        var root = yaml.Parse(MainFile, files.FirstOrDefault(file => file.Name == MainFile)?.Text ?? "")
            .Knows("name", "protected", "issues", "escalation", "team", "communications", "decisions", "actions",
                "automation");
        var names = Protected(root.Required("protected"));
        var actions = root.Required("actions").Items().Select(part => ActionText.Read(part, names)).ToValueList();
        var decisions = root.Required("decisions").Items().Select(Decision).ToValueList();
        var autonomy = AutonomyText.Read(root.Optional("automation"), files, Threats);
        var plan = new Plan(
            root.Required("name").Text(),
            ContentHash(files),
            Hash32.Zero,
            new ProtectedThings(names.Chain, names.ChainName, names.Assets, names.Pools, names.Contracts)
            {
                Controls = names.Controls.Select(pair => new Control(pair.Key, pair.Value)).ToValueList(),
                OtherChains = names.OtherChains,
            },
            root.Required("issues").Items().Select(Issue).ToValueList(),
            files.Where(file => file.Name is not (MainFile or PrecisionFile))
                .Select(file => ProcedureText.Read(file, yaml)).ToValueList(),
            root.Required("escalation").Items().Select(Escalation).ToValueList(),
            People(root.Required("team")),
            root.Required("communications").Items().Select(Communication).ToValueList(),
            decisions,
            actions)
        { Autonomy = autonomy };
        return new ReadPlan(
            plan with { DecisionsHash = DecisionsText.Hash(plan) },
            files,
            yaml.Complaints);
    }

    /// <summary>True for what <see cref="CompiledPlan"/> wrote.</summary>
    public static bool IsCompiled(ValueList<PlanFile> files) => files is [{ Name: CompiledPlan.FileName }];

    private static PlanNames Protected(YamlPart part)
    {
        part.Knows("chain", "chains", "controls", "assets", "pools", "contracts");
        var chain = part.Required("chain").Knows("id", "name");
        var controls = part.Optional("controls")?
            .Entries()
            .ToDictionary(entry => entry.Key, entry => Address(entry.Value)) ?? [];
        return new PlanNames(
            new ChainId(chain.Required("id").Quantity()),
            chain.Required("name").Text(),
            part.Optional("chains")?.Items().Select(Chain).ToValueList() ?? [],
            part.Required("assets").Items().Select(Asset).ToValueList(),
            part.Optional("pools")?.Items().Select(Pool).ToValueList() ?? [],
            part.Required("contracts").Items().Select(Contract).ToValueList(),
            controls);
    }

    private static NamedChain Chain(YamlPart part) => new(
        new ChainId(part.Knows("id", "name").Required("id").Quantity()), part.Required("name").Text());

    private static Asset Asset(YamlPart part) => new(
        part.Knows("name", "address", "decimals", "usd", "issuer", "peg", "peg_held_for").Required("name").Text(),
        Address(part.Required("address")),
        part.Required("decimals").Number(0, 36),
        part.Optional("usd")?.Decimal(),
        part.Optional("issuer")?.Text(),
        part.At)
    {
        PegUsd = part.Optional("peg")?.Decimal(),
        PegHeldFor = part.Optional("peg_held_for")?.Duration("1s", "30min"),
    };

    private static Pool Pool(YamlPart part)
    {
        var name = part.Knows("name", "address", "kind", "base", "quote").Required("name").Text();
        if (part.Required("kind").Text() is not ("uniswap-v2" or ""))
            part.Required("kind").Complain("'kind' must be uniswap-v2: no other pool gives prices yet");
        var address = Address(part.Required("address"));
        return new Pool(name, address, part.Required("base").Text(), part.Required("quote").Text(), part.At);
    }

    private static ProtectedContract Contract(YamlPart part) => new(
        part.Knows("name", "address", "scope", "exits", "queue").Required("name").Text(),
        Address(part.Required("address")),
        part.Optional("scope")?.Text(),
        part.Optional("exits")?.Items().Select(Exit).ToValueList() ?? [],
        part.At)
    { IsQueue = part.Optional("queue")?.Flag() ?? false };

    private static ExitFunction Exit(YamlPart part) =>
        CallText.Function(part) is { } function ? new ExitFunction(function.Selector, function.Signature) : default;

    private static Issue Issue(YamlPart part) => new(
        part.Knows("id", "name", "category", "detection", "severity", "procedure").Required("id").Text(),
        part.Required("name").Text(),
        part.Required("category").Text(),
        part.Required("detection").Items().Select(item => item.OneOf(Threats)).ToValueList(),
        (Severity)part.Required("severity").Number(1, 5),
        part.Required("procedure").Text(),
        part.At);

    private static readonly Dictionary<string, Threat> Threats =
        Enum.GetValues<Threat>().ToDictionary(threat => threat.ToName());

    private static Escalation Escalation(YamlPart part) => new(
        part.Knows("category", "severity", "upon", "notify").Required("category").Text(),
        (Severity)part.Required("severity").Number(1, 5),
        part.Required("upon").Text(),
        part.Required("notify").Items().Select(item => item.Text()).ToValueList(),
        part.At);

    private static ValueList<Person> People(YamlPart part)
    {
        part.Knows("core", "extended");
        var core = part.Required("core").Items().Select(person => Person(person, core: true));
        var extended = part.Optional("extended")?.Items().Select(person => Person(person, core: false)) ?? [];
        return core.Concat(extended).ToValueList();
    }

    private static Person Person(YamlPart part, bool core) => new(
        part.Knows("id", "name", "roles", "email", "chat", "phone", "wallet", "ways").Required("id").Text(),
        part.Required("name").Text(),
        core,
        part.Required("roles").Items().Select(role => role.Text()).ToValueList(),
        part.Optional("email")?.Text(),
        part.Optional("chat")?.Text(),
        part.Optional("phone")?.Text(),
        part.Optional("wallet") is { } wallet ? Address(wallet) : null,
        part.Optional("ways")?.Items().Select(way => way.Text()).ToValueList() ?? [],
        part.At);

    private static Communication Communication(YamlPart part) => new(
        part.Knows("audience", "when", "channel", "backup").Required("audience").Text(),
        part.Required("when").Text(),
        part.Required("channel").Text(),
        part.Optional("backup")?.Text(),
        part.At);

    private static DecisionRule Decision(YamlPart part) => new(
        part.Knows("id", "name", "action", "required", "additional", "valid_for", "extend", "reopen",
            "owner").Required("id").Text(),
        part.Required("name").Text(),
        part.Required("action").Text(),
        part.Optional("required")?.Items().Select(RequiredRole).ToValueList() ?? [],
        part.Optional("additional")?.Items().Select(AdditionalGroup).ToValueList() ?? [],
        part.Required("valid_for").Duration(),
        part.At)
    {
        Extend = part.Optional("extend")?.Text(),
        Reopen = part.Optional("reopen")?.Text(),
        Owner = part.Optional("owner")?.Text(),
    };

    private static RequiredRole RequiredRole(YamlPart part) => new(
        part.Knows("role", "substitutes").Required("role").Text(),
        part.Optional("substitutes")?.Items().Select(item => item.Text()).ToValueList() ?? []);

    private static AdditionalGroup AdditionalGroup(YamlPart part) => new(
        part.Knows("group", "at_least").Required("group").Text(),
        part.Optional("at_least")?.Number(1, 50) ?? 1);

    private static Address Address(YamlPart part)
    {
        var text = part.Text();
        if (ChecksumAddress.TryParse(text, out var address))
            return address;
        if (text.Length > 0)
            part.Complain(Chains.Address.TryParse(text, out _)
                ? $"'{text}' has a wrong checksum: a character was mistyped, or write it in lower case"
                : "this is not an address (0x and 40 hexadecimal digits)");
        return default;
    }

    /// <summary>SHA-256 over names and texts, length-prefixed; names this version of the plan.</summary>
    private static Hash32 ContentHash(ValueList<PlanFile> files)
    {
        var text = new StringBuilder();
        foreach (var file in files)
        {
            text.Append(file.Name.Length).Append(':').Append(file.Name);
            text.Append(file.Text.Length).Append(':').Append(file.Text);
        }
        return new Hash32(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
