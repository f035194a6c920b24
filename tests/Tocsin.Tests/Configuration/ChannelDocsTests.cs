using System.Text.RegularExpressions;
using Tocsin.Channels;
using Tocsin.Tests.Tidy;

namespace Tocsin.Tests.Configuration;

/// <summary>What docs/channels.md shows is what works.</summary>
public sealed class ChannelDocsTests : IDisposable
{
    private const int MostLines = 9;

    private readonly ConfigurationFolder folder = new();

    public static TheoryData<string> Kinds => [.. ChannelKind.All.Keys.Order(StringComparer.Ordinal)];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_channel_is_set_up_in_under_ten_lines_that_can_be_used(string kind)
    {
        var section = Regex.Match(
            Repository.Text("docs/channels.md"), $"### `{kind}`\n.*?```yaml\n(?<yaml>.*?)```",
            RegexOptions.Singleline);
        Assert.True(section.Success, $"docs/channels.md does not show {kind}");
        var lines = section.Groups["yaml"].Value.TrimEnd().Split('\n');
        Assert.InRange(lines.Length, 1, MostLines);

        var shown = folder.LoadChannel(string.Concat(lines.Select(line => $"    {line}\n")));

        Assert.Equal(kind, shown.Kind.Id);
        Assert.Equal(
            [], shown.Kind.Fields.Where(field => !field.IsOptional).Select(field => field.Name)
                .Except(shown.Values.Select(value => value.Field.Name)));
    }
}
