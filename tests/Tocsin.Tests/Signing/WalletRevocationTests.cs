using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Evm;
using Tocsin.Signing;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Signing.SignerDesk;

namespace Tocsin.Tests.Signing;

public sealed class WalletRevocationTests : IDisposable
{
    private static readonly ValueList<Address> Team =
    [
        MinimalPlan.Commander.Address, MinimalPlan.Deputy.Address, MinimalPlan.Engineer.Address,
        MinimalPlan.Auditor.Address,
    ];

    private readonly SignerDesk desk = new(policy => policy with
    {
        Revocation = new ApprovalRule([new("additional", Team), new("additional", Team)]),
    });

    public void Dispose() => desk.Dispose();

    [Fact]
    public void A_revoked_wallet_fills_no_place_from_then_on_and_after_a_restart()
    {
        Assert.NotNull(Revoke(MinimalPlan.Commander).Revoked);

        Assert.Equal(SignerRefusal.NotEnoughApprovals, desk.Refused(Request(Decision())));
        desk.Restart();
        Assert.Equal(SignerRefusal.NotEnoughApprovals, desk.Refused(Request(Decision())));
        desk.Signed(Request(Decision()) with
        {
            Approvals = Approvals(Decision(), MinimalPlan.Deputy, MinimalPlan.Engineer),
        });
    }

    [Fact]
    public void Whoever_waits_for_approvals_is_told_who_is_revoked()
    {
        Assert.Null(desk.Answer(new SignerRequest(new StatusRequest())).Status!.Revoked);
        Revoke(MinimalPlan.Commander);

        Assert.Equal(
            [MinimalPlan.Commander.Address], desk.Answer(new SignerRequest(new StatusRequest())).Status!.Revoked!);
    }

    [Fact]
    public void What_was_signed_before_is_still_given_in_the_same_bytes()
    {
        var signed = desk.Signed(Request(Decision()));
        Revoke(MinimalPlan.Commander);

        Assert.Equal(signed, desk.Signed(Request(Decision())));
    }

    [Fact]
    public void A_revocation_is_repeated_as_it_was_whoever_asks()
    {
        var first = Revoke(MinimalPlan.Commander).Revoked;

        Assert.Equal(first, Ask(Asked(MinimalPlan.Commander.Address) with { Reason = "something else" }).Revoked);
    }

    [Fact]
    public void Too_few_signatures_or_of_something_else_revoke_nobody()
    {
        var asked = Asked(MinimalPlan.Commander.Address);
        var deputy = Sign(asked, MinimalPlan.Deputy);
        string[][] insufficient =
        [
            [], [deputy], [deputy, deputy], [deputy, Sign(asked, MinimalPlan.Stranger)], [deputy, "0x", "garbage"],
            [deputy, Sign(asked with { Reason = "other" }, MinimalPlan.Auditor)],
            [deputy, Sign(asked with { EvenIfUnfillable = true }, MinimalPlan.Auditor)],
            [deputy, Sign(asked with { Wallet = MinimalPlan.Deputy.Address }, MinimalPlan.Auditor)],
            [deputy, Sign(asked, MinimalPlan.Auditor, MinimalPlan.Stranger.Address)],
        ];

        Assert.All(insufficient, signatures => Assert.Equal(
            SignerRefusal.NotEnoughApprovals, Ask(asked with { Signatures = [.. signatures] }).Refused?.Code));
        desk.Signed(Request(Decision()));
    }

    [Fact]
    public void A_revoked_wallet_revokes_nobody()
    {
        Revoke(MinimalPlan.Deputy);
        var asked = Asked(MinimalPlan.Commander.Address);

        Assert.Equal(
            SignerRefusal.NotEnoughApprovals,
            Ask(Signed(asked, MinimalPlan.Deputy, MinimalPlan.Auditor)).Refused?.Code);
    }

