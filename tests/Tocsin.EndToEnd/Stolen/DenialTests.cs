using System.Diagnostics;
using System.Net.Sockets;
using Tocsin.Audit;
using Tocsin.EndToEnd.Parts;
using Tocsin.Evm;
using Tocsin.Signing;

namespace Tocsin.EndToEnd.Stolen;

/// <summary>
/// Who is the server can keep the server from being served. He cannot keep anybody else from it who asks under a user
/// of their own, as <c>contain</c> does, and he cannot fill the signer's disk.
/// </summary>
public sealed class DenialTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    private const int Looks = 20;
    private const int Flood = 200;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_holds_every_place_that_he_gets_keeps_no_other_user_from_being_served()
    {
        Assert.SkipUnless(StolenInstallation.IsRoot, "only root can be two users");
        await using var stolen = await StolenInstallation.StartAsync(chain);
        var thief = stolen.Door(StolenInstallation.User(0));
        var held = new List<Socket>();
        try
        {
            for (var connection = 0; connection < Flood; connection++)
                held.Add(thief.Connect());

            for (var look = 0; look < Looks; look++)
                Assert.NotNull((await AskAsync(stolen, 1))?.Status);
        }
        finally
        {
            held.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task Whoever_asks_without_end_for_what_is_dear_to_refuse_keeps_no_other_user_waiting_in_vain()
    {
        Assert.SkipUnless(StolenInstallation.IsRoot, "only root can be two users");
        await using var stolen = await StolenInstallation.StartAsync(chain);
        var dear = Dear(stolen);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var flood = Enumerable.Range(0, 40).Select(_ => FloodAsync(stolen, dear, enough.Token)).ToList();
        var waited = new List<double>();
        for (var look = 0; look < Looks; look++)
        {
            var began = Stopwatch.GetTimestamp();
            var answer = await AskAsync(stolen, 1);
            waited.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            Assert.True(answer?.Status is not null, $"refused: {answer?.Refused?.Reason}");
        }
        await enough.CancelAsync();
        var asked = (await Task.WhenAll(flood)).Sum();

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{asked} requests with 100 signatures each were asked meanwhile; another user waited "
            + $"{waited.Order().ElementAt(Looks / 2):0} ms in the middle and {waited.Max():0} ms at most");
        Assert.Equal(2, (await AskAsync(stolen, 2))!.Status!.Entries);
    }

    [Fact]
    public async Task What_is_refused_or_asked_again_writes_nothing()
    {
        await using var stolen = await StolenInstallation.StartAsync(chain);
        var head = new LogHead(7, Keccak256.Hash("a head"));
        await stolen.AskAsync("a head", new SignerRequest(Head: new HeadRequest(head)));
        var before = stolen.Files();
        for (var again = 0; again < Looks; again++)
        {
            await stolen.SignAsync("again", Mutations.Honest(stolen.Consents.Taken));
            await stolen.SignAsync("refused", Mutations.Honest(stolen.Consents.Expired));
            await stolen.AskAsync("again", new SignerRequest(Head: new HeadRequest(head)));
            await stolen.AskAsync("back", new SignerRequest(Head: new HeadRequest(head with { Sequence = 6 })));
        }

        Assert.Equal(before, stolen.Files());
        Assert.Empty(stolen.Oracle.Faults);
    }

    // Nothing tells that it is in vain before all of it was looked at: it is the open use, and within the policy.
    private static SignRequest Dear(StolenInstallation stolen)
    {
        var honest = Mutations.Honest(stolen.Consents.Open);
        return honest with
        {
            Approvals = [.. Enumerable.Range(1, 100).Select(number =>
                stolen.Thief.Sign(Keccak256.Hash($"{number}")).ToHex())],
        };
    }

    private static async Task<int> FloodAsync(
        StolenInstallation stolen, SignRequest dear, CancellationToken cancellationToken)
    {
        var asked = 0;
        try
        {
            for (; !cancellationToken.IsCancellationRequested; asked++)
            {
                var answer = await stolen.Door(StolenInstallation.User(0)).AskAsync(
                    new SignerRequest(Sign: dear), cancellationToken);
                stolen.Oracle.Judge("a flood", null, answer);
            }
        }
        catch (OperationCanceledException)
        {
            // The test has seen enough.
        }
        return asked;
    }

    private static Task<SignerAnswer?> AskAsync(StolenInstallation stolen, int user) =>
        stolen.Door(StolenInstallation.User(user))
            .AskAsync(new SignerRequest(Status: new StatusRequest()), Cancelled);
}
