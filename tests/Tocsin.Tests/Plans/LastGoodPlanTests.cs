using Tocsin.Configuration;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Tests.Configuration;
using Tocsin.Tests.Nights;
using Tocsin.Texts;

namespace Tocsin.Tests.Plans;

public sealed class LastGoodPlanTests : IDisposable
{
    private readonly ConfigurationFolder folder = new();
    private readonly List<string> told = [];

    public LastGoodPlanTests()
    {
        folder.Write(TocsinConfiguration.FileName, $$"""
            listen: http://127.0.0.1:8080
            data: data
            plan: plan
            {{NightPlan.Configuration}}
            """);
        foreach (var file in NightPlan.Files)
            folder.Write($"plan/{file.Name}", file.Text);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_good_plan_of_the_folder_is_the_one()
    {
        Adopt(NightPlan.Files);
        folder.Write("plan/plan.yaml", NightPlan.Files[0].Text + "\n# newer\n");

        Assert.NotEqual(NightPlan.Read().Plan.ContentHash, Load().Plan.ContentHash);
        Assert.Empty(told);
    }

    [Theory]
    [InlineData("issues: [")]
    [InlineData("version: 1\n")]
    [InlineData(null)]
    public void A_start_with_a_broken_plan_has_the_last_good_one_and_says_so(string? text)
    {
        Adopt(NightPlan.Files);
        Break(text);

        Assert.Equal(NightPlan.Read().Plan.ContentHash, Load().Plan.ContentHash);
        Assert.Contains("THE PLAN IN", Assert.Single(told), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_log_a_broken_plan_starts_nothing()
    {
        Break("issues: [");

        Assert.Throws<InputException>(Load);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "data")));
    }

    [Fact]
    public void A_former_plan_that_does_not_fit_the_configuration_any_more_starts_nothing()
    {
        Adopt(NightPlan.Files);
        Break("issues: [");
        var configuration = File.ReadAllText(Path.Combine(folder.Path, TocsinConfiguration.FileName));
        folder.Write(
            TocsinConfiguration.FileName, configuration.Replace("ben-pager", "bens-pager", StringComparison.Ordinal));

        Assert.Throws<InputException>(Load);
    }

    private ReadPlan Load() => LastGoodPlan.Load(TocsinConfiguration.Load(folder.Path), told.Add);

    private void Break(string? text)
    {
        if (text is null)
            Directory.Delete(Path.Combine(folder.Path, "plan"), recursive: true);
        else
            folder.Write("plan/plan.yaml", text);
    }

    private void Adopt(ValueList<PlanFile> files)
    {
        var nowhere = new Uri("http://127.0.0.1/");
        using var store = ConfiguredStore.Open(TocsinConfiguration.Load(folder.Path));
        new Logbook(store, new(_ => nowhere, (_, _, _) => nowhere, nowhere), TimeProvider.System)
            .Adopt(PlanReader.Read(files));
    }
}
