using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Incidents;
using Tocsin.Signing;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Signing.SignerDesk;

namespace Tocsin.Tests.Signing;

public sealed class SignerTests : IDisposable
{
    private readonly SignerDesk desk = new();

    public void Dispose() => desk.Dispose();

    [Fact]
    public void An_approved_call_is_signed_exactly()
    {
        var transaction = Read(desk.Signed(Request(Decision())));

        Assert.Equal(LocalChain, transaction.ChainId);
        Assert.Equal(Controls, transaction.To);
        Assert.Equal(UInt256.Zero, transaction.ValueWei);
        Assert.Equal(PauseCall("market").Data, transaction.Data.ToValueList());
        Assert.Equal(5UL, transaction.Nonce);
        Assert.Equal(100_000UL, transaction.GasLimit);
        Assert.Equal((UInt256)900, transaction.MaxFeePerGasWei);
        Assert.Equal((UInt256)10, transaction.MaxPriorityFeePerGasWei);
    }

    /// <summary>What the server asks for beyond its rights, approved as asked, and the refusal that it meets.</summary>
    private static readonly (string What, Func<SignRequest> Ask, SignerRefusal Refusal)[] Overreaches =
    [
        ("no such call", () => Request(Decision(), 2), SignerRefusal.Malformed),
        ("negative call", () => Request(Decision(), -1), SignerRefusal.Malformed),
        ("no action", () => Request(Decision()) with { Action = "" }, SignerRefusal.Malformed),
        ("long action", () => Request(Decision()) with { Action = new string('a', 201) }, SignerRefusal.Malformed),
        ("exercise", () => Request(Decision() with { Exercise = true }), SignerRefusal.ExerciseMismatch),
        ("expired", () => Request(Decision() with { ExpiresAt = Noon }), SignerRefusal.Expired),
        ("expired by a fraction", () => Request(Decision() with { ExpiresAt = Noon.AddMilliseconds(999) }),
            SignerRefusal.Expired),
        ("before 1970", () =>
            Request(Decision()) with { Decision = Decision() with { ExpiresAt = DateTimeOffset.MinValue } },
            SignerRefusal.Expired),
        ("other id", () => Request(Decision() with { Id = PlanHash }), SignerRefusal.WrongDecisionId),
        ("a later use", () => Request(Decision(use: 1)), SignerRefusal.WrongDecisionId),
        ("other action", () => Request(Decision(), action: "unpause-all"), SignerRefusal.WrongDecisionId),
        ("other plan", () => Request(Decision() with { PlanHash = Hash32.Zero }), SignerRefusal.WrongDecisionId),
        ("other chain", () => Of(PauseCall("market") with { Chain = new ChainId(1) }), SignerRefusal.NotAllowed),
        ("other target", () => Of(PauseCall("market") with { Target = Key.Address }), SignerRefusal.NotAllowed),
        ("value", () => Of(PauseCall("market") with { ValueWei = 1 }), SignerRefusal.NotAllowed),
        ("other function", () => Of(Call("unpause(bytes32 module)", Module())), SignerRefusal.NotAllowed),
        ("no function", () => Of(PauseCall("market") with { Data = [1, 2, 3] }), SignerRefusal.NotAllowed),
        ("second call not allowed", () => Of(PauseCall("market"), PauseCall("vault") with { ValueWei = 1 }),
            SignerRefusal.NotAllowed),
        ("trailing bytes", () => Of(PauseCall("market") with { Data = PauseCall("market").Data.Add(0) }),
            SignerRefusal.NotCanonical),
        ("trailing word", () => Of(PauseCall("market") with { Data = [.. PauseCall("market").Data, .. new byte[32]] }),
            SignerRefusal.NotCanonical),
        ("cut short", () => Of(PauseCall("market") with { Data = [.. PauseCall("market").Data.SkipLast(1)] }),
            SignerRefusal.NotCanonical),
        ("too many bits", () => Of(PauseCall("market") with { Data = WithByte(PauseCall("market").Data, 36, 1) }),
            SignerRefusal.NotCanonical),
        ("other module", () => Of(PauseCall("treasury")), SignerRefusal.OutOfBounds),
        ("too short", () => Of(PauseCall("market", 3599)), SignerRefusal.OutOfBounds),
        ("too long", () => Of(PauseCall("market", 604_801)), SignerRefusal.OutOfBounds),
        ("no approvals", () => Request(Decision()) with { Approvals = [] }, SignerRefusal.NotEnoughApprovals),
        ("too little gas", () => Request(Decision()) with { GasLimit = 59_999 }, SignerRefusal.FeeAboveCeiling),
        ("gas", () => Request(Decision()) with { GasLimit = 500_001 }, SignerRefusal.FeeAboveCeiling),
        ("fee", () => Request(Decision()) with { MaxFeePerGasWei = 1_001 }, SignerRefusal.FeeAboveCeiling),
        ("tip above fee", () => Request(Decision()) with { MaxPriorityFeePerGasWei = 901 },
            SignerRefusal.FeeAboveCeiling),
    ];

