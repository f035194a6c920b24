using System.Globalization;
using System.IO.Compression;
using System.Text;
using Tocsin.Evaluation;
using Tocsin.Findings;

namespace Tocsin.Tests.Evaluation;

/// <summary>Flows of a small folder of our own, with other names of files and other things in them.</summary>
public sealed class FlowEvaluationTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-flows-");
    private readonly List<string> told = [];

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_day_of_redemptions_far_above_the_others_is_an_alarm_and_an_even_series_is_none()
    {
        Write("issue.csv", "time,asset,mints,burns,net", Enumerable.Range(0, 20).SelectMany(day => new[]
        {
            $"{Day(day)},aaa,1000000,{(day == 15 ? -900_000_000 : -48_000_000)},0",
            $"{Day(day)},bbb,1000000,-60000000,0",
        }));

        var results = Run();

        Assert.Equal(["issue aaa", "issue bbb"], results.Select(result => result.Series));
        Assert.Equal([1, 0], results.Select(result => result.Alarms.Count));
        var alarm = results[0].Alarms[0];
        Assert.Equal((Start.AddDays(15).AddHours(1), Severity.Critical), (alarm.Time, alarm.Severity));
        Assert.All(results, result => Assert.Null(result.Event));
    }

    [Fact]
    public void A_run_that_is_known_is_found_and_no_alarm()
    {
        var first = new DateTimeOffset(2023, 2, 20, 0, 0, 0, TimeSpan.Zero);
        Write("other.csv", "time,asset,mints,burns", Enumerable.Range(0, 30).Select(day =>
            $"{first.AddDays(day):O},usdc,,{(day == 19 ? -1_900_000_000 : -48_000_000)}"));

        var result = Assert.Single(Run());

        Assert.Empty(result.Alarms);
        Assert.Equal(new DateTimeOffset(2023, 3, 11, 1, 0, 0, TimeSpan.Zero), result.Event?.FoundAt);
    }

    [Fact]
    public void Pools_ranges_and_reserves_are_known_by_their_columns_whatever_is_missing_in_a_row()
    {
        Write("p.csv", "time,tvlUSD", Hours(10, hour => hour == 3 ? "" : hour < 8 ? "9000000" : "4000000"));
        Write("r.csv", "time,block,tick,liquidity", Hours(10, hour => $"1,2,{(hour < 5 ? "9" : "")}000000000"));
        Write("l.csv", "time,supplied_USD,borrowed_USD", Hours(10, hour => hour < 8 ? "9000000,1" : "4000000,1"));

        var results = Run();

        Assert.Equal(["reserve", "pool", "range"], results.Select(result => result.Kind));
        Assert.Equal([1, 1, 0], results.Select(result => result.Alarms.Count));
        Assert.Equal("liquidity-drop", results[1].Alarms[0].Detector);
    }

    [Fact]
    public void A_bridge_that_is_drained_is_found_before_all_is_gone()
    {
        var token = "0x" + new string('a', 40);
        Write("tokens.csv", "blockNumber,timeStamp,contractAddress,tokenSymbol,tokenDecimal",
            [$"100,1700000000,{token},USDX,6", $"200,1700001200,{token},USDX,6"]);
        Write("paid.csv",
            "blockNumber,transactionHash,tokenAddress,tokenRecipient,from,amount,hackTransaction",
            Enumerable.Range(0, 50).Select(i => $"{150 + i},0x{i + 1:x64},{token},0x{i + 1:x40},0x{i + 1:x40},"
                + "100000000000,1"));

        var result = Assert.Single(Run());

        Assert.Empty(result.Alarms);
        Assert.Equal(0.22m, result.Event?.ShareBefore);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1700000600 + 10 * 12), result.Event?.FoundAt);
    }

    [Fact]
    public void What_is_no_series_or_no_row_is_told_and_passed_over()
    {
        Write("else.csv", "a,b", ["1,2"]);
        Write("p.csv", "time,tvlUSD", ["2024-01-01T00:00:00Z,5,6", "never,5", "2024-01-01T00:00:00Z,5"]);

        var result = Assert.Single(Run());

        Assert.Equal("p", result.Series);
        Assert.Equal(2, told.Count);
    }

    private static string Day(int day) =>
        Start.AddDays(day).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static IEnumerable<string> Hours(int count, Func<int, string> fields) =>
        Enumerable.Range(0, count).Select(hour => $"{Start.AddHours(hour):O},{fields(hour)}");

    private IReadOnlyList<FlowResult> Run() =>
        new FlowEvaluation(folder.FullName, told.Add, _ => { }).Run(TestContext.Current.CancellationToken);

    private void Write(string name, string head, IEnumerable<string> rows)
    {
        using var file = new GZipStream(
            File.Create(Path.Combine(folder.FullName, name + ".gz")), CompressionLevel.Fastest);
        file.Write(Encoding.UTF8.GetBytes(string.Join('\n', rows.Prepend(head)) + "\n"));
    }
}
