using Tocsin.Demo;

namespace Tocsin.Tests.Demo;

public sealed class DemoCommandTests
{
    [Theory]
    [InlineData(true, null, true)]
    [InlineData(false, "1", true)]
    [InlineData(false, "", false)]
    [InlineData(false, null, false)]
    public void A_file_and_whoever_wants_no_colours_get_none(bool isRedirected, string? noColor, bool isPlain) =>
        Assert.Equal(isPlain, DemoCommand.IsPlain(isRedirected, noColor));

    [Fact]
    public void A_plain_story_has_no_escape_code_and_no_broken_line()
    {
        using var output = new StringWriter();
        var teller = new StoryTeller(DemoCommand.Terminal(output, isPlain: true));

        teller.Chapter("Chapter");
        teller.Good(string.Join(' ', Enumerable.Repeat("long", 100)));
        teller.Bad("bad");
        teller.Fault("fault");

        var text = output.ToString();
        Assert.DoesNotContain('\e', text);
        Assert.Equal(5, text.TrimEnd().Split('\n').Length);
    }
}
