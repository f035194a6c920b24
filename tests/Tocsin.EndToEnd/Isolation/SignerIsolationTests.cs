using System.Diagnostics;
using Tocsin.Demo;
using Tocsin.EndToEnd.Parts;
using Tocsin.Signing;

namespace Tocsin.EndToEnd.Isolation;

/// <summary>Nobody but the signer's own user gets at its key, its journal or its memory.</summary>
public sealed class SignerIsolationTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    private const string Stranger = "61421";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Another_user_reads_neither_key_nor_journal_nor_memory_of_the_signer()
    {
        RequireRoot();
        await using var site = await Site.CreateAsync(chain);
        await site.StartSignerAsync();
        var signer = SignerOf(site);
        var owner = DemoFolder.SignerAs!.Split(':')[0];
        var folder = Path.GetDirectoryName(site.Folder.SignerPolicy)!;
        // What the owner can read shows that the stranger is refused for who he is.
        Assert.Equal(0, await RunAsAsync(owner, "cat", Path.Combine(folder, "signer.key")));
        string[] secrets =
        [
            Path.Combine(folder, "signer.key"), Path.Combine(folder, "signer.journal"),
            $"/proc/{signer.Id}/mem", $"/proc/{signer.Id}/environ",
        ];
        foreach (var path in secrets)
            Assert.True(await RunAsAsync(Stranger, "cat", path) != 0, $"a stranger can read {path}");
        Assert.True(
            await RunAsAsync(Stranger, "touch", Path.Combine(folder, "planted")) != 0,
            "a stranger can write into the signer's folder");
        Assert.True(
            await RunAsAsync(Stranger, "rm", "-f", Path.Combine(folder, "signer.sock")) != 0,
            "a stranger can remove the signer's socket");
    }

    [Fact]
    public async Task The_signer_runs_as_its_own_user_without_rights_and_without_a_dump()
    {
        RequireRoot();
        await using var site = await Site.CreateAsync(chain);
        await site.StartSignerAsync();
        var signer = SignerOf(site);
        var owner = DemoFolder.SignerAs!.Split(':')[0];
        var status = (await File.ReadAllLinesAsync($"/proc/{signer.Id}/status", Cancelled))
            .Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0], pair => pair[1].Trim());
        Assert.Equal(string.Join('\t', Enumerable.Repeat(owner, 4)), status["Uid"]);
        Assert.Equal(string.Join('\t', Enumerable.Repeat(owner, 4)), status["Gid"]);
        Assert.Equal("", status["Groups"]);
        Assert.Equal("0000000000000000", status["CapEff"]);
        Assert.Equal("1", status["NoNewPrivs"]);
        // proc(5): of a process that is not dumpable these belong to root, so even its own user cannot read them.
        Assert.True(
            await RunAsAsync(owner, "cat", $"/proc/{signer.Id}/environ") != 0,
            "the signer's own user can read its environment: it is dumpable");
        Assert.True(
            await RunAsAsync(owner, "cat", $"/proc/{signer.Id}/mem") != 0,
            "the signer's own user can read its memory: it is dumpable");
    }

    [Fact]
    public async Task A_client_that_the_policy_does_not_name_is_refused_whatever_it_asks()
    {
        RequireRoot();
        await using var site = await Site.CreateAsync(chain);
        site.Change(Path.Combine("signer", "signer.yaml"), ("clients: [0]", $"clients: [{Stranger}]"));
        await site.StartSignerAsync();
        var answer = await new SignerClient(SignerSocketOf(site))
            .AskAsync(new SignerRequest(Status: new StatusRequest()), Cancelled);
        Assert.Equal(SignerRefusal.ClientNotAllowed, answer.Refused?.Code);
        Assert.Null(answer.Status);
    }

    private static void RequireRoot()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux()
                && Privileges.IsRoot, "only root can give the signer a user of its own, and only Linux has /proc");
        Assert.SkipUnless(File.Exists("/usr/bin/setpriv"), "setpriv of util-linux is needed to act as another user");
    }

    private static string SignerSocketOf(Site site) =>
        Path.Combine(Path.GetDirectoryName(site.Folder.SignerPolicy)!, "signer.sock");

    private static ProcessLine SignerOf(Site site) =>
        Processes.All()
            .Single(
            process =>
                process.Name != "sh" && process.Arguments.Contains(site.Folder.SignerPolicy, StringComparison.Ordinal));

    private static async Task<int> RunAsAsync(string user, params string[] command)
    {
        var info = new ProcessStartInfo("setpriv") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["--reuid", user, "--regid", user, "--clear-groups", .. command])
            info.ArgumentList.Add(argument);
        using var process = Process.Start(info)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancelled);
        var errors = await process.StandardError.ReadToEndAsync(Cancelled);
        await output;
        await process.WaitForExitAsync(Cancelled);
        // 127 and the like would mean that the command was never tried.
        Assert.True(
            process.ExitCode is 0 or 1,
            $"'{string.Join(' ', command)}' as {user} ended with {process.ExitCode}: {errors}");
        return process.ExitCode;
    }
}
