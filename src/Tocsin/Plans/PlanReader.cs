using System.Security.Cryptography;
using System.Text;
using Tocsin.Chains;
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

    /// <summary>For editors alone: no part of the plan, and of no version.</summary>
    public const string SchemaFile = "plan.schema.json";

    public const string ProcedureFolder = "procedures";

    public const int MaximumFileBytes = 4 << 20;

    private const int MaximumFiles = 500;

    /// <exception cref="InputException">The folder or its main file cannot be read.</exception>
    public static ValueList<PlanFile> Load(string directory)
    {
        try
        {
            if (!File.Exists(Path.Combine(directory, MainFile)))
                throw new InputException(
                    $"{directory} has no {MainFile}; 'tocsin init {directory}' writes a start-up plan");
            if (StagedChange.In(directory) is [var staged, ..])
                throw new InputException(
                    $"{staged} is a part of a change that is not whole yet: the server finishes it, or takes it back, "
                    + "within seconds of running. Where none can run, move each '*.proposal-*' over its place if the "
                    + "change was accepted, else delete it");
            var procedures = Path.Combine(directory, ProcedureFolder);
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

    /// <summary>The JSON Schema of <see cref="MainFile"/>.</summary>
    public static string Schema() => Templates.Text($"startup/plan/{SchemaFile}");

    /// <exception cref="System.Text.Json.JsonException">A compiled plan is none.</exception>
    public static ReadPlan Read(ValueList<PlanFile> files) => Read(files, new YamlText());

    /// <inheritdoc cref="Read(ValueList{PlanFile})"/>
    public static ReadPlan Read(ValueList<PlanFile> files, YamlText yaml)
    {
        if (IsCompiled(files))
            return CompiledPlan.Read(files, ContentHash(files));
        var root = yaml.Parse(MainFile, files.FirstOrDefault(file => file.Name == MainFile)?.Text ?? "")
            .Knows(
                "name", "about", "incident", "severities", "protected", "roles", "schedules", "issues", "escalation",
                "team", "organisations", "communications", "templates", "decisions", "actions", "automation",
                "exercises", "legal");
        var (names, things) = ProtectedText.Read(root.Required("protected"));
        var decisions = RowIds.Read(root.Required("decisions"), "name", DecisionRuleText.Read);
        var actions = RowIds.Read(root.Required("actions"), "what", (part, id) => ActionText.Read(part, id, names));
        var plan = new Plan(
            root.Required("name").Text(),
            ContentHash(files),
            Hash32.Zero,
            things,
            RowIds.Read(root.Required("issues"), "name", (part, id) => IssueText.Read(part, id, Threats)),
            files.Where(file => file.Name is not (MainFile or PrecisionFile))
                .Select(file => ProcedureText.Read(file, yaml)).ToValueList(),
            List(root.Required("escalation"), EscalationText.Read),
            TeamText.People(root.Required("team")),
            UpdateText.Communications(root.Required("communications")),
            decisions.Select(decision => decision.Rule).ToValueList(),
            actions.Concat(decisions.Select(decision => decision.Done).OfType<PlannedAction>()).ToValueList())
        {
            Autonomy = AutonomyText.Read(root.Optional("automation"), files, Threats),
            About = root.Optional("about") is { } about ? DutyText.About(about) : null,
            Opens = root.Optional("incident") is { } rule ? IssueText.Rule(rule) : IncidentRule.Default,
            Times = List(root.Optional("severities"), IssueText.Times),
            Roles = List(root.Optional("roles"), TeamText.Role),
            Schedules = List(root.Optional("schedules"), ScheduleText.Read),
            Organisations = RowIds.Read(root.Optional("organisations"), "name", TeamText.Organisation),
            Templates = List(root.Optional("templates"), UpdateText.Template),
            Exercises = RowIds.Read(root.Optional("exercises"), "what", DutyText.Exercise),
            Legal = List(root.Optional("legal"), DutyText.Legal),
        };
        return new ReadPlan(plan with { DecisionsHash = DecisionsText.Hash(plan) }, files, yaml.Complaints);
    }

    private static ValueList<T> List<T>(YamlPart? part, Func<YamlPart, T> read) =>
        part?.Items().Select(read).ToValueList() ?? [];

    private static readonly Dictionary<string, Threat> Threats =
        Enum.GetValues<Threat>().ToDictionary(threat => threat.ToName());

    /// <summary>True for what <see cref="CompiledPlan"/> wrote.</summary>
    public static bool IsCompiled(ValueList<PlanFile> files) => files is [{ Name: CompiledPlan.FileName }];

    /// <summary>SHA-256 over names and texts, length-prefixed; names this version of the plan.</summary>
    public static Hash32 ContentHash(ValueList<PlanFile> files)
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
