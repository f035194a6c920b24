using Tocsin.Tests.Plans;
using Tocsin.Texts;

namespace Tocsin.Tests.Texts;

/// <summary>What people mistype, the line that they have to change, and what is missing there.</summary>
public sealed class YamlFaultTests
{
    [Theory]
    [InlineData("a:\n  - { id: x, what: y\n  - { id: z }\nb: c\n", 2, "a '}' is missing")]
    [InlineData("a:\n  - { id: x,\n      what: y\n  - { id: z }\n", 3, "a '}' is missing: the '{' of line 2 is open")]
    [InlineData("a:\n  - { id: x, what: y\n\n# words\nb: c\n", 2, "a '}' is missing")]
    [InlineData("a: [x, y\nb: c\n", 1, "a ']' is missing")]
    [InlineData("a: [x,\n  y\nb: c\n", 2, "a ']' is missing: the '[' of line 1 is open")]
    [InlineData("a: { b: [x, y }\nc: d\n", 1, "a ']' is missing")]
    [InlineData("a: [{ b: x ]\nc: d\n", 1, "a '}' is missing")]
    [InlineData("a: \"x\nb: \"y\"\n", 1, "the closing \" of a text is missing")]
    [InlineData("a: 'x\nb: c\n", 1, "the closing ' of a text is missing")]
    [InlineData("a: b\nc: \"x\n  goes on\n", 2, "the closing \" of a text is missing")]
    [InlineData("a:\n  - { b: \"x, c: \"y\" }\n", 2, "a \" closes the text and more follows")]
    [InlineData("a:\n  b: c\n\td: e\n", 3, "indented with a tab")]
    [InlineData("a:\n    b: c\n  d: e\n", 3, "its indentation fits no line above it")]
    [InlineData("a:\n  - b: c\n   d: e\n", 3, "its indentation fits no line above it")]
    [InlineData("a: b\n  c: d\n", 2, "indented deeper than line 1, which has its value already")]
    [InlineData("a: b\nc: d\na: e\n", 3, "'a' is given twice, first in line 1")]
    [InlineData("a: b\nc: { d: 1, e: 2, d: 3 }\n", 2, "'d' is given twice, first in line 2")]
    [InlineData("a: stop: now\n", 1, "a text with ': ' in it goes between quotes")]
    [InlineData("a: b\nc: @name\n", 2, "a text that begins with '@' goes between quotes")]
    [InlineData("a: \"\\d\"\n", 1, "between double quotes this '\\' means nothing")]
    public void The_line_that_went_wrong_is_told_with_what_is_missing(string text, int line, string says)
    {
        var complaint = Assert.Single(Read(text).Complaints);

        Assert.Contains(says, complaint.Message, StringComparison.Ordinal);
        Assert.Equal(line, complaint.At.Line);
    }

    /// <summary>Brackets, quotes and signs that are words open nothing.</summary>
    [Theory]
    [InlineData("a: it's {x\nb: say \"no\nc: |\n  { [ \"\n   '\nd: don't # {\ne: [x\nf: y\n", 7)]
    [InlineData("- a: >\n    { [\n  b: \"it's [\"\n- c: 'x''y ['\n- { d: [\n- e: f\n", 5)]
    [InlineData("a: [\n  x,\n]\nb: {\n  c: d\n}\ne: [x\nf: y\n", 7)]
    public void What_only_looks_like_a_mistake_hides_none(string text, int line) =>
        Assert.Equal(line, Assert.Single(Read(text).Complaints).At.Line);

    [Fact]
    public void A_missing_brace_in_a_plan_is_told_where_it_is_missing()
    {
        var piece = "procedure: pause-markets";
        var main = MinimalPlan.Main.Replace(piece, $"{piece}\n    more: {{ x: y", StringComparison.Ordinal);

        var complaint = Assert.Single(MinimalPlan.Read(main).Complaints);

        Assert.Equal(
            $"plan.yaml:{MinimalPlan.LineOf(piece) + 1}: error: this is not valid YAML: a '}}' is missing",
            complaint.ToString());
    }

    /// <summary>Each letter of a plan is left out once: whatever that makes of it, our words say it.</summary>
    [Fact]
    public void No_exception_speaks_for_itself()
    {
        var main = MinimalPlan.Main;
        var signs = Enumerable.Range(0, main.Length).Where(at => main[at] is '{' or '}' or '[' or ']' or '"' or ':');

        Assert.All(signs.Select(at => main.Remove(at, 1)), text => Assert.All(
            Read(text).Complaints, complaint => Assert.DoesNotMatch(
                "While |did not find|Operation is|[Ee]xception|Duplicate|scanning|parsing", complaint.Message)));
    }

    /// <summary>What is in the text may be a secret that got into the wrong place.</summary>
    [Theory]
    [InlineData("a: \"s3cret\nb: c\n")]
    [InlineData("a: @s3cret\n")]
    [InlineData("a: [s3cret\nb: c\n")]
    [InlineData("a: s3cret: s3cret: x\n")]
    [InlineData("s3cret!: a\ns3cret!: b\n")]
    public void Nothing_of_the_text_is_repeated(string text) => Assert.DoesNotContain(
        "s3cret", Assert.Single(Read(text).Complaints).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("- ", 30_000)]
    [InlineData("a: [\n", 30_000)]
    [InlineData("\"", 300_001)]
    [InlineData("a:\n ", 100_000)]
    public void A_text_made_to_cost_much_is_refused_with_one_sentence(string piece, int times) =>
        Assert.Single(Read($"{string.Concat(Enumerable.Repeat(piece, times))}\nx: [}}").Complaints);

    private static YamlText Read(string text)
    {
        var yaml = new YamlText();
        yaml.Parse("a.yaml", text);
        return yaml;
    }
}
