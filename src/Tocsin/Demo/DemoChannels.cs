using Tocsin.Channels;
using Tocsin.Demo.Providers;

namespace Tocsin.Demo;

/// <summary>The channels of the demo, and who stands at their other ends on this machine.</summary>
internal static class DemoChannels
{
    public const string Slack = "war-room";
    public const string Phone = "chief-phone";

    /// <summary>The account that presses buttons, as the plan knows it.</summary>
    public const string ChiefInSlack = "U0ADA00001";

    /// <param name="phoneSecret">By which the person's webhook is signed.</param>
    public static Task<ProviderServer> StartAsync(string phoneSecret) => ProviderServer.StartAsync(
        TimeProvider.System,
        new SlackFake { Channel = Slack },
        new JsonWebhookFake { Channel = Phone, Signing = WebhookSecret.Parse(phoneSecret) });
}
