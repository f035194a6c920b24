using Tocsin.Demo;
using Tocsin.EndToEnd.Parts;

namespace Tocsin.EndToEnd.BreakGlass;

/// <summary>The real command, signer and brake, with the server off, or cut off.</summary>
public sealed class ContainTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_the_server_off_it_pauses_once_and_the_log_has_it_afterwards()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        await site.StartSignerAsync();

        var trial = await ContainAsync(site, [], "--dry-run");
        Assert.True(trial.ExitCode == 0, trial.Output + trial.Errors);
        Assert.False(File.Exists(Journal(site)));
        var asked = await ContainAsync(site, []);
        Assert.True(asked.ExitCode == 1, asked.Output + asked.Errors);
        Assert.Contains("WAITING", asked.Output, StringComparison.Ordinal);
        var done = await ContainAsync(site, Signatures(site));
        Assert.True(done.ExitCode == 0, done.Output + done.Errors);
        Assert.Contains("market: PAUSED until", done.Output, StringComparison.Ordinal);
        var again = await ContainAsync(site, []);
        Assert.True(again.ExitCode == 0, again.Output + again.Errors);

        await PausedOnceAsync(site);
        await ImportAsync(site, "INC-1: ");
        await ImportAsync(site, "nothing to add");
        await site.StartServerAsync();
        Assert.True(await site.Outside.IsPausedAsync("INC-1", Cancelled));
        Assert.Equal(2, await site.CountAsync("INC-1", "call-signed.1"));
        await PausedOnceAsync(site);
    }

    [Fact]
    public async Task A_pause_that_ended_since_is_not_said_to_hold()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        await site.StartSignerAsync();
        await ContainAsync(site, []);
        var done = await ContainAsync(site, Signatures(site));
        Assert.True(done.ExitCode == 0, done.Output + done.Errors);

        await chain.Anvil.Node.RequestAsync("evm_increaseTime", Cancelled, 30L * 86_400);
        await chain.Anvil.Node.RequestAsync("evm_mine", Cancelled);
        var later = await ContainAsync(site, []);

        Assert.True(later.ExitCode == 1, later.Output + later.Errors);
        Assert.Contains("market: NOT PAUSED any more", later.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("PAUSED until", later.Output, StringComparison.Ordinal);
        await ImportAsync(site, "INC-1: ");
    }

    [Fact]
    public async Task A_kill_at_each_line_of_the_journal_loses_nothing_and_repeats_nothing()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        await site.StartSignerAsync();
        await ContainAsync(site, []);
        var approvals = Path.Combine(site.Folder.Root, "approvals.txt");
        await File.WriteAllLinesAsync(approvals, Signatures(site), Cancelled);
        var kills = 0;
        while (await IsKilledAtTheNextLineAsync(site, approvals))
            kills++;

        var done = await ContainAsync(site, [], "--approvals", approvals);

        Assert.True(done.ExitCode == 0, done.Output + done.Errors);
        Assert.True(kills >= 3, $"killed {kills} times only");
        await PausedOnceAsync(site);
        await ImportAsync(site, "INC-1: ");
    }

    [Fact]
    public async Task A_server_that_is_cut_off_and_acts_at_the_same_time_sends_the_same_bytes()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        await site.StartSignerAsync();
        await site.StartServerAsync();
        await chain.Anvil.ReceiptAsync(await chain.AttackAsync(), Cancelled);
        await site.UntilAsync("the pause is proposed", () => site.Outside.HasDecisionAsync("INC-1", Cancelled));
        await ContainAsync(site, []);

        var people = ContainAsync(site, Signatures(site));
        await Officers.ApproveAsync(site.Outside.Server, "INC-1", Officers.Chief, Cancelled);
        await Officers.ApproveAsync(site.Outside.Server, "INC-1", Officers.Security, Cancelled);
        var done = await people;

        Assert.True(done.ExitCode == 0, done.Output + done.Errors);
        await site.UntilAsync("the server knows it", () => site.Outside.IsPausedAsync("INC-1", Cancelled));
        await PausedOnceAsync(site);
        await site.KillServerAsync();
        await ImportAsync(site, "INC-1: ");
        await site.StartServerAsync();
        Assert.Equal(["INC-1"], await site.Outside.IncidentsAsync(Cancelled));
        Assert.Equal(2, await site.CountAsync("INC-1", "call-signed.1"));
        await PausedOnceAsync(site);
    }

    private static string Journal(Site site) => Contain.Journal(site);

    private static string[] Signatures(Site site) => Contain.Signatures(Contain.TypedData(Journal(site)));

    private static Task<Ended> ContainAsync(Site site, IReadOnlyList<string> pasted, params string[] more) =>
        Contain.RunAsync(pasted, Contain.ByConfig(site, more));

    /// <returns>False where it came to its end without another line.</returns>
    private static async Task<bool> IsKilledAtTheNextLineAsync(Site site, string approvals)
    {
        // Its length alone: the file itself is locked by whoever writes it.
        var length = new FileInfo(Journal(site)).Length;
        using var process = Contain.Start(Contain.ByConfig(site, "--approvals", approvals));
        _ = process.StandardOutput.ReadToEndAsync(Cancelled);
        _ = process.StandardError.ReadToEndAsync(Cancelled);
        process.StandardInput.Close();
        await Wait.UntilAsync(
            "another line",
            () => Task.FromResult(process.HasExited || new FileInfo(Journal(site)).Length > length),
            () => site.Output);
        if (process.HasExited && new FileInfo(Journal(site)).Length == length)
            return false;
        process.Kill();
        await process.WaitForExitAsync(Cancelled);
        return true;
    }

    private static Task ImportAsync(Site site, string says) => Contain.ImportAsync(site, Journal(site), says);

    private Task PausedOnceAsync(Site site) => Contain.PausedOnceAsync(site, chain);
}
