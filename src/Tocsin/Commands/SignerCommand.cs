using System.Runtime.InteropServices;
using Tocsin.Evm;
using Tocsin.Signing;
using Tocsin.Signing.Keys;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary><c>tocsin signer</c>: the process that holds the key.</summary>
internal static class SignerCommand
{
    /// <param name="user">User and group id to become, <c>UID:GID</c>; null to stay who we are.</param>
    public static async Task<int> RunAsync(string policyPath, string? user, CancellationToken cancellationToken)
    {
        Privileges.CloseDiagnosticsPort();
        var policy = SignerPolicy.Load(policyPath);
        if (user is not null)
            Become(user);
        Privileges.HideMemory();
        using var listener = SignerServer.Bind(policy);
        using var journal = SignerJournal.Open(policy.JournalPath);
        using var http = KeyHttp.Create();
        var key = policy.Key.Open(policy.Directory, http);
        var server = new SignerServer(
            new Signer(policy, key, journal, TimeProvider.System),
            policy,
            line => Console.Error.WriteLine($"signer: {line}"));
        Console.Error.WriteLine(
            $"signer: signs as {ChecksumAddress.Format(key.Address)}{(policy.Exercise ? " (EXERCISE key)" : "")}, "
            + $"{journal.Entries.Count} signatures in the journal");
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = false);
        try
        {
            await server.ServeAsync(listener, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            File.Delete(policy.SocketPath);
        }
        return ExitCode.Done;
    }

    private static void Become(string user)
    {
        var parts = user.Split(':');
        if (parts.Length != 2
            || !int.TryParse(parts[0], out var uid)
            || !int.TryParse(parts[1], out var gid)
            || uid < 1
            || gid < 1)
            throw new InputException($"--user takes UID:GID, two numbers above 0, not '{user}'");
        if (!Privileges.IsRoot)
            throw new InputException(
                "--user needs the right to change user: "
                + "start the signer as root, or under its own user without --user");
        Privileges.Become(uid, gid);
    }
}
