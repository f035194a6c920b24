using System.Text.Json;
using Tocsin.Autonomy;
using Tocsin.Evaluation;
using Tocsin.Findings;
using Tocsin.Recording;

namespace Tocsin.Tests.Autonomy;

/// <summary>What <c>evaluate</c> writes for the plan.</summary>
public sealed class PrecisionTableTests
{
    [Fact]
    public void What_is_written_is_what_a_plan_reads()
    {
        var folds = new FoldResult(0, 0, 0, 0, 0, 0);
        var mode = new ModeResult(200, 190, 1_000, 2, 0, 0, [], [], [], [], folds);
        var at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        EpisodeResult Episode(EpisodeKind kind, bool told, string venues = PriceEvaluation.All) =>
            new("usd", kind, venues, at, null, null, null, null, told ? at : null);
        var prices = new PriceResult(
            [
                Episode(EpisodeKind.Depeg, true), Episode(EpisodeKind.Flash, true), Episode(EpisodeKind.Wick, true),
                Episode(EpisodeKind.Calm, false), Episode(EpisodeKind.Depeg, true, "one"),
            ],
            [new CalmResult("usd", 2, 0, 1)]);

        var table = PrecisionTable.Of(
            new TransactionResult(mode, mode, []), prices, new GovernanceResult(50, 1, 2, 100, 0, []));
        var read = Scene.Read(Scene.Ladder("narrow"), precision: JsonSerializer.Serialize(table, EventJson.Options));

        Assert.Equal(
            [(Threat.ContractAnomaly, 190, 2), (Threat.PegDeviation, 2, 2), (Threat.GovernanceAttack, 0, 1)],
            read.Plan.Autonomy.Measured.Select(one => (one.Threat, one.TrueAlarms, one.FalseAlarms)));
        Assert.All(table.Measured, row => Assert.Contains(row.Detector, Evidence.Sources.Keys));
        Assert.Equal(table.Measured.Select(row => row.LowerBound), read.Plan.Autonomy.Measured
            .Select(one => one.LowerBound));
    }
}
