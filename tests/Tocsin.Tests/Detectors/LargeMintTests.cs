using Tocsin.Detection;
using Tocsin.Tests.Detection;
using Tocsin.Tests.Tidy;

namespace Tocsin.Tests.Detectors;

/// <summary>The example of the page on writing one's own detector works, and the page shows it.</summary>
public sealed class LargeMintTests
{
    [Theory]
    [InlineData(249_999, 0)]
    [InlineData(250_000, 1)]
    public void A_mint_from_the_limit_on_is_told(int units, int findings)
    {
        var story = new Story();
        var engine = new Engine(Story.Watch with { Detectors = [new LargeMintSettings("dUSD")] });
        engine.Step(story.Begin());

        var told = engine.Step(story.Next(tx =>
            tx.By(Story.Attacker, Story.Vault).Transfer(Story.Dusd, default, Story.Attacker, units)));

        Assert.Equal(findings, told.Count(finding => finding.Detector == "large-mint"));
    }

    [Fact]
    public void The_page_shows_the_code_that_runs_here()
    {
        const string begin = "internal sealed record LargeMintSettings";
        var code = Repository.Text("tests/Tocsin.Tests/Detectors/LargeMint.cs");

        var page = Repository.Text("docs/own-detector.md");

        var indented = string.Join('\n', code[code.IndexOf(begin, StringComparison.Ordinal)..].TrimEnd().Split('\n')
            .Select(line => line.Length == 0 ? line : "    " + line));
        Assert.Contains(indented, page, StringComparison.Ordinal);
    }
}