    public static TheoryData<string> OverreachNames => [.. Overreaches.Select(overreach => overreach.What)];

    [Theory]
    [MemberData(nameof(OverreachNames))]
    public void Whatever_is_beyond_the_policy_is_refused_by_name(string what)
    {
        var overreach = Overreaches.Single(overreach => overreach.What == what);

        Assert.Equal(overreach.Refusal, desk.Refused(overreach.Ask()));
        Assert.Empty(desk.Entries);
        Assert.Equal(0UL, desk.OpenUse().Use);
    }

    [Fact]
    public void Every_refusal_of_the_signer_is_met_by_a_test() => Assert.Equal(
        Enum.GetValues<SignerRefusal>().Except([SignerRefusal.UseClosed, SignerRefusal.TooManySignatures,
            SignerRefusal.ClientNotAllowed, SignerRefusal.NeverSigned, SignerRefusal.TooManyReplacements,
            SignerRefusal.KeyUnavailable, SignerRefusal.TooManyRequests, SignerRefusal.LogRewound,
            SignerRefusal.NotByOwners, SignerRefusal.WouldBeUnfillable]),
        Overreaches.Select(overreach => overreach.Refusal).Distinct().Order());

    [Theory]
    [InlineData(3600)]
    [InlineData(604_800)]
    public void The_bounds_themselves_are_allowed(int seconds) => desk.Signed(Of(PauseCall("market", (ulong)seconds)));

    /// <summary>By its policy the signer says the same until people change something; by others it may pass.</summary>
    [Fact]
    public void What_was_refused_before_the_journal_was_looked_into_is_no_word_on_signing()
    {
        var words = Enum.GetValues<SignerRefusal>().ToLookup(code => new Refusal(code, "why").By);

        Assert.Equal(
            [SignerRefusal.Malformed, SignerRefusal.ClientNotAllowed, SignerRefusal.TooManyRequests], words[null]);
        Assert.Equal(
            [SignerRefusal.FeeAboveCeiling, SignerRefusal.TooManySignatures, SignerRefusal.KeyUnavailable,
                SignerRefusal.NotByOwners],
            words[RefusedBy.Signer]);
        Assert.Contains(SignerRefusal.NotCanonical, words[RefusedBy.Policy]);
        Assert.Empty(words[RefusedBy.Server]);
    }

    [Fact]
    public void A_request_with_no_part_or_two_is_malformed()
    {
        Assert.Equal(SignerRefusal.Malformed, desk.Answer(new SignerRequest()).Refused!.Code);
        Assert.Equal(SignerRefusal.Malformed, desk.Answer(new SignerRequest(new StatusRequest(),
            new UseRequest(PlanHash, "a"))).Refused!.Code);
    }

    [Fact]
    public void Approvals_that_do_not_count_are_as_none()
    {
        var decision = Decision();
        var commander = Approvals(decision, MinimalPlan.Commander)[0];
        var engineer = Approvals(decision, MinimalPlan.Engineer)[0];
        string[][] insufficient =
        [
            [commander],
            [commander, commander],
            [commander, HighS(engineer)],
            [commander, Approvals(decision, MinimalPlan.Stranger)[0]],
            [commander, Approvals(decision, MinimalPlan.Deputy)[0]],
            [commander, Approvals(decision with { ExpiresAt = decision.ExpiresAt.AddSeconds(1) },
                MinimalPlan.Engineer)[0]],
            [commander, Approvals(decision with { Calls = [decision.Calls[1], decision.Calls[0]] },
                MinimalPlan.Engineer)[0]],
            [commander, "", "0x", "garbage", engineer[..^2], engineer + "00", engineer[2..],
                "0x" + new string('0', 130), "0x" + new string('f', 130)],
        ];

        Assert.All(insufficient, approvals =>
            Assert.Equal(SignerRefusal.NotEnoughApprovals,
                desk.Refused(Request(decision) with { Approvals = [.. approvals] })));
    }

