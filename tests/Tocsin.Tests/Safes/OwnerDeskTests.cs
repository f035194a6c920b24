using Tocsin.Communications;
using Tocsin.Decisions;
using Tocsin.Evm;
using Tocsin.Evm.Safes;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Response;
using Tocsin.Safes;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Signing;
using Tocsin.Tests.Storage;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Safes;

/// <summary>The owners of a Safe, asked to sign two calls of a decision.</summary>
public sealed class OwnerDeskTests : IDisposable
{
    private static readonly PrivateKey[] Owners = [MinimalPlan.Commander, MinimalPlan.Key(72), MinimalPlan.Key(73)];

    private readonly StoreFolder folder = new();
    private readonly FixedTime time = new(At(30));
    private readonly Logbook logbook;
    private readonly EmergencyDecision decision;

    public OwnerDeskTests()
    {
        var owners = string.Join(", ", Owners.Select(key => $"\"{ChecksumAddress.Format(key.Address)}\""));
        var read = MinimalPlan.With(
            "    calls:\n      - scope: market",
            $"    safe:\n      safe: controls\n      threshold: 2\n      owners: [{owners}]\n      calls:\n"
                + "      - scope: market");
        Assert.False(read.HasErrors, string.Join('\n', read.Complaints));
        var page = new Uri("https://tocsin.example/");
        logbook = new Logbook(folder.Open(), new Links(_ => page, (_, _, _) => page, page), time);
        logbook.Adopt(read);
        decision = Decision with
        {
            PlanHash = read.Plan.DecisionsHash,
            Calls = read.Plan.Actions[0].Calls.Select(call => call.Call).ToValueList(),
        };
        logbook.Record((_, _) => [Whole[1].Event, Opened() with { Plan = read.Plan.ContentHash }]);
        logbook.Record((_, _) => [Proposed(decision)]);
        logbook.Record((_, _) => [Simulated(0), Simulated(1)]);
    }

    private Incident Incident => logbook.Book[First]!;

    private CallProgress Call => Incident.Decision!.Calls[0];

