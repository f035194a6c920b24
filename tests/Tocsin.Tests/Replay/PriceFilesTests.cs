using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Evm.Inputs;
using Tocsin.Inputs;
using Tocsin.Replay;
using Tocsin.Tests.Detection;
using Tocsin.Texts;

namespace Tocsin.Tests.Replay;

public sealed class PriceFilesTests : IDisposable
{
    private const string Head = "time,open,high,low,close,volume";

    private readonly ReplayFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("2023-03-01T00:00:00Z,1,1.1,0.9,1,5\n")]
    public void A_file_of_one_row_or_none_can_be_listened_to(string rows)
    {
        var path = folder.PathOf("short.csv");
        File.WriteAllText(path, $"{Head}\n{rows}");
        var source = new PriceFiles([new PriceFile("USDX", "src", path)], new Rejections(false, _ => { }));

        var watch = source.Listening(InputStory.Watch);

        Assert.True(Assert.Single(watch.Senses.Feeds).StaleAfter > TimeSpan.Zero);
    }

    [Theory]
    [InlineData("2023-03-01T00:00:00Z,1,1.1,0.9,1,5", null)]
    [InlineData("2023-03-01T00:00:00Z,1,1.1,0.9,1,", null)]
    [InlineData("2023-03-01 00:00,1,1.1,9e-1,1,0\r", null)]
    [InlineData("2023-03-01T02:00:00+02:00,1,1,1,1,5", null)]
    [InlineData("2023-03-01T00:00:00Z,NaN,1.1,0.9,1,5", "malformed price row")]
    [InlineData("2023-03-01T00:00:00Z,1,Infinity,0.9,1,5", "malformed price row")]
    [InlineData("2023-03-01T00:00:00Z,1,1.1,,1,5", "price row with a hole")]
    [InlineData("2023-03-01T00:00:00Z,1,1.1, ,1,5", "price row with a hole")]
    [InlineData("2023-03-01T00:00:00Z,-1,1.1,0.9,1,5", "impossible price")]
    [InlineData("2023-03-01T00:00:00Z,1,1.1,0,1,5", "impossible price")]
    [InlineData("2023-03-01T00:00:00Z,1,1.1,1e-40,1,5", "impossible price")]
    [InlineData("2023-03-01T00:00:00Z,1,9e20,1,1,5", "impossible price")]
    [InlineData("2023-03-01T00:00:00Z,1,9e99,1,1,5", "malformed price row")]
    [InlineData("2023-03-01T00:00:00Z,1,0.9,1.1,1,5", "impossible price")]
    [InlineData("2023-03-01T00:00:00Z,1.2,1.1,0.9,1,5", "impossible price")]
    [InlineData("2023-03-01T00:00:00Z,1,1.1,0.9,1,-5", "malformed price row")]
    [InlineData("2023-03-01T00:00:00Z,1,1.1,0.9,1,much", "malformed price row")]
    [InlineData("2023-03-01T00:00:00Z,1,1.1,0.9,1", "malformed price row")]
    [InlineData("2023-03-01T00:00:00Z,1,1.1,0.9,1,5,6", "malformed price row")]
    [InlineData("2023-13-01T00:00:00Z,1,1.1,0.9,1,5", "malformed price row")]
    [InlineData("1677628800,1,1.1,0.9,1,5", "malformed price row")]
    [InlineData("2023-02-28T23:00:00Z,1,1.1,0.9,1,5", "price row given twice")]
    [InlineData("2023-02-28T22:00:00Z,1,1.1,0.9,1,5", "price row out of order")]
    public void A_row_is_a_bar_or_is_rejected_with_its_reason(string row, string? kind)
    {
        var rejected = new List<(string Place, string Kind, string Why)>();
        var path = folder.Write("p.csv", Head, "2023-02-28T23:00:00Z,1,1,1,1,1", row);

        var bars = PriceCsv.Read(path, (place, what, why) => rejected.Add((place, what, why))).ToList();

        Assert.Equal(kind, rejected.Count == 0 ? null : Assert.Single(rejected).Kind);
        Assert.Equal(kind is null ? 2 : 1, bars.Count);
        Assert.All(rejected, refusal => Assert.Equal($"{path}:3", refusal.Place));
        Assert.All(bars.Skip(1), bar => Assert.Equal("2023-03-01 00:00:00Z", $"{bar.Opens:u}"));
    }

    [Fact]
    public void Any_bytes_below_the_head_are_bars_or_rejections() => Prop.ForAll(
        Gen.ArrayOf(Gen.Elements([.. Encoding.UTF8.GetBytes("0123456789-:TZ.,e+\n \r\0\xff\"NaN")])).ToArbitrary(),
        bytes =>
        {
            var text = new MemoryStream([.. Encoding.UTF8.GetBytes(Head + "\n"), .. bytes]);
            using var lines = new LineReader(text, "fuzz", PriceCsv.LineBytesMax);
            var rejected = 0;
            Assert.All(PriceCsv.Read(lines, (_, _, _) => rejected++), bar => Assert.True(bar.Low > 0));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Another_head_is_refused() => Assert.Throws<InputException>(() =>
        PriceCsv.Read(folder.Write("p.csv", "time,close", "2023-03-01T00:00:00Z,1"), (_, _, _) => { }).ToList());

    [Fact]
    public async Task A_bar_is_known_when_it_is_over_its_low_and_high_before_its_close()
    {
        var path = folder.Write(
            "p.csv", Head,
            "2023-03-01T00:00:00Z,1,1.2,0.8,1.1,5",
            "2023-03-01T00:01:00Z,1,1.2,0.8,0.9,5",
            "2023-03-01T00:02:00Z,1,1,1,1,5",
            "2023-03-01T00:03:00Z,1,1,0.7,0.7,5");

        var ticks = (await ReadAsync(new PriceFile("USDC", "kraken", path))).Cast<Arrival.Tick>().ToList();

        Assert.Equal(
            ["01:0.8", "01:1.2", "01:1.1", "02:1.2", "02:0.8", "02:0.9", "03:1", "04:1", "04:0.7"],
            ticks.Select(tick => $"{tick.ArrivedAt:mm}:{tick.Price}"));
        Assert.All(ticks, tick => Assert.Equal(("USDC", "kraken"), (tick.Asset, tick.Feed)));
    }

    [Fact]
    public async Task Files_are_merged_by_time_and_silence_is_told()
    {
        var minutes = folder.Write("m.csv", Head, Row("00:00"), Row("00:01"), Row("00:05"));
        var hours = folder.Write("h.csv", Head, Row("00:00"), Row("01:00"));

        var inputs = await ReadAsync(
            new PriceFile("USDC", "hourly", hours), new PriceFile("USDC", "minutely", minutes));

        Assert.Equal(
            [
                "00:01 minutely", "00:02 minutely", "00:03", "00:04", "00:05", "00:06 minutely",
                .. Enumerable.Range(7, 16).Select(minute => $"00:{minute:00}"), "01:00 hourly",
                .. Enumerable.Range(1, 16).Select(minute => $"01:{minute:00}"), "02:00 hourly",
            ],
            inputs.Select(input => input is Arrival.Tick tick
                ? $"{tick.ArrivedAt:HH:mm} {tick.Feed}"
                : $"{((Arrival)input).ArrivedAt:HH:mm}"));
    }

    [Fact]
    public async Task From_any_position_the_rest_follows()
    {
        var minutes = folder.Write("m.csv", Head, Row("00:00"), Row("00:01"), "rubbish", Row("00:05"));
        var hours = folder.Write("h.csv", Head, Row("00:00"), Row("01:00"));
        PriceFile[] files = [new("USDC", "hourly", hours), new("USDC", "minutely", minutes)];
        var whole = await UnitsAsync(files, 0);

        for (var position = 0; position < whole.Count; position++)
            Assert.Equal(
                whole.Skip(position).SelectMany(unit => unit.Inputs),
                (await UnitsAsync(files, position)).SelectMany(unit => unit.Inputs));
    }

    [Fact]
    public void Only_what_is_replayed_is_listened_for()
    {
        var path = folder.Write("m.csv", Head, Row("00:00"), Row("00:05"));
        var source = new PriceFiles([new("USDC", "kraken", path)], new Rejections(false, _ => { }));

        var senses = source.Listening(InputStory.Watch).Senses;

        var feed = Assert.Single(senses.Feeds);
        Assert.Equal(("kraken", "USDC", TimeSpan.FromMinutes(15)), (feed.Name, feed.Asset, feed.StaleAfter));
        Assert.Empty(senses.Heartbeats);
        Assert.Empty((Story.Watch with { Senses = senses }).Problems());
    }

    private static string Row(string time) => $"2023-03-01T{time}:00Z,1,1,1,1,";

    private static async Task<List<Input>> ReadAsync(params PriceFile[] files) =>
        [.. (await UnitsAsync(files, 0)).SelectMany(unit => unit.Inputs)];

    private static async Task<List<ReplayUnit>> UnitsAsync(PriceFile[] files, long position)
    {
        var units = new List<ReplayUnit>();
        var source = new PriceFiles(files, new Rejections(false, _ => { }));
        await foreach (var unit in source.ReadAsync(position, [], default))
            units.Add(unit);
        return units;
    }
}
