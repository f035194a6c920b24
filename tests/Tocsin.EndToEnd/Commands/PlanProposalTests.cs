using System.Text.Json;
using Tocsin.EndToEnd.Parts;

namespace Tocsin.EndToEnd.Commands;

/// <summary>A change of the plan by somebody who has no folder of it: the commands against a running server.</summary>
public sealed class PlanProposalTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    [Fact]
    public async Task A_copy_of_the_plan_is_changed_and_proposed_as_a_change_of_the_plan_that_was_copied()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        var config = site.Folder.Root;
        await site.StartServerAsync();
        var copy = Path.Combine(config, "copy");

        var copied = await Executable.RunAsync("plan", "copy", copy, "--config", config);
        Assert.True(copied.ExitCode == 0, copied.Errors);
        var main = Path.Combine(copy, "plan.yaml");
        await File.AppendAllTextAsync(main, "# Read through\n", TestContext.Current.CancellationToken);
        var proposed = await ProposeAsync(config, copy);
        Assert.True(proposed.ExitCode == 0, proposed.Errors);
        var shown = await Executable.RunAsync("plan", "proposals", "1", "--config", config, "--json");
        var file = Assert.Single(
            JsonDocument.Parse(shown.Output).RootElement.GetProperty("files").EnumerateArray());
        Assert.Contains("+# Read through", file.GetProperty("difference").GetString(), StringComparison.Ordinal);

        var again = await Executable.RunAsync("plan", "copy", copy, "--config", config);
        Assert.Equal(2, again.ExitCode);
        Assert.Contains("is not empty", again.Errors, StringComparison.Ordinal);
        // What somebody copied before is not a change of what is there now.
        await File.WriteAllTextAsync(
            Path.Combine(copy, ".base"), $"sha256:{new string('0', 64)}", TestContext.Current.CancellationToken);
        Assert.Equal(2, (await ProposeAsync(config, copy)).ExitCode);
        File.Delete(Path.Combine(copy, ".base"));
        var unknown = await ProposeAsync(config, copy);
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("not known which plan was changed", unknown.Errors, StringComparison.Ordinal);
    }

    private static Task<Ended> ProposeAsync(string config, string copy) => Executable.RunAsync(
        "plan", "propose", copy, "--reason", "read through", "--by", "chief", "--config", config);
}
