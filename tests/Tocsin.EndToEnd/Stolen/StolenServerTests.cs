using System.Diagnostics;
using System.Globalization;
using Tocsin.Audit;
using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.EndToEnd.Parts;
using Tocsin.Evm;
using Tocsin.Signing;

namespace Tocsin.EndToEnd.Stolen;

/// <summary>
/// Somebody else is the server: he has its files, its environment and its socket, and asks the signer for whatever he
/// likes. What he gets is what people agreed to, once each, and no more. That he can read neither key nor journal is
/// in <see cref="Isolation.SignerIsolationTests"/>.
/// </summary>
public sealed class StolenServerTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    private const ulong Gwei = 1_000_000_000;
    private const int Steps = 5_000;

    // A machine that does much else meanwhile goes less far; how far it went is told.
    private static readonly TimeSpan LongestWalk = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Whatever_one_thing_is_changed_in_a_request_nothing_is_signed()
    {
        await using var stolen = await StolenInstallation.StartAsync(chain);
        var granted = new List<string>();
        var asked = 0;
        foreach (var (what, request) in Attacks(stolen))
        {
            asked++;
            if (await stolen.AskAsync(what, request) is not { Refused: not null })
                granted.Add(what);
        }
        foreach (var (what, text) in Lines())
        {
            asked++;
            if (await stolen.SendAsync(what, text, null) is { Refused: null })
                granted.Add(what);
        }

        Assert.Empty(granted);
        Assert.Empty(stolen.Oracle.Faults);
        Assert.Equal(2, stolen.Oracle.Signed.Count);
        TestContext.Current.TestOutputHelper!.WriteLine($"{asked} attacks were refused");
    }

    [Fact]
    public async Task A_thief_gets_what_people_agreed_to_and_on_chain_it_ends_by_itself()
    {
        await using var stolen = await StolenInstallation.StartAsync(chain);
        var given = Environment.GetEnvironmentVariable("TOCSIN_SEED");
        var seed = given is null ? Random.Shared.Next() : int.Parse(given, CultureInfo.InvariantCulture);
        var walk = new Walk(stolen, seed);
        var began = Stopwatch.GetTimestamp();
        for (var step = 0; step < Steps && Stopwatch.GetElapsedTime(began) < LongestWalk; step++)
        {
            await walk.StepAsync(step);
            if (stolen.Oracle.Faults.Count > 0)
                Assert.Fail($"with TOCSIN_SEED={seed}: {string.Join("; ", stolen.Oracle.Faults)}");
        }
        await HarvestAsync(stolen);

        Assert.True(stolen.Oracle.Faults.Count == 0, $"TOCSIN_SEED={seed}: {string.Join("; ", stolen.Oracle.Faults)}");
        // Seven calls were agreed to, and six are signed in a day.
        Assert.Equal(stolen.Policy.SignaturesPerDay, stolen.Oracle.Signed.Count);
        Assert.InRange(stolen.Oracle.Beats, 1, stolen.Policy.BeatsPerDay);
        Tell($"seed {seed}: {stolen.Answered} requests were answered, {stolen.Oracle.Signed.Count} calls signed, "
            + $"{stolen.Oracle.Signed.Values.Sum(versions => versions.Count)} versions, {stolen.Oracle.Beats} beats; "
            + string.Join(", ", stolen.Files().Select(file => $"{file.Key} {file.Value} B")));
        await PlayAsync(stolen);
    }

    /// <summary>All that can be had, as he would ask for it at last, and the dearest version of each.</summary>
    private static async Task HarvestAsync(StolenInstallation stolen)
    {
        foreach (var consent in stolen.Consents.Good)
        {
            for (var call = 0; call < consent.Decision.Calls.Count; call++)
            {
                await stolen.SignAsync($"harvest of what was {consent.Name}", Mutations.Honest(consent, call));
                var ceiling = StolenInstallation.Ceiling(stolen.Policy);
                // However he wasted the replacements, one at the whole ceiling is given: no nonce is stuck for ever.
                var dearest = await stolen.AskAsync(
                    "the whole ceiling",
                    new SignerRequest(Replace: new ReplaceRequest(consent.Decision.Id, call, ceiling, ceiling)));
                if (stolen.Oracle.Signed.TryGetValue((consent.Decision.Id, call), out var versions))
                    Assert.True(
                        versions[^1].MaxPriorityFeePerGasWei == ceiling,
                        $"call {call} of what was {consent.Name} is stuck: {dearest?.Refused?.Reason}");
            }
        }
    }

    private async Task PlayAsync(StolenInstallation stolen)
    {
        var stage = await BrakeStage.SetAsync(chain);
        var before = await stage.WealthAsync();
        var paused = new PausedTime(stage);
        foreach (var (nonce, raw) in stolen.Oracle.Raw)
        {
            var receipt = await stage.SendRawAsync(raw);
            Assert.True(receipt.Succeeded, $"nonce {nonce} failed with {receipt.GasUsed} gas");
            Assert.True(receipt.GasUsed <= stolen.Policy.MinGas, $"a pause needs {receipt.GasUsed} gas");
            Tell($"nonce {nonce} used {receipt.GasUsed} gas");
            await paused.LookAsync();
        }
        await stage.RequireExitsAsync();

        // The two modules for a week each: the whole budget of the one pauser, and its episodes' whole length.
        Assert.Equal(Consents.Week, paused.SecondsOf("market"));
        Assert.Equal(Consents.Week, paused.SecondsOf("vault"));
        Assert.Equal(before, await stage.WealthAsync());
        await stage.ReachAsync(paused.Until);
        await stage.RequireOpenAsync();
        var cost = stolen.Oracle.Signed.Values.Aggregate(
            UInt256.Zero, (sum, versions) => sum + (versions[^1].GasLimit * versions[^1].MaxFeePerGasWei));
        Tell($"on chain: market paused {paused.SecondsOf("market")} s, vault {paused.SecondsOf("vault")} s, value "
            + $"moved 0, every exit open, open again by itself; fees at most {cost.ToUnits(18)} ether");
    }

    private static IEnumerable<(string What, SignerRequest Request)> Attacks(StolenInstallation stolen)
    {
        var (consents, mutations) = (stolen.Consents, stolen.Mutations);
        foreach (var bad in consents.All.Except(consents.Good))
            for (var call = 0; call < bad.Decision.Calls.Count; call++)
                yield return ($"{bad.Name}, call {call}", new(Sign: Mutations.Honest(bad, call)));
        foreach (var consent in (Consent[])[consents.Withdrawn, consents.Open])
            foreach (var mutation in mutations.Of(Mutations.Honest(consent)).Where(one => !one.StaysWithin))
                yield return ($"{consent.Name}, {mutation.What}", new(Sign: mutation.Request));
        foreach (var later in consents.InAdvance)
            yield return ($"{later.Name}, before its turn", new(Sign: Mutations.Honest(later)));
        // What was signed is given again, whatever else is asked with it; but not for other calls.
        foreach (var mutation in mutations.Some(Mutations.Honest(consents.Taken), 1))
            yield return ($"taken, {mutation.What}", new(Sign: mutation.Request));
        foreach (var attack in Others(stolen))
            yield return attack;
    }

    private static IEnumerable<(string What, SignerRequest Request)> Others(StolenInstallation stolen)
    {
        var (policy, taken, open) = (stolen.Policy, stolen.Consents.Taken.Decision, stolen.Consents.Open.Decision);
        var ceiling = StolenInstallation.Ceiling(policy);
        SignerRequest Replace(Hash32 decision, int call, UInt256 fee, UInt256 tip) =>
            new(Replace: new ReplaceRequest(decision, call, fee, tip));
        yield return ("replace what was never signed", Replace(open.Id, 0, ceiling, Gwei));
        yield return ("replace nothing", Replace(Hash32.Zero, 0, ceiling, Gwei));
        yield return ("replace no call", Replace(taken.Id, -1, ceiling, Gwei));
        yield return ("replace a third call", Replace(taken.Id, 2, ceiling, Gwei));
        yield return ("replace above the ceiling", Replace(taken.Id, 0, ceiling + UInt256.One, 2 * Gwei));
        yield return ("replace for everything", Replace(taken.Id, 0, UInt256.MaxValue, UInt256.MaxValue));
        yield return ("replace with a tip above the fee", Replace(taken.Id, 0, 60 * Gwei, 61 * Gwei));
        foreach (var sequence in (long[])[0, -1, long.MinValue])
            yield return ($"head {sequence}", Head(sequence, "a"));
        BeatRequest Beat(ulong chain, Address brake, UInt256 fee, UInt256 tip) => new(new(chain), brake, 0, fee, tip);
        yield return ("beat on another chain", new(Beat: Beat(1, policy.Brake, Gwei, Gwei)));
        yield return ("beat for another brake", new(Beat: Beat(policy.Chain, stolen.Thief.Address, Gwei, Gwei)));
        yield return ("beat above the ceiling", new(Beat: Beat(policy.Chain, policy.Brake, ceiling + Gwei, Gwei)));
        yield return ("beat with a tip above", new(Beat: Beat(policy.Chain, policy.Brake, Gwei, 2 * Gwei)));
        foreach (var wallet in (Address[])[Officers.Chief.Address, Officers.Security.Address, stolen.Thief.Address])
            foreach (var (whose, signatures) in Signatures(stolen, wallet))
                yield return ($"strike {wallet} with {whose}", new(Revoke: new RevokeRequest(
                    wallet, "phone stolen", true, DateTimeOffset.UtcNow.AddHours(1), signatures)));
        yield return ("nothing", new SignerRequest());
        yield return ("two things", Head(1, "a") with { Status = new StatusRequest() });
        yield return ("one to sign and one to look", new(
            Status: new StatusRequest(), Sign: Mutations.Honest(stolen.Consents.Open)));
    }

    private static IEnumerable<(string Whose, ValueList<string> Signatures)> Signatures(
        StolenInstallation stolen, Address wallet)
    {
        yield return ("nothing", []);
        yield return ("approvals of a decision", stolen.Consents.Taken.Approvals);
        var asked = new RevokeRequest(wallet, "phone stolen", true, DateTimeOffset.UtcNow.AddHours(1), []);
        var own = stolen.Thief.Sign(RevocationTypedData.Of(stolen.Policy.Signer, asked).Digest()).ToHex();
        yield return ("his own signature", [own, own]);
    }

    private static SignerRequest Head(long sequence, string text) =>
        new(Head: new HeadRequest(new LogHead(sequence, Keccak256.Hash(text))));

    private static IEnumerable<(string What, string Text)> Lines()
    {
        yield return ("nothing at all", "");
        yield return ("an empty line", "\n");
        yield return ("no end", "{\"status\":{}}");
        yield return ("garbage", "\0\u0001garbage\n");
        yield return ("null", "null\n");
        yield return ("a line beyond 256 KiB", new string('a', 4 << 20) + "\n");
        yield return ("a line of brackets", new string('[', 200_000) + "\n");
        yield return ("a name without end", "{\"" + new string('x', 200_000) + "\":1,\"sign\":{\"call\":\"no\"}}\n");
        yield return (
            "a number without end", "{\"head\":{\"head\":{\"sequence\":" + new string('9', 200_000) + "}}}\n");
    }

    private static void Tell(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);
}
