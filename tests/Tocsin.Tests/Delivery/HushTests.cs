using Tocsin.Channels;
using Tocsin.Configuration;
using Tocsin.Delivery;

namespace Tocsin.Tests.Delivery;

public sealed class HushTests
{
    private const string Token = "123456:SECRET-of the+bot";

    [Theory]
    [InlineData("no bot 123456:SECRET-of the+bot here", "no bot … here")]
    [InlineData("GET /bot123456%3ASECRET-of%20the%2Bbot", "GET /bot…")]
    [InlineData("no bot 123456:secret-OF THE+bot here", "no bot … here")]
    [InlineData("cut within it: 123456:SECR…", "cut within it: …")]
    [InlineData("cut within it: 123456%3ASEC…", "cut within it: …")]
    [InlineData("123456 of others", "123456 of others")]
    public void No_secret_stands_in_what_a_provider_says_nor_the_beginning_of_one_that_was_cut(
        string said, string expected)
    {
        var hush = new Hush();
        var kind = ChannelKind.All["telegram-bot"];
        var field = kind.Fields.Single(field => field.Name == "token");
        hush.Learn(
            new ChannelSettings("night", kind, [new ChannelValue(field, "env:TOKEN")], default),
            new ChannelSection("night", new Dictionary<string, string> { ["token"] = Token }));

        Assert.Equal(expected, hush.Of("night", new DeliveryResult.Permanent(said)).Reason);
        Assert.Equal(said, hush.Of("another", new DeliveryResult.Permanent(said)).Reason);
    }
}
