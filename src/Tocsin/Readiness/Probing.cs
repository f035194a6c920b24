using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Response;
using Tocsin.Signing;

namespace Tocsin.Readiness;

/// <summary>Puts a probe together from a configuration: server and command line probe the same way.</summary>
internal static class Probing
{
    public static ActionProbe Create(TocsinConfiguration configuration, ActingChains chains, TimeProvider time) => new(
        chain => chains.Of(chain)?.Nodes,
        configuration.Signer?.Account,
        cancellationToken => MaxFeeAsync(configuration.Signer, cancellationToken),
        new HookProbe(configuration.Directory, time),
        time);

    // A signer that is down is told elsewhere; what the gas costs now is then the best that is known.
    private static async Task<UInt256?> MaxFeeAsync(SignerSettings? signer, CancellationToken cancellationToken)
    {
        if (signer is null)
            return null;
        try
        {
            var asked = new SignerRequest(Status: new StatusRequest());
            return (await new SignerClient(signer.Socket).AskAsync(asked, cancellationToken)).Status?.MaxFeePerGasWei;
        }
        catch (SignerUnreachableException)
        {
            return null;
        }
    }
}
