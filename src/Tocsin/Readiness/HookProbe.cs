using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Tocsin.Hooks;
using Tocsin.Plans;

namespace Tocsin.Readiness;

/// <summary>Whether a hook could be called: its secrets are there, and its host is reached as it would be. Nothing is
/// asked of it: a request could be taken for the hook itself.</summary>
internal sealed class HookProbe(string directory, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<IReadOnlyList<string>> FaultsAsync(PlannedHook hook, CancellationToken cancellationToken)
    {
        var faults = new List<string>();
        if (HookRequest.Reveal(hook, directory, faults) is { Url: var url }
            && await ReachAsync(url, cancellationToken) is { } fault)
            faults.Add($"{hook.InWords} {fault}");
        return faults;
    }

    private async Task<string?> ReachAsync(Uri url, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(url.IdnHost.Trim('[', ']'), url.Port, either.Token);
            if (url.Scheme != Uri.UriSchemeHttps)
                return null;
            await using var secured = new SslStream(client.GetStream());
            await secured.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = url.IdnHost }, either.Token);
            return null;
        }
        catch (AuthenticationException)
        {
            return "cannot be trusted: its certificate is not for this host, or nobody vouches for it";
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return "cannot be reached";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"did not answer within {Patience.TotalSeconds:0} s";
        }
    }
}