    [Fact]
    public void A_substitute_fills_the_place_whatever_stands_between()
    {
        var decision = Decision();
        var approvals = Approvals(decision, MinimalPlan.Stranger, MinimalPlan.Deputy, MinimalPlan.Engineer);

        desk.Signed(Request(decision) with { Approvals = ["garbage", .. approvals] });
    }

    [Theory]
    [InlineData(1_799_999, null)]
    [InlineData(1_800_000, SignerRefusal.Expired)]
    public void From_the_expiry_on_nothing_new_is_signed(int milliseconds, object? expected)
    {
        desk.Time.Now = Noon.AddMilliseconds(milliseconds);

        Assert.Equal((SignerRefusal?)expected, desk.Refused(Request(Decision())));
    }

    [Fact]
    public void The_same_decision_and_call_give_the_same_bytes_for_ever()
    {
        var first = desk.Signed(Request(Decision()));

        Assert.Equal(first, desk.Signed(Request(Decision())));
        Assert.Equal(first, desk.Signed(Request(Decision()) with
        {
            GasLimit = 1,
            MaxFeePerGasWei = 5_000_000,
            Approvals = [],
        }));
        desk.Time.Now = Noon.AddDays(400);
        desk.Restart();
        Assert.Equal(first, desk.Signed(Request(Decision())));
        Assert.Single(desk.Entries);
    }

    [Fact]
    public void Nonces_follow_each_other_and_refusals_take_none()
    {
        Assert.Equal(5UL, desk.Signed(Request(Decision(), 1)).Nonce);
        Assert.Equal(SignerRefusal.WrongDecisionId, desk.Refused(Request(Decision(use: 7))));
        desk.Restart();
        Assert.Equal(6UL, desk.Signed(Request(Decision(), 0)).Nonce);
        Assert.Equal(7UL, desk.Signed(Request(Decision(use: 1))).Nonce);
        var status = desk.Answer(new SignerRequest(new StatusRequest())).Status!;
        Assert.Equal(new StatusAnswer(Key.Address, false, 8, 3, 1_000, [], Noon, [], MaxGas: 500_000), status);
    }

    [Fact]
    public void Whether_a_call_was_signed_is_told_of_that_call_alone_also_after_a_restart()
    {
        bool? IsSigned(int call) => desk.Answer(new SignerRequest(
            new StatusRequest(Decision: Decision().Id, Call: call))).Status!.IsSigned;
        Assert.False(IsSigned(0));
        desk.Signed(Request(Decision(), 1));
        desk.Restart();
        Assert.True(IsSigned(1));
        Assert.False(IsSigned(0));
        Assert.Null(desk.Answer(new SignerRequest(new StatusRequest())).Status!.IsSigned);
    }

    [Fact]
    public void A_use_is_closed_by_its_first_signature()
    {
        Assert.Equal(new UseAnswer(Decision().Id, 0), desk.OpenUse());
        desk.Signed(Request(Decision()));
        Assert.Equal(new UseAnswer(Decision(use: 1).Id, 1), desk.OpenUse());
        Assert.Equal(0UL, desk.OpenUse("other").Use);
        desk.Signed(Request(Decision(), 1));
        Assert.Equal(1UL, desk.OpenUse().Use);
    }

    [Fact]
    public void A_decision_that_was_begun_is_fixed_also_in_the_calls_that_were_not_signed_yet()
    {
        desk.Signed(Request(Decision()));

        Assert.Equal(SignerRefusal.UseClosed, desk.Refused(Request(Decision(calls: [PauseCall("market"),
            PauseCall("vault", 7200)]), 1)));
        Assert.Equal(SignerRefusal.UseClosed, desk.Refused(Request(Decision(calls: [PauseCall("market"),
            PauseCall("vault"), PauseCall("market")]), 2)));
        Assert.Equal(SignerRefusal.UseClosed, desk.Refused(Request(Decision(calls: [PauseCall("vault"),
            PauseCall("market")]), 1)));
        Assert.Equal(SignerRefusal.UseClosed, desk.Refused(Request(Decision(calls: [PauseCall("vault"),
            PauseCall("market")]), 0)));
        Assert.Equal(SignerRefusal.WrongDecisionId, desk.Refused(Request(Decision(), 1) with { Action = "other" }));
        Assert.Equal(6UL, desk.Signed(Request(Decision(), 1)).Nonce);
    }

