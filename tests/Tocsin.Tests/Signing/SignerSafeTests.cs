using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Safes;
using Tocsin.Signing;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Signing.SignerDesk;

namespace Tocsin.Tests.Signing;

/// <summary>A call that a Safe makes: what the signer takes from the server beyond what approvers signed.</summary>
public sealed class SignerSafeTests : IDisposable
{
    private static readonly Address Safe = new([.. new byte[19], 0x5a]);
    private static readonly PrivateKey[] Owners = [MinimalPlan.Key(71), MinimalPlan.Key(72), MinimalPlan.Key(73)];

    private readonly SignerDesk desk = new(Policy);

    public void Dispose() => desk.Dispose();

    [Fact]
    public void The_owners_signatures_are_all_that_is_filled_in()
    {
        var decision = Decision(calls: [Through("market"), Through("vault")]);

        var transaction = Read(desk.Signed(Request(decision, 7, Owners[2], Owners[0])));

        Assert.Equal(Safe, transaction.To);
        Assert.Equal(UInt256.Zero, transaction.ValueWei);
        var hash = Pausing("market").ToSign(7).Digest();
        Assert.Equal(
            Pausing("market").Calldata(new[] { Owners[0], Owners[2] }.Select(
                key => new OwnerSignature(key.Address, key.Sign(hash)))),
            transaction.Data);
        Assert.Equal(
            decision.Calls[0].Data.ToArray(), SafeTransaction.WithoutSignatures(LocalChain, Safe, transaction.Data));
    }

    /// <summary>What is asked for beyond its rights, approved as asked, and the refusal that it meets.</summary>
    private static readonly (string What, Func<SignRequest> Ask, SignerRefusal Refusal)[] Overreaches =
    [
        ("a delegatecall", () => Of(Outer(3, (UInt256)1)), SignerRefusal.NotCanonical),
        ("gas of the Safe's own choice", () => Of(Outer(4, (UInt256)50_000)), SignerRefusal.NotCanonical),
        ("base gas", () => Of(Outer(5, (UInt256)1)), SignerRefusal.NotCanonical),
        ("a refund", () => Of(Outer(6, (UInt256)1)), SignerRefusal.NotCanonical),
        ("a refund in a token", () => Of(Outer(7, Controls)), SignerRefusal.NotCanonical),
        ("a receiver of refunds", () => Of(Outer(8, Controls)), SignerRefusal.NotCanonical),
        ("signatures that approvers did not see", () => Of(Outer(9, new byte[65])), SignerRefusal.NotCanonical),
        ("trailing bytes", () => Of(With(data => data.Add(0))), SignerRefusal.NotCanonical),
        ("a trailing word", () => Of(With(data => [.. data, .. new byte[32]])), SignerRefusal.NotCanonical),
        ("cut short", () => Of(With(data => [.. data.SkipLast(1)])), SignerRefusal.NotCanonical),
        ("value to the Safe", () => Of(Through("market") with { ValueWei = 1 }), SignerRefusal.NotAllowed),
        ("value from the Safe", () => Of(Outer(1, (UInt256)1)), SignerRefusal.NotAllowed),
        ("another Safe", () => Of(Through("market") with { Target = Owners[0].Address }), SignerRefusal.NotAllowed),
        ("another chain", () => Of(Through("market") with { Chain = new ChainId(1) }), SignerRefusal.NotAllowed),
        ("another target", () => Of(Outer(0, Safe)), SignerRefusal.NotAllowed),
        ("another function", () => Of(Outer(2, new byte[] { 1, 2, 3, 4 })), SignerRefusal.NotAllowed),
        ("no function", () => Of(Outer(2, Array.Empty<byte>())), SignerRefusal.NotAllowed),
        ("trailing bytes within", () => Of(Outer(2, (byte[])[.. PauseCall("market").Data, 0])),
            SignerRefusal.NotCanonical),
        ("another module", () => Of(Through("treasury")), SignerRefusal.OutOfBounds),
        ("the call without the Safe", () => Of(PauseCall("market")) with { Safe = null }, SignerRefusal.NotAllowed),
        ("no approvals", () => Of(Through("market")) with { Approvals = [] }, SignerRefusal.NotEnoughApprovals),
        ("no owners", () => Of(Through("market")) with { Safe = null }, SignerRefusal.NotByOwners),
        ("no signatures", () => Given(), SignerRefusal.NotByOwners),
        ("one owner twice", () => Given(Signature(0), Signature(0)), SignerRefusal.NotByOwners),
        ("more than signatures", () => Given(Signature(0) + "00"), SignerRefusal.NotByOwners),
        ("a signature of a contract", () => Given("0x" + new string('0', 129) + "1"), SignerRefusal.NotByOwners),
        ("a hash approved on chain", () => Given("0x" + new string('1', 128) + "01"), SignerRefusal.NotByOwners),
        ("too many", () => Given([.. Enumerable.Repeat(Signature(0), 101)]), SignerRefusal.NotByOwners),
    ];

    public static TheoryData<string> OverreachNames => [.. Overreaches.Select(overreach => overreach.What)];

