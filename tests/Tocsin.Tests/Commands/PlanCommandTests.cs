using Tocsin.Commands;
using Tocsin.Tests.Plans;

namespace Tocsin.Tests.Commands;

public sealed class PlanCommandTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-plan-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Warnings_alone_are_found_wrong_only_when_strict()
    {
        Write(MinimalPlan.Main);

        Assert.Equal(ExitCode.Done, PlanCommand.Check(folder.FullName, strict: false, json: false));
        Assert.Equal(ExitCode.FoundWrong, PlanCommand.Check(folder.FullName, strict: true, json: false));
    }

    /// <summary>What reads well and fits together, and could not be watched all the same.</summary>
    [Theory]
    [InlineData("0x00000000000000000000000000000000000000d2", "0x00000000000000000000000000000000000000d1")]
    [InlineData("0x00000000000000000000000000000000000000a2", "0x00000000000000000000000000000000000000e1")]
    [InlineData("quote: dUSD", "quote: DEMO")]
    public void A_plan_that_could_not_be_watched_is_found_wrong(string piece, string change)
    {
        Assert.DoesNotContain(MinimalPlan.Complaints(MinimalPlan.With(piece, change)),
            complaint => complaint.Level == Tocsin.Plans.ComplaintLevel.Error);
        Write(MinimalPlan.Main.Replace(piece, change, StringComparison.Ordinal));

        Assert.Equal(ExitCode.FoundWrong, PlanCommand.Check(folder.FullName, strict: false, json: false));
    }

    private void Write(string main)
    {
        File.WriteAllText(Path.Combine(folder.FullName, "plan.yaml"), main);
        var procedures = folder.CreateSubdirectory("procedures");
        File.WriteAllText(Path.Combine(procedures.FullName, "pause-markets.md"), MinimalPlan.Procedure);
    }
}
