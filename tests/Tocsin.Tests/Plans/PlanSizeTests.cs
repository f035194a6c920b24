using System.Globalization;
using System.Text;
using Tocsin.Plans;

namespace Tocsin.Tests.Plans;

/// <summary>What a plan costs to judge grows with its size: so it is bounded, and said where.</summary>
public sealed class PlanSizeTests
{
    private const string Person = "    - {{ id: p{0}, name: P {0}, roles: [x] }}\n";

    [Fact]
    public void A_plan_of_ten_thousand_people_is_refused_in_the_line_of_the_first_too_many()
    {
        var text = Changed("  extended:\n", "  extended:\n" + Rows(10_000, Person));

        var complaint = Assert.Single(Check(text));

        Assert.Equal(ComplaintLevel.Error, complaint.Level);
        Assert.Contains("10004 people, and at most 1000", complaint.Message, StringComparison.Ordinal);
        var line = text.Split('\n')[complaint.At.Line - 1];
        Assert.Contains("id: p998,", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_at_the_limit_is_looked_at()
    {
        var people = SizeCheck.MostPeople - MinimalPlan.Plan.People.Count;
        var text = Changed("  extended:\n", "  extended:\n" + Rows(people, Person));

        Assert.DoesNotContain(Check(text), complaint => complaint.Level == ComplaintLevel.Error);
    }

    [Theory]
    [InlineData("escalation:\n",
        "  - {{ category: c{0}, severity: 2, upon: detection, notify: [core] }}\n", 1000, "escalations")]
    [InlineData("decisions:\n", "  - {{ id: d{0}, name: D, action: a, valid_for: 1h }}\n", 101, "decisions")]
    [InlineData("issues:\n",
        "  - {{ id: i{0}, name: I, category: market, manual: [x], severity: 2, procedure: p }}\n", 501, "issues")]
    [InlineData("actions:\n", "  - {{ id: a{0}, what: A, manual: {{ text: t, who: engineer }} }}\n", 301, "actions")]
    [InlineData("communications:\n", "  - {{ audience: a{0}, when: open, channel: c }}\n", 301, "communications")]
    public void Too_much_of_anything_is_refused_and_nothing_else_is_looked_at(
        string section, string row, int count, string what)
    {
        var complaint = Assert.Single(Check(Changed(section, section + Rows(count, row))));

        Assert.Contains(what, complaint.Message, StringComparison.Ordinal);
        Assert.True(complaint.At.Line > 1);
    }

    [Theory]
    [InlineData("notify: [core, auditor]", "notify: [{0}]", "n", 101, "levels and names")]
    [InlineData("substitutes: [deputy]", "substitutes: [{0}]", "s", 21, "substitutes in 'emergency-pause'")]
    [InlineData("ways: [ada-pager]", "ways: [{0}]", "w", 21, "ways to 'ada'")]
    [InlineData("roles: [commander]", "roles: [commander, {0}]", "r", 20, "roles of 'ada'")]
    [InlineData("at_least: 1", "at_least: 20{1}", "", 0, "approvals for 'emergency-pause'")]
    public void A_list_that_is_too_long_is_refused_where_it_stands(
        string old, string with, string name, int count, string what)
    {
        var names = string.Join(", ", Enumerable.Range(0, count).Select(number => $"{name}{number}"));

        var complaint = Assert.Single(
            Check(Changed(old, string.Format(CultureInfo.InvariantCulture, with, names, ""))));

        Assert.Contains(what, complaint.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_circle_is_looked_for_by_following_each_link_at_most_twice()
    {
        // A chain whose every name leads back to the first, and into the next: as many circles as names.
        const int count = 5_000;
        var asked = 0;

        var circles = Circles.In(
            Enumerable.Range(0, count).Select(number => $"{number}"),
            name =>
            {
                asked++;
                var number = int.Parse(name, CultureInfo.InvariantCulture);
                return new[] { number + 1, 0 }.Where(next => next < count).Select(next => $"{next}");
            }).ToList();

        Assert.Equal(["0", "0"], Assert.Single(circles));
        Assert.InRange(asked, count, 2 * count);
    }

    [Fact]
    public void Each_group_of_names_that_lead_back_is_told_once_by_its_shortest_way()
    {
        var links = new Dictionary<string, string[]>
        {
            ["a"] = ["b", "x"],
            ["b"] = ["c"],
            ["c"] = ["a", "d"],
            ["d"] = ["e"],
            ["e"] = ["d"],
            ["f"] = ["f"],
            ["x"] = ["a"],
            ["g"] = ["a", "nobody"],
        };

        var circles = Circles.In(
            links.Keys.Order(StringComparer.Ordinal), name => links.GetValueOrDefault(name) ?? []);

        Assert.Equal(["a x a", "d e d", "f f"], circles.Select(circle => string.Join(' ', circle)));
    }

    private static IReadOnlyList<Complaint> Check(string text)
    {
        var read = MinimalPlan.Read(text);
        Assert.DoesNotContain(read.Complaints, complaint => complaint.Level == ComplaintLevel.Error);
        return PlanCheck.Check(read.Plan, null, new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    }

    private static string Changed(string old, string with)
    {
        Assert.Contains(old, MinimalPlan.Main, StringComparison.Ordinal);
        return MinimalPlan.Main.Replace(old, with, StringComparison.Ordinal);
    }

    private static string Rows(int count, string row)
    {
        var format = CompositeFormat.Parse(row);
        var rows = new StringBuilder();
        for (var number = 0; number < count; number++)
            rows.AppendFormat(CultureInfo.InvariantCulture, format, number);
        return rows.ToString();
    }
}
