using System.Diagnostics;
using Tocsin.Chains;
using Tocsin.EndToEnd.Parts;

namespace Tocsin.EndToEnd.BreakGlass;

/// <summary>The command, the signer and both, killed at the messages between which something becomes true.</summary>
public sealed class KillTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    public enum Moment
    {
        UseAskedFor,
        SimulationAskedFor,
        SignatureAskedFor,

        /// <summary>It stands in the signer's journal, and nobody was told.</summary>
        SignatureGiven,
        AboutToBeSent,
        SentButNotAnswered,
        IncludedButNotRead,
        AboutToBeVerified,
    }

    public enum Victim
    {
        Command,
        Signer,
        Both,
    }

    private static readonly Moment[] Approved =
        [.. Enum.GetValues<Moment>().Where(moment => moment > Moment.SimulationAskedFor)];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Victim.Command)]
    [InlineData(Victim.Signer)]
    [InlineData(Victim.Both)]
    public async Task Kills_at_every_moment_lose_nothing_and_repeat_nothing(Victim victim)
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        await site.StartSignerAsync();
        var approvals = Path.Combine(site.Folder.Root, "approvals.txt");
        await File.WriteAllTextAsync(approvals, "", Cancelled);
        await StrikeAsync(site, victim, approvals, Moment.UseAskedFor);
        await StrikeAsync(site, victim, approvals, Moment.SimulationAskedFor);
        await Contain.RunAsync([], Contain.ByConfig(site));
        await File.WriteAllLinesAsync(
            approvals, Contain.Signatures(Contain.TypedData(Contain.Journal(site))), Cancelled);
        // Approved, the command goes on when the signer is back; killed itself, it has to be called again.
        if (victim == Victim.Signer)
            await StrikeAsync(site, victim, approvals, Approved);
        else
        {
            foreach (var moment in Approved)
                await StrikeAsync(site, victim, approvals, moment);
        }

        // Whatever became of it, the same words go on where it was.
        await Contain.RunAsync([], Contain.ByConfig(site));
        var done = await Contain.RunAsync(
            Contain.Signatures(Contain.TypedData(Contain.Journal(site))), Contain.ByConfig(site));
        Assert.True(done.ExitCode == 0, done.Output + done.Errors);
        await Contain.PausedOnceAsync(site, chain);
        await Contain.ImportAsync(site, Contain.Journal(site), "INC-1: ");
        await site.StartServerAsync();
        Assert.True(await site.Outside.IsPausedAsync("INC-1", Cancelled));
        Assert.Equal(2, await site.CountAsync("INC-1", "call-signed.1"));
        await Contain.PausedOnceAsync(site, chain);
    }

    /// <summary>One run of the command, in which the victim is killed at each of these moments.</summary>
    private async Task StrikeAsync(Site site, Victim victim, string approvals, params Moment[] moments)
    {
        var hold = Arm(site, moments[0]);
        using var process = Contain.Start(Contain.ByConfig(site, "--approvals", approvals));
        var output = process.StandardOutput.ReadToEndAsync(Cancelled);
        var errors = process.StandardError.ReadToEndAsync(Cancelled);
        process.StandardInput.Close();
        for (var i = 0; i < moments.Length; i++)
        {
            await Wait.ForAsync($"the message of {moments[i]}", hold.Reached, () => site.Output);
            if (victim != Victim.Signer)
                await KillAsync(process);
            if (victim != Victim.Command)
                await site.KillSignerAsync();
            var isLost = victim != Victim.Signer || hold == site.SignerSocket.Hold;
            var struck = hold;
            if (i + 1 < moments.Length)
                hold = Arm(site, moments[i + 1]);
            struck.Release(isLost);
            if (victim != Victim.Command)
                await site.StartSignerAsync();
        }
        await process.WaitForExitAsync(Cancelled);
        await Task.WhenAll(output, errors);
    }

    private Hold Arm(Site site, Moment moment)
    {
        var isPaused = Hex.Format(chain.Protocol.Controls.Abi.Function("isPaused").Selector.ToArray());
        return moment switch
        {
            Moment.UseAskedFor => site.SignerSocket.Hold = Hold.Request("\"use\":{"),
            Moment.SimulationAskedFor => site.Rpc.Hold = Hold.Request("eth_estimateGas"),
            Moment.SignatureAskedFor => site.SignerSocket.Hold = Hold.Request("\"sign\":{"),
            Moment.SignatureGiven => site.SignerSocket.Hold = Hold.Answer("\"sign\":{", "\"signed\":{"),
            Moment.AboutToBeSent => site.Rpc.Hold = Hold.Request("eth_sendRawTransaction"),
            Moment.SentButNotAnswered => site.Rpc.Hold = Hold.Answer("eth_sendRawTransaction", "result"),
            Moment.IncludedButNotRead => site.Rpc.Hold = Hold.Answer("eth_getTransactionReceipt", "blockHash"),
            Moment.AboutToBeVerified => site.Rpc.Hold = Hold.Request("eth_call", isPaused),
            _ => throw new ArgumentOutOfRangeException(nameof(moment)),
        };
    }

    private static async Task KillAsync(Process process)
    {
        process.Kill();
        await process.WaitForExitAsync(Cancelled);
    }
}
