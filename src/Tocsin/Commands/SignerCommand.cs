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
        using var heads = ChainedLines<CountersignedHead>.Open(
            policy.HeadsPath, "the signer's record of heads", Signer.HeadsPerDay);
        using var http = KeyHttp.Create();
        var key = policy.Key.Open(policy.Directory, http);
        using var beats = ChainedLines<BeatEntry>.Open(policy.BeatsPath, "the signer's record of beats", 1_000);
        var beatSigner = new BeatSigner(policy, key, Relayers(policy, key, http), beats, TimeProvider.System);
        using var revoked = WalletRevocations.OpenJournal(policy);
        var revocations = new WalletRevocations(policy, key.Address, revoked, TimeProvider.System);
        using var server = new SignerServer(
            new Signer(policy, key, journal, heads, beatSigner, revocations, TimeProvider.System),
            policy,
            line => Console.Error.WriteLine($"signer: {line}"));
        Console.Error.WriteLine(
            $"signer: signs as {ChecksumAddress.Format(key.Address)}{(policy.Exercise ? " (EXERCISE key)" : "")}, "
            + $"{journal.Entries.Count} signatures in the journal");
        var practising = Task.Run(Practice.Run, CancellationToken.None);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = false);
        try
        {
            var serving = server.ServeAsync(listener, cancellationToken);
            if (await Task.WhenAny(practising, serving) == practising)
                await practising;
            await serving;
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

    private static CheckedKey[] Relayers(SignerPolicy policy, CheckedKey pauser, HttpClient http)
    {
        var relayers = policy.Heartbeats.Select(entry => entry.Relayer.Key.Open(policy.Directory, http)).ToArray();
        return relayers.Any(relayer => relayer.Address == pauser.Address)
            ? throw new InputException(
                "the relayer of a heartbeat must be another account than the signer's: its transactions would take "
                + "the nonces of pauses")
            : relayers;
    }
}
