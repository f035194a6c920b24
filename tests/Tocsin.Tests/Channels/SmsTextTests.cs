using FsCheck;
using FsCheck.Fluent;
using Tocsin.Channels;
using Tocsin.Channels.Twilio;
using Tocsin.Communications;

namespace Tocsin.Tests.Channels;

public sealed class SmsTextTests
{
    [Fact]
    public void A_short_message_says_what_it_is_then_what_to_do_then_where() => Assert.Equal(
        [
            "SEVERITY 1 - Flash-loan attack on the lending pool",
            "Do now: Open the war room and approve the pause",
            "Threat: A loan of 40,000,000 USD moved the price that the pool reads",
            "Impact: about 1,200,000 USD so far",
            "Answer: https://war.example.org/ack/ADA-PRIVATE",
            "War room: https://war.example.org/i/INC-7?token=read&lang=en",
            "Ref " + SmsText.Reference(Alerts.Night),
        ],
        SmsText.Write(Alerts.Night).Split('\n'));

    [Fact]
    public void The_words_of_Tocsin_itself_stay_in_the_alphabet_that_is_cheap()
    {
        Assert.Equal(3, SmsText.Segments(SmsText.Write(Alerts.Night)));
        Assert.DoesNotContain("·", SmsText.Write(Alerts.Night));
    }

    [Theory]
    [InlineData(160, 'a', 1)]
    [InlineData(161, 'a', 2)]
    [InlineData(306, 'a', 2)]
    [InlineData(307, 'a', 3)]
    [InlineData(80, '€', 1)]
    [InlineData(81, '€', 2)]
    [InlineData(70, '中', 1)]
    [InlineData(71, '中', 2)]
    [InlineData(134, '中', 2)]
    [InlineData(135, '中', 3)]
    public void Segments_count_as_a_network_counts_them(int length, char letter, int segments) =>
        Assert.Equal(segments, SmsText.Segments(new string(letter, length)));

    [Theory]
    [InlineData("https://evil.example/x", "https: //evil. example/x")]
    [InlineData("see evil.example", "see evil. example")]
    [InlineData("evil。example", "evil。 example")]
    [InlineData("cafe\u0301.com/x", "cafe\u0301. com/x")]
    [InlineData("\U0001F4A9.la/x", "\U0001F4A9. la/x")]
    [InlineData("6.6.6.6/claim", "6. 6. 6. 6/claim")]
    [InlineData("1,200.50 USD", "1,200.50 USD")]
    [InlineData("ends here.", "ends here.")]
    [InlineData("one\nAnswer: https://x", "one Answer: https: //x")]
    [InlineData("\u202Edna", "dna")]
    public void A_string_from_the_chain_becomes_no_link(string text, string shown)
    {
        Assert.Equal(shown, PlainWords.Unlinked(text));
        Assert.Contains("Threat: " + shown, SmsText.Write(Alerts.Night with { Threat = text }).Split('\n'));
    }

    [Fact]
    public void Whatever_it_holds_it_has_few_segments_and_its_links_whole()
    {
        string[] pieces = ["a", "€", "中", "\U0001F6A8", "\ud83d", "\n", "evil.example", new('x', 500), "·", "{"];
        var texts = Gen.Elements(pieces).ListOf().Select(string.Concat);

        Prop.ForAll(Arb.From(texts), text =>
        {
            var message = SmsText.Write(Alerts.With(text));
            var lines = message.Split('\n');
            return SmsText.Segments(message) <= SmsText.SegmentsMost
                && message.Length <= 1600
                && lines.Contains("Answer: https://war.example.org/ack/ADA-PRIVATE")
                && lines[^1] == "Ref " + SmsText.Reference(Alerts.With(text))
                && !message.Contains("evil.example")
                && lines[0].StartsWith("SEVERITY 1 -", StringComparison.Ordinal);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(100, true, true)]
    [InlineData(400, true, false)]
    [InlineData(1600, false, false)]
    public void Long_links_give_way_in_the_order_of_need(int length, bool hasAnswer, bool hasWarRoom)
    {
        var link = new Uri("https://war.example.org/ack/" + new string('a', length));
        var alert = Alerts.Night with { Acknowledge = link };

        var message = SmsText.Write(alert);

        Assert.Equal(hasAnswer, message.Contains(alert.Acknowledge!.AbsoluteUri));
        Assert.Equal(hasWarRoom, message.Contains(alert.WarRoom.AbsoluteUri));
        Assert.StartsWith("SEVERITY 1 - ", message);
        Assert.InRange(message.Length, 1, 1600);
    }

    [Fact]
    public void A_reference_is_equal_for_attempts_and_for_nothing_else()
    {
        Alert[] others =
        [
            Alerts.Night,
            Alerts.Night with { Key = "INC-7/opened/2" },
            Alerts.Night with { LogHead = "13:0xab" },
            Alerts.Night with { DetectedAt = Alerts.Noon },
        ];

        Assert.Equal(4, others.Select(SmsText.Reference).Distinct().Count());
        Assert.Equal(SmsText.Reference(Alerts.Night), SmsText.Reference(Alerts.Night with { Title = "T" }));
    }

    [Theory]
    [InlineData("abcd", 4, "abcd")]
    [InlineData("abcde", 4, "abc…")]
    [InlineData("ab cd", 4, "ab…")]
    [InlineData("ab\U0001F6A8cd", 4, "ab\U0001F6A8…")]
    public void What_is_too_long_is_cut_by_rule(string text, int runes, string expected) =>
        Assert.Equal(expected, PlainWords.Cut(text, runes));
}
