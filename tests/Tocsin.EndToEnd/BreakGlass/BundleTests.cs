using System.Diagnostics;
using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.EndToEnd.Codecs;
using Tocsin.EndToEnd.Parts;
using Tocsin.Evm;

namespace Tocsin.EndToEnd.BreakGlass;

/// <summary>What a bundle is for: to act with nothing of the installation but its signer.</summary>
public sealed class BundleTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Approvals_given_in_advance_with_cast_pause_without_any_configuration()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        await site.StartSignerAsync();
        var bundle = await Contain.WriteBundleAsync(site, "b.zip", "--signer", Contain.RealSocket(site));
        var folder = await Contain.WriteBundleAsync(site, "b", "--signer", Contain.RealSocket(site));
        var journal = Path.Combine(site.Folder.Root, "away.journal");
        var cast = await Foundry.PrepareAsync();
        var typed = Path.Combine(folder, $"{Contain.Action}.typed-data.json");
        var (first, second) = (await SignAsync(cast, typed, Officers.Chief), await SignAsync(
            cast, typed, Officers.Security));
        // The two bundles were written at different instants, so their data expires at different ones.
        var refused = await Contain.RunAsync([first], Contain.ByBundle(site, chain, bundle, journal));
        Assert.True(refused.ExitCode == 1, refused.Output + refused.Errors);

        File.Delete(journal);
        var done = await Contain.RunAsync([first, second], Contain.ByBundle(site, chain, folder, journal));

        Assert.True(done.ExitCode == 0, done.Output + done.Errors);
        Assert.Contains("market: PAUSED until", done.Output, StringComparison.Ordinal);
        var listed = await Contain.RunAsync(
            [], "contain", "--list", "--bundle", folder, "--rpc", chain.Anvil.Rpc.AbsoluteUri, "--signer",
            Contain.RealSocket(site));
        Assert.Contains($"{Contain.Action}: READY", listed.Output, StringComparison.Ordinal);
        await Contain.PausedOnceAsync(site, chain);
        await Contain.ImportAsync(site, journal, "INC-1: ");
        await Contain.ImportAsync(site, journal, "nothing to add");
        await site.StartServerAsync();
        Assert.True(await site.Outside.IsPausedAsync("INC-1", Cancelled));
        await Contain.PausedOnceAsync(site, chain);
    }

    [Fact]
    public async Task Server_configuration_and_bundle_give_the_same_decision_and_the_same_bytes()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        await site.StartSignerAsync();
        await site.StartServerAsync();
        var bundle = await Contain.WriteBundleAsync(site, "b");
        var away = Path.Combine(site.Folder.Root, "away.journal");
        await chain.Anvil.ReceiptAsync(await chain.AttackAsync(), Cancelled);
        await site.UntilAsync("the pause is proposed", () => site.Outside.HasDecisionAsync("INC-1", Cancelled));
        await Contain.RunAsync([], Contain.ByConfig(site));
        await Contain.RunAsync([], Contain.ByBundle(site, chain, bundle, away));

        await Officers.ApproveAsync(site.Outside.Server, "INC-1", Officers.Chief, Cancelled);
        await Officers.ApproveAsync(site.Outside.Server, "INC-1", Officers.Security, Cancelled);
        await site.UntilAsync("the server has paused", () => site.Outside.IsPausedAsync("INC-1", Cancelled));
        var byConfig = await Contain.RunAsync(
            Contain.Signatures(Contain.TypedData(Contain.Journal(site))), Contain.ByConfig(site));
        var byBundle = await Contain.RunAsync(
            Contain.Signatures(Contain.TypedData(away)), Contain.ByBundle(site, chain, bundle, away));

        Assert.True(byConfig.ExitCode == 0, byConfig.Output + byConfig.Errors);
        Assert.True(byBundle.ExitCode == 0, byBundle.Output + byBundle.Errors);
        var server = Contain.SignedAtServer(site);
        foreach (var journal in (string[])[Contain.Journal(site), away])
        {
            var (decision, raw) = Contain.SignedIn(journal);
            Assert.Equal(server.Decision, decision);
            Assert.Equal(server.Raw, raw);
        }
        await Contain.PausedOnceAsync(site, chain);
    }

    /// <summary>Whoever holds the role needs no program of ours, and no signer.</summary>
    [Fact]
    public async Task The_commands_of_the_page_pause_and_prove_it_as_they_stand_there()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        var folder = await Contain.WriteBundleAsync(site, "b", Contain.Action);
        var page = await File.ReadAllLinesAsync(Path.Combine(folder, "read-me.md"), Cancelled);
        var tries = page.Where(line => line.Contains("--from YOURS", StringComparison.Ordinal)).ToList();
        var sends = page.Where(line => line.StartsWith("cast send ", StringComparison.Ordinal)).ToList();
        var views = page.Where(line => line.StartsWith("cast call ", StringComparison.Ordinal)).Except(tries).ToList();
        Assert.Equal((2, 2, 4), (tries.Count, sends.Count, views.Count));
        Assert.False(await site.Outside.IsPausedOnChainAsync("market", Cancelled));

        var stranger = await ShellAsync(tries[0].Replace("YOURS", $"{Address.Zero}", StringComparison.Ordinal));
        Assert.NotEqual(0, stranger.ExitCode);
        foreach (var line in tries)
            Assert.Equal(0, (await ShellAsync(line.Replace(
                "YOURS", $"{chain.SignerKey.Address}", StringComparison.Ordinal))).ExitCode);
        foreach (var line in sends)
        {
            // A test has no hardware wallet; what it would be asked is the same.
            var sent = await ShellAsync(line.Replace(
                "--ledger", $"--private-key {Text(chain.SignerKey)}", StringComparison.Ordinal));
            Assert.True(sent.ExitCode == 0, sent.Errors);
            Assert.Contains("(success)", sent.Output, StringComparison.Ordinal);
        }

        Assert.True(await site.Outside.IsPausedOnChainAsync("market", Cancelled));
        Assert.True(await site.Outside.IsPausedOnChainAsync("vault", Cancelled));
        Assert.EndsWith("1", (await ShellAsync(views[0])).Output.Trim(), StringComparison.Ordinal);
        Assert.NotEqual(0UL, new UInt256(Hex.Parse((await ShellAsync(views[1])).Output.Trim())).ToUInt64());
    }

    [Fact]
    public async Task A_bundle_that_was_changed_is_refused_and_one_of_another_plan_gets_no_signature()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        await site.StartSignerAsync();
        var folder = await Contain.WriteBundleAsync(site, "b");
        await File.AppendAllTextAsync(Path.Combine(folder, "plan.json"), "\n", Cancelled);
        var journal = Path.Combine(site.Folder.Root, "away.journal");
        var refused = await Contain.RunAsync([], Contain.ByBundle(site, chain, folder, journal));
        Assert.True(refused.ExitCode == 2, refused.Output + refused.Errors);
        Assert.Contains("plan.json is not what was written", refused.Errors, StringComparison.Ordinal);

        // A forger makes a whole bundle of their own, for a longer pause than the signer's policy allows.
        site.Change(
            "plan/plan.yaml", ("[market, 86400, under-attack]", "[market, 604801, under-attack]"));
        var forged = await Contain.WriteBundleAsync(site, "forged");
        await Contain.RunAsync([], Contain.ByBundle(site, chain, forged, journal));
        if (File.Exists(Contain.TypedData(journal)))
        {
            var done = await Contain.RunAsync(
                Contain.Signatures(Contain.TypedData(journal)), Contain.ByBundle(site, chain, forged, journal));
            Assert.True(done.ExitCode == 1, done.Output + done.Errors);
            Assert.Contains("the signer does not sign", done.Output, StringComparison.Ordinal);
        }
        Assert.False(await site.Outside.IsPausedOnChainAsync("market", Cancelled));
        Assert.Equal(0UL, await chain.Anvil.Node.NonceAsync(chain.SignerKey.Address, "latest", Cancelled));
    }

    private static Task<string> SignAsync(Foundry cast, string typedData, PrivateKey officer) => cast.RunAsync(
        "wallet", "sign", "--private-key", Text(officer), "--data", "--from-file", typedData);

    private static string Text(PrivateKey key)
    {
        var secret = new byte[PrivateKey.ByteCount];
        key.ExportTo(secret);
        return Hex.Format(secret);
    }

    private async Task<Ended> ShellAsync(string line)
    {
        var info = new ProcessStartInfo("/bin/sh", ["-c", line])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var folder = (await Foundry.PrepareAsync()).Folder;
        info.Environment["PATH"] = $"{folder}:{Environment.GetEnvironmentVariable("PATH")}";
        info.Environment[$"NODE_{Anvil.Chain}"] = chain.Anvil.Rpc.AbsoluteUri;
        using var process = Process.Start(info)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancelled);
        var errors = process.StandardError.ReadToEndAsync(Cancelled);
        await process.WaitForExitAsync(Cancelled);
        return new Ended(process.ExitCode, await output, await errors);
    }
}
