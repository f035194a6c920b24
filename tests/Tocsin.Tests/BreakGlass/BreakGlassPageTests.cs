using System.CommandLine;
using Tocsin.Commands;
using Tocsin.Tests.Tidy;

namespace Tocsin.Tests.BreakGlass;

/// <summary>Nobody looks up a command while an attack goes on: those of the page are as they are typed.</summary>
public sealed class BreakGlassPageTests
{
    [Fact]
    public void Every_command_of_the_page_is_one()
    {
        var root = new RootCommand
        {
            CommandLine.Contain(), CommandLine.Incident(), CommandLine.Signer(), CommandLine.Plan(),
            CommandLine.Audit(),
        };
        var commands = Repository.Text("docs/break-glass.md").Split('\n')
            .Where(line => line.StartsWith("    ", StringComparison.Ordinal)
                && line.TrimStart().StartsWith("tocsin ", StringComparison.Ordinal))
            .Select(line => line.Trim()["tocsin ".Length..].Split('#')[0].Trim())
            .ToList();

        Assert.True(commands.Count >= 5, "the page has fewer commands than it had");
        Assert.All(commands, command => Assert.True(
            root.Parse(command).Errors.Count == 0,
            $"'{command}': {string.Join("; ", root.Parse(command).Errors.Select(error => error.Message))}"));
    }

    [Theory]
    [InlineData("contain --config x")]
    [InlineData("contain pause-all --list --config x")]
    public void Contain_takes_an_action_or_the_list(string command) =>
        Assert.NotEmpty(new RootCommand { CommandLine.Contain() }.Parse(command).Errors);
}
