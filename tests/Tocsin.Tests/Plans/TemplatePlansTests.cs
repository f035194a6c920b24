using System.Text.RegularExpressions;
using Tocsin.Commands;
using Tocsin.Plans;
using Tocsin.Texts;

namespace Tocsin.Tests.Plans;

/// <summary>The plans that <c>init</c> writes.</summary>
public sealed partial class TemplatePlansTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-template-");

    public void Dispose() => folder.Delete(recursive: true);

    public static TheoryData<string> Names { get; } = [.. InitCommand.Plans.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_fresh_plan_has_no_error(string name)
    {
        Assert.Equal(ExitCode.Done, InitCommand.Run(folder.FullName, name));
        using var output = new StringWriter();
        using var people = new StringWriter();

        var code = PlanCommand.Check(folder.FullName, strict: false, json: false, output, people, new At2026());

        Assert.DoesNotContain(": error: ", people.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, code);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_fresh_plan_has_every_section(string name)
    {
        InitCommand.Run(folder.FullName, name);
        var plan = PlanReader.Read(PlanReader.Load(Path.Combine(folder.FullName, "plan"))).Plan;

        Assert.NotNull(plan.About);
        Assert.NotEmpty(plan.Times);
        Assert.NotEmpty(plan.Roles);
        Assert.NotEmpty(plan.Schedules);
        Assert.NotEmpty(plan.Organisations);
        Assert.NotEmpty(plan.Templates);
        Assert.NotEmpty(plan.Exercises);
        Assert.Contains(plan.Communications, communication => communication.IsPublic);
    }

    [Fact]
    public void The_large_plan_is_of_a_hundred_people_with_a_schedule_for_each_team()
    {
        InitCommand.Run(folder.FullName, "large");
        var plan = PlanReader.Read(PlanReader.Load(Path.Combine(folder.FullName, "plan"))).Plan;

        Assert.True(plan.People.Count >= 100);
        var leads = plan.Roles.Where(role => role.Id.EndsWith("-lead", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(leads);
        Assert.All(leads, lead =>
        {
            Assert.NotNull(plan.Schedule(lead.From!));
            Assert.NotEmpty(plan.Holders(lead.Deputy!));
        });
    }

    /// <summary>The table at the head of the plan names for each control where it is met.</summary>
    [Fact]
    public void Each_control_of_the_certification_has_a_place_that_is_in_the_plan()
    {
        var text = Templates.Text("seal/plan/plan.yaml");
        var end = text.IndexOf("\nname:", StringComparison.Ordinal);
        var (head, body) = (text[..end], text[end..]);
        InitCommand.Run(folder.FullName, "seal");
        var procedures = Directory.GetFiles(Path.Combine(folder.FullName, "plan", "procedures"));
        var known = procedures.Select(File.ReadAllText).Append(body)
            .SelectMany(written => Name().Matches(written).Select(word => word.Value))
            .Concat(procedures.Select(path => Path.GetFileNameWithoutExtension(path)))
            .Append("procedures")
            .ToHashSet();

        var places = Places(head);

        string[] controls =
        [
            "ir-1.1.1", "ir-1.1.2", "ir-2.1.1", "ir-2.1.2", "ir-2.1.3", "ir-2.1.4", "ir-3.1.1", "ir-3.1.2", "ir-3.1.3",
            "ir-4.1.1", "ir-4.1.2", "ir-4.1.3", "ir-5.1.1",
        ];
        Assert.Equal(controls, places.Keys);
        Assert.All(places.Values, place =>
        {
            var names = Name().Matches(Quoted().Replace(place, "")).Select(word => word.Value).ToList();
            Assert.NotEmpty(names);
            Assert.All(names, name => Assert.Contains(name, known));
        });
    }

    // A row goes on in the lines below it that name no control.
    private static Dictionary<string, string> Places(string head)
    {
        var lines = head.Split('\n').ToList();
        var column = lines.Find(line => line.StartsWith("#   control", StringComparison.Ordinal))!
            .IndexOf("place", StringComparison.Ordinal);
        var places = new Dictionary<string, string>();
        var control = "";
        foreach (var line in lines.Where(line => line.StartsWith("#    ", StringComparison.Ordinal)
            || line.StartsWith("#   ir-", StringComparison.Ordinal)))
        {
            if (line.StartsWith("#   ir-", StringComparison.Ordinal))
                control = line[4..12];
            places[control] = places.GetValueOrDefault(control) + " " + (line.Length > column ? line[column..] : "");
        }
        return places;
    }

    [GeneratedRegex("[a-z][a-z_-]*[a-z0-9]")]
    private static partial Regex Name();

    [GeneratedRegex("'[^']*'")]
    private static partial Regex Quoted();

    private sealed class At2026 : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    }
}
