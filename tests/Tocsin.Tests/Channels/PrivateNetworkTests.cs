using System.Net;
using Tocsin.Channels;

namespace Tocsin.Tests.Channels;

/// <summary>An address that somebody else chose must not make this server ask its neighbours.</summary>
public sealed class PrivateNetworkTests
{
    [Theory]
    [InlineData("hooks.example", "93.184.216.34", true)]
    [InlineData("hooks.example", "2606:2800:220:1::1", true)]
    [InlineData("hooks.example", "10.0.0.5", false)]
    [InlineData("hooks.example", "172.31.255.255", false)]
    [InlineData("hooks.example", "172.32.0.1", true)]
    [InlineData("hooks.example", "192.168.1.1", false)]
    [InlineData("hooks.example", "100.64.0.1", false)]
    [InlineData("hooks.example", "169.254.169.254", false)]
    [InlineData("hooks.example", "0.0.0.0", false)]
    [InlineData("hooks.example", "127.0.0.1", false)]
    [InlineData("hooks.example", "::1", false)]
    [InlineData("hooks.example", "fd00::1", false)]
    [InlineData("hooks.example", "fe80::1", false)]
    [InlineData("hooks.example", "::ffff:10.0.0.5", false)]
    [InlineData("hooks.example", "64:ff9b::a00:5", false)]
    [InlineData("hooks.example", "2002:a00:5::1", false)]
    [InlineData("hooks.example", "255.255.255.255", false)]
    [InlineData("10.0.0.5", "10.0.0.5", false)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("localhost", "::1", true)]
    [InlineData("::1", "::1", true)]
    [InlineData("push.internal", "10.0.0.5", true)]
    [InlineData("PUSH.internal", "10.0.0.5", true)]
    [InlineData("hooks.example", "10.1.2.3", true)]
    public void Only_the_internet_and_what_is_meant_is_reached(string host, string address, bool may)
    {
        var networks = PrivateNetworks.None.With("push.internal")!.With("10.1.0.0/16")!;

        Assert.Equal(may, networks.MayReach(host, IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("https://10.0.0.5/hook", false)]
    [InlineData("https://[fd00::1]/hook", false)]
    [InlineData("https://169.254.169.254/latest/meta-data", false)]
    [InlineData("https://127.0.0.1:8080/hook", true)]
    [InlineData("https://hooks.example/hook", true)]
    public void An_address_that_says_so_itself_is_refused_at_the_start(string address, bool may)
    {
        var refused = Record.Exception(() => PrivateNetworks.None.Check(new Uri(address)));

        Assert.Equal(may, refused is null);
        Assert.True(may || refused is PrivateNetworkException);
    }

    [Theory]
    [InlineData("10.1.0.0/16", true)]
    [InlineData("push.internal", true)]
    [InlineData("10.1.0.5", true)]
    [InlineData("10.1.0.0/33", false)]
    [InlineData("10.1.0.0/x", false)]
    [InlineData("https://push.internal", false)]
    [InlineData("", false)]
    public void What_is_meant_is_a_host_an_address_or_a_network(string text, bool isOne) =>
        Assert.Equal(isOne, PrivateNetworks.None.With(text) is not null);

    // "ip6-localhost" and the like are names that lead to this machine without saying so.
    [Fact]
    public async Task A_name_that_leads_into_a_private_network_is_not_connected_to()
    {
        var name = Dns.GetHostName();
        Assert.SkipUnless(
            (await Dns.GetHostAddressesAsync(name, TestContext.Current.CancellationToken))
                .All(address => !PrivateNetworks.None.MayReach(name, address)),
            $"this machine's name '{name}' leads to the internet");
        using var http = ChannelHttp.Create();
        var webhook = new JsonWebhook("a", new Uri($"http://{name}:9/"), null, http, TimeProvider.System);

        var result = await webhook.DeliverAsync(new Message(Alerts.Night), TestContext.Current.CancellationToken);

        Assert.Contains("private network", Assert.IsType<DeliveryResult.RetryAfter>(result).Reason,
            StringComparison.Ordinal);
    }
}
