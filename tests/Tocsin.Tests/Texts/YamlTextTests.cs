using FsCheck;
using FsCheck.Fluent;
using Tocsin.Tests.Plans;
using Tocsin.Texts;

namespace Tocsin.Tests.Texts;

public sealed class YamlTextTests
{
    [Theory]
    [InlineData("30s", 30)]
    [InlineData("5min", 300)]
    [InlineData("24h", 86_400)]
    [InlineData("2d", 172_800)]
    [InlineData("5 min", 300)]
    [InlineData("0s", 0)]
    public void A_duration_has_a_unit(string text, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Value(text, part => part.Duration()));

    [Theory]
    [InlineData("30")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1.5h")]
    [InlineData("1234567s")]
    [InlineData("30S")]
    [InlineData("30 s s")]
    [InlineData("٣s")]
    public void Anything_else_is_no_duration(string text) =>
        Assert.Contains("must be a duration", Complaint(text, part => part.Duration()), StringComparison.Ordinal);

    [Theory]
    [InlineData("yes")]
    [InlineData("True")]
    [InlineData("1")]
    public void Only_true_and_false_are_flags(string text) =>
        Assert.Contains("must be true or false", Complaint(text, part => part.Flag()), StringComparison.Ordinal);

    [Theory]
    [InlineData("-1")]
    [InlineData("1e3")]
    [InlineData("18446744073709551616")]
    [InlineData(" 1_000")]
    public void Only_digits_are_a_quantity(string text) =>
        Assert.Contains("must be a whole number", Complaint(text, part => part.Quantity()), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("~")]
    [InlineData("null")]
    public void Nothing_is_as_absent(string text) => Assert.Null(new YamlText().Parse("f", $"a: {text}").Optional("a"));

    [Fact]
    public void A_quoted_null_is_a_text() => Assert.Equal("null", Value("'null'", part => part.Text()));

    [Fact]
    public void A_single_value_counts_as_a_list_of_one() =>
        Assert.Equal(["x"], Value("x", part => part.Items().Select(item => item.Text()).ToList()));

    /// <summary>It may be a secret that got under the wrong key.</summary>
    [Fact]
    public void A_wrong_value_is_never_repeated()
    {
        var choices = new Dictionary<string, int> { ["slack-webhook"] = 1, ["json-webhook"] = 2 };

        Assert.DoesNotContain("hunter2", Complaint("hunter2", part => part.Number(1, 2)), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", Complaint("hunter2", part => part.Duration()), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", Complaint("hunter2", part => part.Flag()), StringComparison.Ordinal);
        Assert.Equal(
            "'a' must be one of slack-webhook, json-webhook", Complaint("hunter2", part => part.OneOf(choices)));
    }

    [Theory]
    [InlineData("kinds", "'kinds' is not known in f; did you mean 'kind'?")]
    [InlineData("https://hooks.example/T0/hunter2", "a name of 32 characters is not known in f")]
    [InlineData("hunter2hunter2hunter2hunter2hunter2hunter2", "a name of 42 characters is not known in f")]
    public void A_name_is_repeated_where_it_looks_like_one(string key, string says)
    {
        var yaml = new YamlText();

        yaml.Parse("f", $"\"{key}\": 1").Knows("kind");

        Assert.Equal(says, Assert.Single(yaml.Complaints).Message);
    }

    [Theory]
    [InlineData("a\\0b", false, false)]
    [InlineData("a\\eb", false, false)]
    [InlineData("a\\x85b", false, false)]
    [InlineData("a\\nb", true, false)]
    [InlineData("a\\tb", true, false)]
    [InlineData("a b", true, true)]
    public void Control_characters_are_refused(string text, bool isText, bool isLine)
    {
        Assert.Equal(isText, IsRead($"\"{text}\"", part => part.Text()));
        Assert.Equal(isLine, IsRead($"\"{text}\"", part => part.Line()));
    }

    [Fact]
    public void No_text_makes_reading_a_plan_throw() => Prop.ForAll(
        Gen.Elements("a", "name", "protected", ": ", ":", "\n", "\n  ", "\n- ", "- ", "[", "]", "{", "}", ",", "\"",
            "'", "|", ">", "&x ", "*x", "!!str ", "%", "#", "?", "\t", "---\n", "...\n",
            "\\U00110000", "\\uD800", "\\x", "<<: ", "\0", "\u2028", "\uFEFF", "!", "!<", "@", "`", "%YAML 9.9\n")
                .ArrayOf().Select(string.Concat).ToArbitrary(),
        text => { _ = MinimalPlan.Read(text, procedure: $"---\n{text}\n---\n").Complaints; })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void No_change_of_one_character_makes_checking_a_plan_throw() => Prop.ForAll(
        (from at in Gen.Choose(0, MinimalPlan.Main.Length - 1)
         from to in Gen.Elements("\"'[]{}:,#&*!|>%@`-? \n\t\0x0".ToCharArray())
         select (at, to)).ToArbitrary(),
        change =>
        {
            var text = MinimalPlan.Main[..change.at] + change.to + MinimalPlan.Main[(change.at + 1)..];
            Assert.All(MinimalPlan.Complaints(MinimalPlan.Read(text)), complaint =>
                Assert.NotEmpty(complaint.ToString()));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static bool IsRead(string text, Func<YamlPart, string> read)
    {
        var yaml = new YamlText();
        var value = read(yaml.Parse("f", $"a: {text}").Required("a"));
        Assert.Equal(value.Length == 0, yaml.HasErrors);
        return value.Length > 0;
    }

    private static T Value<T>(string text, Func<YamlPart, T> read)
    {
        var yaml = new YamlText();
        var value = read(yaml.Parse("f", $"a: {text}").Required("a"));
        Assert.Empty(yaml.Complaints);
        return value;
    }

    private static string Complaint<T>(string text, Func<YamlPart, T> read)
    {
        var yaml = new YamlText();
        read(yaml.Parse("f", $"a: {text}").Required("a"));
        return Assert.Single(yaml.Complaints).Message;
    }
}