    [Theory]
    [MemberData(nameof(OverreachNames))]
    public void Whatever_else_a_Safe_could_be_had_do_is_refused(string what)
    {
        var overreach = Overreaches.Single(overreach => overreach.What == what);

        Assert.Equal(overreach.Refusal, desk.Refused(overreach.Ask()));
        Assert.Empty(desk.Entries);
    }

    [Fact]
    public void Owners_have_nothing_to_sign_for_a_call_of_our_own()
    {
        using var plain = new SignerDesk();
        var request = SignerDesk.Request(Decision()) with { Safe = new SafeSignatures(0, [Signature(0)]) };

        Assert.Equal(SignerRefusal.NotByOwners, plain.Refused(request));
    }

    [Fact]
    public void Another_call_of_the_decision_that_is_not_allowed_has_none_signed() => Assert.Equal(
        SignerRefusal.NotAllowed,
        desk.Refused(Of(Through("market"), Through("vault") with { Target = Controls })));

    [Fact]
    public void The_same_bytes_come_again_whatever_owners_sign_later()
    {
        var decision = Decision(calls: [Through("market")]);
        var first = desk.Signed(Request(decision, 7, Owners[0], Owners[1]));

        Assert.Equal(first, desk.Signed(Request(decision, 8, Owners[1], Owners[2])));
        Assert.Equal(first, desk.Signed(Request(decision, 8) with { Safe = null }));
        desk.Restart();
        Assert.Equal(first, desk.Signed(Request(decision, 9, Owners[2])));
        Assert.Single(desk.Entries);
    }

    [Fact]
    public void A_replacement_keeps_what_the_owners_signed()
    {
        var decision = Decision(calls: [Through("market")]);
        var first = Read(desk.Signed(Request(decision, 7, Owners[0], Owners[1])
            with
        { MaxFeePerGasWei = 100, MaxPriorityFeePerGasWei = 10 }));

        var answer = desk.Answer(new SignerRequest(Replace: new ReplaceRequest(decision.Id, 0, 200, 20)));

        Assert.Equal(first.Data, Read(answer.Signed!).Data);
    }

    [Fact]
    public void Whatever_byte_of_the_approved_call_is_another_it_is_refused() => Prop.ForAll(
        (from at in Gen.Choose(0, Through("market").Data.Count - 1)
         from change in Gen.Choose(1, 255)
         select (at, change)).ToArbitrary(),
        mutation =>
        {
            // Scope, bounds and reason are the policy's to judge: the module's name and the duration.
            var data = Through("market").Data
                .Select((old, index) => index == mutation.at ? (byte)(old ^ mutation.change) : old).ToValueList();
            var answer = desk.Ask(Of(Through("market") with { Data = data }));
            if (answer.Signed is { } signed)
            {
                var read = SafeTransaction.Read(LocalChain, Safe, Read(signed).Data);
                Assert.Equal(Controls, read!.To);
                Assert.Equal(UInt256.Zero, read.ValueWei);
                Assert.InRange(
                    ((UInt256)Pause.DecodeArguments(read.Data.AsSpan())[1]).ToUInt64(), 3_600UL, 604_800UL);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    private static SignerPolicy Policy(SignerPolicy policy) => policy with
    {
        Allowed = [policy.Allowed[0] with { Through = Safe }],
        SignaturesPerDay = 1_000,
    };

    private static SafeTransaction Pausing(string module) =>
        new(LocalChain, Safe, Controls, UInt256.Zero, PauseCall(module).Data);

    private static Call Through(string module) =>
        new(LocalChain, Safe, UInt256.Zero, Pausing(module).Calldata([]).ToValueList());

    private static Call With(Func<ValueList<byte>, ValueList<byte>> change) =>
        Through("market") with { Data = change(Through("market").Data) };

    private static Call Outer(int argument, object value)
    {
        var function = AbiFunction.Parse(
            "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)");
        object[] arguments =
        [
            Controls, UInt256.Zero, PauseCall("market").Data.ToArray(), UInt256.Zero, UInt256.Zero, UInt256.Zero,
            UInt256.Zero, Address.Zero, Address.Zero, Array.Empty<byte>(),
        ];
        arguments[argument] = value;
        return Through("market") with { Data = function.Encode(arguments).ToValueList() };
    }

    private static SignRequest Of(params Call[] calls) => Request(Decision(calls: calls), 7, Owners[0], Owners[1]);

    private static SignRequest Given(params string[] signatures) =>
        Of(Through("market")) with { Safe = new SafeSignatures(7, [.. signatures]) };

    private static SignRequest Request(EmergencyDecision decision, ulong nonce, params PrivateKey[] owners)
    {
        var hash = SafeTransaction.Read(LocalChain, decision.Calls[0].Target, decision.Calls[0].Data.AsSpan())
            ?.ToSign(nonce).Digest() ?? Hash32.Zero;
        return SignerDesk.Request(decision) with
        {
            Safe = new SafeSignatures(nonce, owners.Select(key => key.Sign(hash).ToHex()).ToValueList()),
        };
    }

    private static string Signature(int owner) => Owners[owner].Sign(Pausing("market").ToSign(7).Digest()).ToHex();
}
