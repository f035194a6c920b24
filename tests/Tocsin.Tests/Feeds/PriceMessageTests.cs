using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Feeds;

namespace Tocsin.Tests.Feeds;

public sealed class PriceMessageTests
{
    private static readonly DateTimeOffset Now = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("1", "1")]
    [InlineData("0.99981234", "0.99981234")]
    [InlineData("0.9990", "0.999")]
    [InlineData("007.5", "7.5")]
    [InlineData("1e0", "1")]
    [InlineData("9.998e-1", "0.9998")]
    [InlineData("9998000000000000000000000000E-28", "0.9998")]
    [InlineData("64250.123456789012345678", "64250.123456789012345678")]
    [InlineData("1000000000000", "1000000000000")]
    [InlineData("1e12", "1000000000000")]
    [InlineData("0.000000000001", "0.000000000001")]
    public void A_price_is_read_digit_for_digit(string text, string price)
    {
        Assert.Null(PriceText.Read(text, out var read));
        Assert.Equal(decimal.Parse(price, CultureInfo.InvariantCulture), read);
    }

    [Theory]
    [InlineData("", "a text of 0 characters")]
    [InlineData("NaN", "NaN")]
    [InlineData("-nan", "NaN")]
    [InlineData("Infinity", "infinite")]
    [InlineData("-Infinity", "infinite")]
    [InlineData("inf", "infinite")]
    [InlineData("0", "zero")]
    [InlineData("-0", "zero")]
    [InlineData("0.000e5", "zero")]
    [InlineData("-1.0", "negative")]
    [InlineData("1e31", "exponent")]
    [InlineData("1e-999999999999999999999", "exponent")]
    [InlineData("1e13", "more than")]
    [InlineData("1000000000000.1", "more than")]
    [InlineData("1e-13", "nearly zero")]
    [InlineData("0.9999999999999999999999999999999", "more digits")]
    [InlineData("1,000.5", "not a number")]
    [InlineData("+1", "not a number")]
    [InlineData(" 1", "not a number")]
    [InlineData("1.", "not a number")]
    [InlineData(".5", "not a number")]
    [InlineData("0x1", "not a number")]
    [InlineData("1e", "not a number")]
    [InlineData("1e+", "not a number")]
    [InlineData("1e1.5", "not a number")]
    [InlineData("one", "not a number")]
    [InlineData("١", "not a number")]
    public void What_is_no_price_is_told(string text, string says)
    {
        Assert.Contains(says, PriceText.Read(text, out var price), StringComparison.Ordinal);
        Assert.Equal(0, price);
    }

    [Fact]
    public void However_a_price_is_written_it_is_the_same_price() =>
        Prop.ForAll(
            Gen.Choose(1, int.MaxValue).SelectMany(m => Gen.Choose(0, 9).Select(places => (m, places))).ToArbitrary(),
            number =>
            {
                var price = new decimal(number.m, 0, 0, false, (byte)number.places);
                string[] forms =
                [
                    price.ToString(CultureInfo.InvariantCulture),
                    $"{number.m}e-{number.places}",
                    $"0.{number.m:D12}e{12 - number.places}",
                    $"{number.m}0000E{-4 - number.places}",
                ];
                return forms.All(form => PriceText.Read(form, out var read) is null && read == price);
            }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("$.price", """{"price":"0.5"}""")]
    [InlineData("$.data.amount", """{"data":{"amount":0.5}}""")]
    [InlineData("$.result.USDCUSD.c[0]", """{"result":{"USDCUSD":{"c":["0.5","7"]}}}""")]
    [InlineData("$.usd-coin.usd", """{"usd-coin":{"usd":5e-1}}""")]
    [InlineData("$[1][0].p", """[0,[{"p":0.5}]]""")]
    [InlineData("$", "0.5")]
    public void A_path_leads_to_the_price(string path, string json)
    {
        var reading = Read(path, null, json);

        Assert.Equal(new PriceReading.Priced(0.5m, null), reading);
        Assert.Equal(path, Path(path).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("price")]
    [InlineData("$price")]
    [InlineData("$.")]
    [InlineData("$.a..b")]
    [InlineData("$.a[")]
    [InlineData("$.a[]")]
    [InlineData("$.a[-1]")]
    [InlineData("$.a[1")]
    [InlineData("$.a]")]
    [InlineData("$.a[999999]")]
    [InlineData("$['a']")]
    [InlineData("$.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a")]
    public void What_is_no_path_is_told(string text)
    {
        Assert.Null(JsonPath.Parse(text, out var fault));
        Assert.NotEmpty(fault);
    }

    [Theory]
    [InlineData("""{"error":"no such pair"}""", "has nothing at $.price")]
    [InlineData("""["price"]""", "has nothing at $.price")]
    [InlineData("<!DOCTYPE html><h1>502 Bad Gateway</h1>", "is a page, not JSON")]
    [InlineData("\r\n <html>", "is a page, not JSON")]
    [InlineData("{\"price\":NaN}", "is not JSON")]
    [InlineData("{\"price\":1,}", "is not JSON")]
    [InlineData("{\"price\":1,\"price\":2}", "is not JSON")]
    [InlineData("", "is not JSON")]
    public void A_message_without_price_is_another_thing_than_a_wrong_price(string json, string says) =>
        Assert.Equal(new PriceReading.NoPrice(says), Read("$.price", null, json));

    [Theory]
    [InlineData("""{"price":null}""", "is neither a number nor a text")]
    [InlineData("""{"price":{}}""", "is neither a number nor a text")]
    [InlineData("""{"price":"NaN"}""", "is not a number (NaN)")]
    [InlineData("""{"price":-1}""", "is negative")]
    [InlineData("""{"price":1e400}""", "has an exponent beyond 30")]
    public void Something_that_is_no_price_where_the_price_should_be_is_unusable(string json, string says) =>
        Assert.Equal(new PriceReading.Unusable($"the price at $.price {says}"), Read("$.price", null, json));

    [Fact]
    public void Deep_nesting_is_no_price()
    {
        var deep = new string('[', 100_000) + new string(']', 100_000);

        Assert.Equal(new PriceReading.NoPrice("is not JSON"), Read("$", null, deep));
    }

    [Theory]
    [InlineData("1735689600")]
    [InlineData("1735689600000")]
    [InlineData("1735689600000000")]
    [InlineData("1735689600000000000")]
    [InlineData("1735689600.0")]
    [InlineData("\"1735689600\"")]
    [InlineData("\"2025-01-01T00:00:00Z\"")]
    [InlineData("\"2025-01-01T00:00:00\"")]
    [InlineData("\"2025-01-01 00:00:00\"")]
    [InlineData("\"2025-01-01T02:00:00.000+02:00\"")]
    [InlineData("\"2025-01-01T00:00:00.000000000Z\"")]
    public void A_source_writes_its_time_as_it_likes(string time)
    {
        Assert.Equal(
            new PriceReading.Priced(1, Now), Read("$.p", "$.t", $$"""{"p":1,"t":{{time}}}"""));
    }

    [Theory]
    [InlineData("0", "no time")]
    [InlineData("-1735689600", "no time")]
    [InlineData("1e300", "no time")]
    [InlineData("99999999999999999999999999", "no time")]
    [InlineData("\"yesterday\"", "no time")]
    [InlineData("\"01/02/2025\"", "no time")]
    [InlineData("\"2025-13-01T00:00:00Z\"", "no time")]
    [InlineData("null", "no time")]
    [InlineData("1735689661", "in the future")]
    [InlineData("99999999999", "in the future")]
    public void A_time_that_cannot_be_is_told(string time, string says)
    {
        var reading = Assert.IsType<PriceReading.Unusable>(Read("$.p", "$.t", $$"""{"p":1,"t":{{time}}}"""));

        Assert.Contains(says, reading.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clock_that_runs_a_little_ahead_is_borne() =>
        Assert.IsType<PriceReading.Priced>(Read("$.p", "$.t", """{"p":1,"t":1735689660}"""));

    [Fact]
    public void Any_bytes_get_an_answer()
    {
        var message = new PriceMessage(Path("$.a[0].b"), Path("$.t"));
        var pieces = Gen.Elements(
            "{", "}", "[", "]", "\"a\":", "\"b\":", "\"t\":", ",", "1", "-", "e", "\"\\ud800\"", "null", "\u0000");
        Prop.ForAll(
            pieces.ListOf().Select(list => Encoding.UTF8.GetBytes(string.Concat(list))).ToArbitrary(),
            bytes => message.Read(bytes, Now) is not null).QuickCheckThrowOnFailure();
        Prop.ForAll<byte[]>(bytes => message.Read(bytes, Now) is not null).QuickCheckThrowOnFailure();
        Assert.IsType<PriceReading.NoPrice>(
            Read("$.p", null, """{"p":"\ud800"}"""));
    }

    [Fact]
    public void Words_never_quote_what_was_sent()
    {
        const string secret = "hunter2hunter2";
        foreach (var json in new[] { $"\"{secret}\"", $"{{\"p\":\"{secret}\"}}", $"{{\"p\":1,\"t\":\"{secret}\"}}" })
            Assert.DoesNotContain(secret, Read("$.p", "$.t", json).ToString(), StringComparison.Ordinal);
    }

    private static PriceReading Read(string price, string? time, string json) =>
        new PriceMessage(Path(price), time is null ? null : Path(time)).Read(Encoding.UTF8.GetBytes(json), Now);

    private static JsonPath Path(string text) =>
        JsonPath.Parse(text, out var fault) ?? throw new JsonException(fault);
}
