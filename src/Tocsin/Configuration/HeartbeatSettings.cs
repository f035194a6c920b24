using Tocsin.Chains;
using Tocsin.Texts;

namespace Tocsin.Configuration;

/// <summary>A keeper or bot that gives a sign of life: over HTTP with its token, or by a transaction.</summary>
/// <param name="Every">How often it promised to.</param>
/// <param name="Grace">How much later is still in time.</param>
/// <param name="Token">What it shows to be known by; null where it beats on chain.</param>
/// <param name="From">Any successful transaction of this account is a beat; null where it beats over HTTP.</param>
internal sealed record HeartbeatSettings(string Name, TimeSpan Every, TimeSpan Grace, Secret? Token, Address? From)
{
    public static HeartbeatSettings Read(string name, YamlPart part)
    {
        if (!Names.IsName(name))
            part.Complain(Names.Expected("a heartbeat", name));
        part.Knows("every", "grace", "token", "from");
        var token = part.Optional("token");
        var from = part.Optional("from");
        if (token is null == from is null)
            part.Complain("a heartbeat has either 'token' (it is sent to us) or 'from' (an account that transacts)");
        return new HeartbeatSettings(
            name,
            part.Required("every").Duration("5s", "90d"),
            part.Optional("grace")?.Duration("0s", "30d") ?? TimeSpan.FromMinutes(1),
            token is null ? null : Secret.Read(token),
            from is null ? null : Addresses.OnChain(from));
    }
}
