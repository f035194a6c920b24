using Tocsin.Commands;
using Tocsin.Detection.Detectors;
using Tocsin.Tests.Tidy;

namespace Tocsin.Tests.Detectors;

/// <summary>The pages about detectors say what the detectors say of themselves.</summary>
public sealed class DetectorPagesTests
{
    [Fact]
    public void The_page_of_the_documentation_is_what_the_command_prints() =>
        Assert.Equal(DetectorsCommand.Markdown(), Repository.Text("docs/detectors.md"));

    [Fact]
    public void Every_kind_of_detector_is_in_the_catalogue_once()
    {
        var kinds = typeof(DetectorSettings).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(DetectorSettings)))
            .Select(type => ((DetectorCard)type.GetProperty("TheCard")!.GetValue(null)!).Name);
        var told = DetectorCatalog.All.Select(card => card.Name).ToList();

        Assert.Subset(told.ToHashSet(), kinds.ToHashSet());
        Assert.Distinct(DetectorCatalog.All.Select(card => (card.Name, card.Threat)));
    }

    [Fact]
    public void Every_card_says_what_it_needs_and_what_it_does_not_see() => Assert.All(DetectorCatalog.All, card =>
    {
        Assert.NotEmpty(card.Finds);
        Assert.NotEmpty(card.Inputs);
        Assert.NotEmpty(card.BlindSpots);
    });
}