    [Fact]
    public void So_many_signatures_a_day_and_no_more()
    {
        using var strict = new SignerDesk(policy => policy with { SignaturesPerDay = 2 });
        var first = strict.Signed(Request(Decision()));
        strict.Time.Now = Noon.AddMinutes(1);
        strict.Signed(Request(Decision(), 1));

        var next = Decision(use: 1) with { ExpiresAt = Noon.AddDays(2) };
        Assert.Equal(SignerRefusal.TooManySignatures, strict.Refused(Request(next)));
        Assert.Equal(first, strict.Signed(Request(Decision())));
        strict.Time.Now = Noon.AddDays(1).AddTicks(-1);
        Assert.Equal(SignerRefusal.TooManySignatures, strict.Refused(Request(next)));
        strict.Time.Now = Noon.AddDays(1);
        strict.Signed(Request(next));
    }

    [Fact]
    public void A_key_of_exercises_signs_exercises_only()
    {
        using var drill = new SignerDesk(policy => policy with { Exercise = true });

        Assert.Equal(SignerRefusal.ExerciseMismatch, drill.Refused(Request(Decision())));
        drill.Signed(Request(Decision() with { Exercise = true }));
    }

    [Fact]
    public void Each_chain_counts_its_own_nonces()
    {
        var other = new ChainId(10);
        using var two = new SignerDesk(policy => policy with
        {
            Allowed = [.. policy.Allowed, policy.Allowed[0] with { Chain = other }],
        });
        var decision = Decision(calls: [PauseCall("market"), PauseCall("market") with { Chain = other }]);

        Assert.Equal(5UL, two.Signed(Request(decision)).Nonce);
        Assert.Equal(5UL, two.Signed(Request(decision, 1)).Nonce);
    }

    [Fact]
    public void No_two_transactions_share_a_nonce_and_no_call_has_two() => Prop.ForAll(
        (from use in Gen.Choose(0, 3)
         from call in Gen.Choose(0, 2)
         from shape in Gen.Choose(0, 3)
         from restart in Gen.Frequency((9, Gen.Constant(false)), (1, Gen.Constant(true)))
         from fee in Gen.Choose(1, 1100)
         select (use, call, shape, restart, fee)).ListOf().ToArbitrary(),
        requests =>
        {
            using var fresh = new SignerDesk(policy => policy with { SignaturesPerDay = 1000 });
            var given = new List<(Hash32 Decision, int Call, SignAnswer Answer)>();
            foreach (var (use, call, shape, restart, fee) in requests.Take(12))
            {
                if (restart)
                    fresh.Restart();
                Call[] calls = shape switch
                {
                    0 => [PauseCall("market"), PauseCall("vault")],
                    1 => [PauseCall("vault"), PauseCall("market")],
                    2 => [PauseCall("market")],
                    _ => [PauseCall("market"), PauseCall("vault"), PauseCall("market", 7200)],
                };
                var decision = Decision((ulong)use, calls: calls);
                if (fresh.Ask(Request(decision, call) with
                {
                    MaxFeePerGasWei = (ulong)fee,
                    MaxPriorityFeePerGasWei = 1,
                }).Signed is { } signed)
                    given.Add((decision.Id, call, signed));
            }
            Assert.All(given.GroupBy(g => g.Answer.Nonce), group => Assert.Single(group.Select(g =>
                g.Answer.Raw).Distinct()));
            Assert.All(given.GroupBy(g => (g.Decision, g.Call)), group =>
                Assert.Single(group.Select(g => g.Answer.Nonce).Distinct()));
            var nonces = fresh.Entries.Select(entry => entry.Nonce);
            Assert.Equal(Enumerable.Range(5, fresh.Entries.Count).Select(nonce => (ulong)nonce), nonces);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(15));

    private static SignRequest Of(params Call[] calls) => Request(Decision(calls: calls));

    private static Call Call(string function, params object[] arguments) =>
        PauseCall("market") with { Data = AbiFunction.Parse(function).Encode(arguments).ToValueList() };

    private static Hash32 Module() => Keccak256.Hash("module");

    private static ValueList<byte> WithByte(ValueList<byte> data, int at, byte value) =>
        data.Select((old, i) => i == at ? value : old).ToValueList();

    // The other root of the same signature: n - s and the other parity (EIP-2 forbids it).
    private static string HighS(string signature)
    {
        Assert.True(Signature.TryParse(signature, out var low));
        var order = UInt256.Parse("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
        return (low with { S = order - low.S, YParity = (byte)(1 - low.YParity) }).ToHex();
    }
}
