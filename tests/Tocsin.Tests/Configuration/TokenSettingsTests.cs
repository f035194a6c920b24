using Tocsin.Api;
using Tocsin.Configuration;
using Tocsin.Plans;
using Tocsin.Tests.Plans;
using Tocsin.Texts;

namespace Tocsin.Tests.Configuration;

public sealed class TokenSettingsTests : IDisposable
{
    private const string Secret = "hunter2-hunter2-hunter2-hunter2-hunter2";

    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_token_is_found_by_what_is_shown_and_by_nothing_else()
    {
        folder.Write("ada", $"{Secret}\n");
        folder.Write("tool", Secret.ToUpperInvariant());
        var tokens = Tokens.Open(folder.Load("""
            tokens:
              ada-laptop: { person: ada, role: commander, token: "file:ada" }
              tool: { role: viewer, token: "file:tool" }
            """))!;

        Assert.Equal(("ada", TokenRole.Commander), (tokens.Find(Secret)!.Person, tokens.Find(Secret)!.Role));
        Assert.Null(tokens.Find(Secret.ToUpperInvariant())!.Person);
        Assert.Null(tokens.Find(""));
        Assert.Null(tokens.Find(Secret[..^1]));
        Assert.Null(tokens.Find(Secret + "x"));
        Assert.Null(Tokens.Open(folder.Load("")));
    }

    [Theory]
    [InlineData("role: viewer, token: hunter2", "by reference")]
    [InlineData("role: hunter2, token: 'env:A'", "one of viewer, responder, commander, admin")]
    [InlineData("token: 'env:A'", "role")]
    [InlineData("role: admin", "token")]
    [InlineData("role: admin, token: 'env:A', 'https://hunter2': x", "a name of 15 characters")]
    [InlineData("role: admin, token: 'file:.'", "leads to a folder")]
    public void What_is_no_token_is_refused_and_not_repeated(string text, string says)
    {
        var refusal = Assert.Throws<InputException>(() => folder.Load($"tokens:\n  a: {{ {text} }}")).Message;

        Assert.Contains(says, refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_could_not_stand_in_a_log_is_refused() => Assert.Contains(
        "the name of a token",
        Assert.Throws<InputException>(() => folder.Load("tokens:\n  'a b': { role: viewer, token: 'env:A' }")).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("hunter2")]
    [InlineData("hunter2\nhunter2-hunter2-hunter2-hunter2-hunter2")]
    public void A_token_that_could_be_guessed_or_sent_by_nobody_is_told_before_anything_starts(string secret)
    {
        folder.Write("ada", secret);
        var configuration = folder.Load("tokens:\n  ada: { role: viewer, token: 'file:ada' }");

        var fault = Assert.Single(References.Faults(configuration), one => one.Words.Contains("file:ada"));
        Assert.DoesNotContain("hunter2", fault.Words, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => Tokens.Open(configuration));
        Assert.DoesNotContain("hunter2", configuration.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_people_with_the_same_token_are_refused()
    {
        folder.Write("ada", Secret);
        var refusal = Assert.Throws<InputException>(() => Tokens.Open(folder.Load("""
            tokens:
              ada: { person: ada, role: commander, token: "file:ada" }
              ben: { person: ben, role: responder, token: "file:ada" }
            """))).Message;

        Assert.Contains("'ada' and 'ben'", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_of_somebody_whom_the_plan_does_not_name_is_told_with_its_line()
    {
        var configuration = folder.Load("""
            tokens:
              ada: { person: ada, role: commander, token: "env:A" }
              bne: { person: bne, role: responder, token: "env:B" }
            """);

        var complaint = Assert.Single(
            ConfigurationCheck.Check(configuration, MinimalPlan.Read().Plan),
            one => one.Message.Contains("token", StringComparison.Ordinal));
        Assert.Contains("'bne', whom the plan does not name; did you mean 'ben'?", complaint.Message);
        Assert.Equal((ComplaintLevel.Warning, 8), (complaint.Level, complaint.At.Line));
    }
}
