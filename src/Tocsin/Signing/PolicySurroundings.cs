using Tocsin.Configuration;
using Tocsin.Plans;

namespace Tocsin.Signing;

/// <summary>What is weak about the files and the users around a policy, as this machine shows them.</summary>
internal static class PolicySurroundings
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Writers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <param name="policyPath">The policy's file: its owner is taken for the signer's user.</param>
    public static IEnumerable<PolicyWeakness> Look(string policyPath, SignerPolicy policy)
    {
        if (OperatingSystem.IsWindows())
            yield break;
        var secrets = policy.Key.Secrets.Concat(policy.Heartbeats.SelectMany(beat => beat.Relayer.Key.Secrets));
        foreach (var secret in secrets)
        {
            if (FileOf(secret, policy.Directory) is not { } path)
                continue;
            if ((File.GetUnixFileMode(path) & Others) != 0)
                yield return Error($"{secret} can be read by other users than its owner: chmod 600");
        }
        if ((File.GetUnixFileMode(policyPath) & Writers) != 0)
            yield return Error("the policy can be written by other users than its owner: chmod 644 or less");
        foreach (var weakness in Users(Privileges.OwnerOf(policyPath), policy))
            yield return weakness;
    }

    private static IEnumerable<PolicyWeakness> Users(int? owner, SignerPolicy policy)
    {
        if (policy.Clients is not { } clients)
            yield return Warning("without 'clients' the server runs as the signer's own user, who can read the key: "
                + "give the signer a user of its own, and name the server's");
        else if (owner is { } user && clients.Contains(user))
            yield return Warning($"'clients' names user {user}, who owns the policy: a server under the signer's own "
                + "user can read the key");
        else if (clients.Contains(0))
            yield return Warning("'clients' names root, who can read everything: run the server under another user");
    }

    private static string? FileOf(Secret secret, string directory)
    {
        if (!secret.Reference.StartsWith("file:", StringComparison.Ordinal))
            return null;
        var path = Path.Combine(directory, secret.Reference["file:".Length..]);
        return File.Exists(path) ? path : null;
    }

    private static PolicyWeakness Error(string what) => new(ComplaintLevel.Error, what);

    private static PolicyWeakness Warning(string what) => new(ComplaintLevel.Warning, what);
}