    public void Dispose()
    {
        logbook.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void As_many_as_the_Safe_asks_for_are_enough_each_once()
    {
        Ask(0, 4);

        Assert.Null(Submit(Owners[1], 4).Refusal);
        Assert.Equal(OwnerRefusal.AlreadyGiven, Submit(Owners[1], 4).Refusal);
        Assert.False(Call.Consent!.IsEnough);
        Assert.Null(Submit(Owners[0], 4, isMessage: true).Refusal);

        Assert.True(Call.Consent!.IsEnough);
        Assert.Equal([Owners[2].Address], Call.Consent.Missing);
        var data = SafeSigning.Filled(new SeenCall(Incident, 0))!;
        Assert.Equal(
            decision.Calls[0].Data.ToArray(),
            SafeTransaction.WithoutSignatures(decision.Calls[0].Chain, decision.Calls[0].Target, data));
        Assert.False(SafeSigning.IsOfAnotherNonce(new SeenCall(Incident, 0), data));
        Ask(0, 5);
        Assert.True(SafeSigning.IsOfAnotherNonce(new SeenCall(Incident, 0), data));
    }

    [Fact]
    public void What_does_not_count_is_refused_and_recorded()
    {
        Assert.Equal(OwnerRefusal.NotAsked, Submit(Owners[0], 4).Refusal);
        Ask(0, 4);

        Assert.Equal(OwnerRefusal.NotAnOwner, Submit(MinimalPlan.Stranger, 4).Refusal);
        Assert.Equal(OwnerRefusal.NotAnOwner, Submit(Owners[0], 3).Refusal);
        Assert.Equal(OwnerRefusal.NotAnOwner, Submit(Owners[0], 4, of: 1).Refusal);
        Assert.Equal(OwnerRefusal.Malformed, new OwnerDesk(logbook).Submit(First, 0, "0x12").Refusal);
        Assert.Equal(OwnerRefusal.NotAsked, new OwnerDesk(logbook).Submit(First, 2, "0x12").Refusal);
        Assert.Equal(OwnerRefusal.NotAsked, new OwnerDesk(logbook).Submit(First, -1, "0x12").Refusal);
        Assert.Equal(4, Call.Consent!.Refused.Count);
        time.Now = decision.ExpiresAt;
        Assert.Equal(OwnerRefusal.Expired, Submit(Owners[0], 4).Refusal);
        Assert.Empty(Call.Consent.Given);
    }

    [Fact]
    public void Another_nonce_voids_what_was_signed_and_keeps_what_was_refused()
    {
        Ask(0, 4);
        Submit(Owners[0], 4);
        Submit(MinimalPlan.Stranger, 4);

        Ask(0, 5);

        Assert.Empty(Call.Consent!.Given);
        Assert.Single(Call.Consent.Refused);
        Assert.Equal(4UL, Call.Consent.Former);
        Assert.Equal(OwnerRefusal.NotAnOwner, Submit(Owners[0], 4).Refusal);
        Assert.Null(Submit(Owners[0], 5).Refusal);
    }

    [Fact]
    public void Who_is_revoked_signs_no_more()
    {
        Ask(0, 4);
        Submit(Owners[0], 4);

        logbook.Record((_, _) =>
        [
            new IncidentEvent.PersonStruck(First, "ada", "Ada", [Owners[0].Address], "Ben", "phone stolen"),
        ]);

        Assert.Empty(Call.Consent!.Given);
    }

    [Fact]
    public void The_signer_is_asked_in_the_order_of_the_nonces_when_the_owners_have_signed()
    {
        Assert.Equal(["AskOwners 0", "AskOwners 1"], Owed());
        Ask(0, 4);
        Ask(1, 5);
        logbook.Record((_, _) => [new IncidentEvent.DecisionTaken(First, decision.Id)]);
        Assert.Equal(["AskOwners 0", "AskOwners 1"], Owed());
        foreach (var owner in Owners.Take(2))
            new OwnerDesk(logbook).Submit(First, 1, Signature(owner, 5, false, 1));
        Assert.Equal(["AskOwners 0", "AskOwners 1"], Owed());
        foreach (var owner in Owners.Take(2))
            Submit(owner, 4);
        Assert.Equal(["AskOwners 0", "Sign 0", "AskOwners 1"], Owed());
        Signed(0);
        Assert.Equal(["Broadcast 0", "AskOwners 1", "Sign 1"], Owed());
        Assert.Equal(OwnerRefusal.AlreadySigned, Submit(Owners[2], 4).Refusal);
    }

    [Fact]
    public void After_the_expiry_the_signer_is_asked_without_owners_so_that_it_can_refuse()
    {
        Ask(0, 4);
        logbook.Record((_, _) => [new IncidentEvent.DecisionTaken(First, decision.Id)]);

        time.Now = decision.ExpiresAt;

        Assert.Equal(["Sign 0", "Sign 1"], Owed());
    }

    [Fact]
    public void Each_call_has_the_nonce_that_the_earlier_leave_it()
    {
        Assert.Equal((4UL, 5UL), (NonceFor(0, 4), NonceFor(1, 4)));
        Ask(0, 4);
        Signed(0);
        // Sent or in a block, as far as the Safe has come: before and after it took the first.
        Assert.Equal((5UL, 5UL), (NonceFor(1, 4), NonceFor(1, 5)));
        Assert.Equal(6UL, NonceFor(1, 6));
        logbook.Record((_, _) => [new IncidentEvent.CallBroadcast(First, decision.Id, 0, Hash(0x71))]);
        logbook.Record((_, _) =>
            [new IncidentEvent.CallIncluded(First, decision.Id, 0, Hash(0x71), Block(110), false)]);
        Assert.Equal(4UL, NonceFor(1, 4));
        Assert.Null(SafeSigning.NonceFor(new SeenCall(Incident, 1), Tocsin.Chains.UInt256.MaxValue));
    }

    private ulong? NonceFor(int call, ulong present) => SafeSigning.NonceFor(new SeenCall(Incident, call), present);

    private List<string> Owed() =>
    [
        .. Duties.Of(Incident, logbook.PlanOf(Incident), time.Now).Select(duty => duty switch
        {
            Duty.AskOwners ask => $"AskOwners {ask.Call}",
            Duty.Sign sign => $"Sign {sign.Call}",
            Duty.Broadcast send => $"Broadcast {send.Call}",
            _ => duty.GetType().Name,
        }),
    ];

    private void Signed(int call) => logbook.Record((_, _) =>
        [new IncidentEvent.CallSigned(First, decision.Id, call, 7, Hash(0x71), "0x02")]);

    private IncidentEvent.CallSimulated Simulated(int call) => new(First, decision.Id, call, true, "it would succeed");

    private void Ask(int call, ulong nonce) => logbook.Record((_, _) =>
    [
        new IncidentEvent.OwnersAsked(
            First, decision.Id, call, decision.Calls[call].Target, nonce, Transaction(call).ToSign(nonce).Digest(), 2,
            Owners.Select(key => key.Address).ToValueList()),
    ]);

    private SafeTransaction Transaction(int call) => SafeTransaction.Read(
        decision.Calls[call].Chain, decision.Calls[call].Target, decision.Calls[call].Data.AsSpan())!;

    private OwnerOutcome Submit(PrivateKey owner, ulong nonce, bool isMessage = false, int of = 0) =>
        new OwnerDesk(logbook).Submit(First, 0, Signature(owner, nonce, isMessage, of));

    private string Signature(PrivateKey owner, ulong nonce, bool isMessage, int of)
    {
        var hash = Transaction(of).ToSign(nonce).Digest();
        return owner.Sign(isMessage ? OwnerSignature.AsMessage(hash) : hash).ToHex();
    }
}
