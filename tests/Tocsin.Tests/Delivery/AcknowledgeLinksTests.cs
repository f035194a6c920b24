using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Delivery;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Delivery;

public sealed class AcknowledgeLinksTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ %\n";
    private static readonly Uri Base = new("https://tocsin.example/");
    private static readonly AcknowledgeLinks Links = new(Key(1), Base);

    [Theory]
    [InlineData("ada")]
    [InlineData("a|b|c")]
    [InlineData("Åda ünïcode")]
    [InlineData("")]
    public void A_link_names_incident_and_person(string person) =>
        Assert.Equal((First.ToString(), person, At(0)), Links.Read(Token(person), At(1)));

    [Theory]
    [InlineData(86_399.999, true)]
    [InlineData(86_400, false)]
    public void A_link_expires_after_a_day(double seconds, bool valid) =>
        Assert.Equal(valid, Links.Read(Token("ada"), At(seconds)) is not null);

    [Fact]
    public void Any_changed_character_is_refused()
    {
        var token = Token("ada");
        var changes =
            from at in Gen.Choose(0, token.Length - 1)
            from to in Gen.Elements(Alphabet.ToCharArray())
            select (at, to);
        Prop.ForAll(changes.ToArbitrary(), change =>
        {
            var changed = token[..change.at] + change.to + token[(change.at + 1)..];
            return changed == token || Links.Read(changed, At(1)) is null;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Fact]
    public void Every_other_last_character_is_refused()
    {
        var token = Token("ada");
        var content = token.Split('.')[0];
        foreach (var character in Alphabet)
        {
            Assert.True(character == token[^1] || Links.Read(token[..^1] + character, At(1)) is null);
            Assert.True(character == content[^1] || Links.Read(content[..^1] + character + token[content.Length..],
                At(1)) is null);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("INC-1")]
    [InlineData("a.b.c")]
    [InlineData("$.$")]
    public void What_is_no_token_is_refused(string token) => Assert.Null(Links.Read(token, At(1)));

    [Fact]
    public void Anything_added_or_cut_off_is_refused()
    {
        var token = Token("ada");
        Assert.All([token + "=", token + " ", " " + token, token + ".", token + "A", token[..^1], token[1..]],
            changed => Assert.Null(Links.Read(changed, At(1))));
    }

    [Fact]
    public void An_oversize_token_is_refused() => Assert.Null(Links.Read(Token(new string('a', 500)), At(1)));

    [Fact]
    public void Another_key_is_refused() => Assert.Null(new AcknowledgeLinks(Key(2), Base).Read(Token("ada"), At(1)));

    [Fact]
    public void Keys_are_random_and_long() =>
        Assert.True(AcknowledgeLinks.CreateKey() is { Length: 32 } key
            && !key.SequenceEqual(AcknowledgeLinks.CreateKey()));

    [Fact]
    public void The_link_does_not_hold_the_key() =>
        Assert.DoesNotContain(Convert.ToBase64String(Key(1)), Links.Create(First.ToString(), "ada", Noon).ToString(),
            StringComparison.Ordinal);

    private static string Token(string person) => Links.Create(First.ToString(), person, Noon).Segments[^1];

    private static byte[] Key(byte number) => Encoding.ASCII.GetBytes(new string((char)('a' + number), 32));
}