    [Fact]
    public void What_would_leave_an_entry_to_nobody_is_done_only_where_the_quorum_says_so()
    {
        var asked = Asked(MinimalPlan.Engineer.Address);
        Assert.Equal(
            SignerRefusal.WouldBeUnfillable,
            Ask(Signed(asked, MinimalPlan.Commander, MinimalPlan.Auditor)).Refused?.Code);

        var meant = asked with { EvenIfUnfillable = true };
        Assert.Equal(
            SignerRefusal.NotEnoughApprovals,
            Ask(Signed(asked, MinimalPlan.Commander, MinimalPlan.Auditor) with { EvenIfUnfillable = true })
                .Refused?.Code);
        Assert.NotNull(Ask(Signed(meant, MinimalPlan.Commander, MinimalPlan.Auditor)).Revoked);
        Assert.Equal(SignerRefusal.NotEnoughApprovals, desk.Refused(Request(Decision())));
    }

    [Fact]
    public void A_revocation_that_is_late_empty_or_of_a_stranger_is_refused()
    {
        Assert.Equal(
            SignerRefusal.Expired,
            Ask(Signed(Asked(Team[0]) with { ExpiresAt = Noon }, MinimalPlan.Deputy, MinimalPlan.Auditor))
                .Refused?.Code);
        Assert.Equal(SignerRefusal.Malformed, Ask(Asked(Team[0]) with { Reason = "" }).Refused?.Code);
        Assert.Equal(
            SignerRefusal.NotAllowed,
            Ask(Signed(Asked(MinimalPlan.Stranger.Address), MinimalPlan.Deputy, MinimalPlan.Auditor)).Refused?.Code);
    }

    [Fact]
    public void A_policy_that_names_no_quorum_lets_nobody_revoke()
    {
        using var plain = new SignerDesk();
        var asked = Signed(Asked(Team[0]), MinimalPlan.Deputy, MinimalPlan.Auditor);

        Assert.Equal(
            SignerRefusal.NotAllowed, plain.Answer(new SignerRequest { Revoke = asked }).Refused?.Code);
    }

    [Fact]
    public void The_typed_data_is_read_back_for_its_own_signer_alone()
    {
        var asked = Asked(Team[0]);
        var json = RevocationTypedData.Of(Key.Address, asked).ToJson();

        Assert.Equal(asked, RevocationTypedData.Read(json, Key.Address));
        Assert.Null(RevocationTypedData.Read(json, MinimalPlan.Stranger.Address));
        Assert.Null(RevocationTypedData.Read(DecisionTypedData.Of(Decision()).ToJson(), Key.Address));
        Assert.Null(RevocationTypedData.Read("{}", Key.Address));
    }

    private SignerAnswer Revoke(PrivateKey whose) => Ask(Signed(
        Asked(whose.Address),
        [.. new[] { MinimalPlan.Deputy, MinimalPlan.Auditor, MinimalPlan.Engineer }
            .Where(key => key != whose).Take(2)]));

    [Fact]
    public void A_request_of_two_parts_does_neither()
    {
        var both = new SignerRequest(new StatusRequest()) { Revoke = Asked(MinimalPlan.Commander.Address) };

        Assert.Equal(SignerRefusal.Malformed, desk.Answer(both).Refused?.Code);
        Assert.Equal(SignerRefusal.Malformed, desk.Answer(new SignerRequest()).Refused?.Code);
    }

    private SignerAnswer Ask(RevokeRequest asked) => desk.Answer(new SignerRequest { Revoke = asked });

    private static RevokeRequest Asked(Address wallet) =>
        new(wallet, "phone stolen", false, Noon.AddHours(1), []);

    private static RevokeRequest Signed(RevokeRequest asked, params PrivateKey[] keys) =>
        asked with { Signatures = keys.Select(key => Sign(asked, key)).ToValueList() };

    private static string Sign(RevokeRequest asked, PrivateKey key, Address? account = null) =>
        key.Sign(RevocationTypedData.Of(account ?? SignerDesk.Key.Address, asked).Digest()).ToHex();
}
