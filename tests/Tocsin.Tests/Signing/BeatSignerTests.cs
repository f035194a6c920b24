using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Eip712;
using Tocsin.Evm.Transactions;
using Tocsin.Heartbeats;
using Tocsin.Signing;
using Tocsin.Signing.Keys;
using static Tocsin.Tests.Signing.SignerDesk;

namespace Tocsin.Tests.Signing;

public sealed class BeatSignerTests : IDisposable
{
    private static readonly AbiFunction Beat =
        AbiFunction.Parse("beat(address pauser,uint64 sequence,uint64 expires,bytes signature)");

    private readonly SignerDesk desk = new(policy => policy with
    {
        Heartbeats =
        [
            new HeartbeatPolicy(
                LocalChain, Controls, TimeSpan.FromDays(10),
                new RelayerPolicy(new KeySettings.Raw(new Secret("env:NONE")), 200_000, 1_000, 3)),
        ],
    });

    public void Dispose() => desk.Dispose();

    [Fact]
    public void A_beat_is_signed_by_the_pauser_and_carried_by_the_relayer()
    {
        var beat = Signed(7);

        Assert.True(Eip1559Transaction.TryParseSigned(Hex.Parse(beat.Raw), out var sent, out var sender));
        Assert.Equal((Relayer.Address, Controls, 7UL, UInt256.Zero), (sender, sent.To, sent.Nonce, sent.ValueWei));
        var arguments = Beat.DecodeArguments(sent.Data);
        Assert.Equal(Key.Address, arguments[0]);
        Assert.Equal((UInt256)(ulong)Noon.ToUnixTimeSeconds(), arguments[1]);
        Assert.Equal((UInt256)(ulong)Noon.AddHours(12).ToUnixTimeSeconds(), arguments[2]);
        Assert.True(Signature.TryParse(Hex.Format((byte[])arguments[3]), out var signature));
        Assert.True(signature.TryRecover(Digest(arguments), out var signer));
        Assert.Equal(Key.Address, signer);
    }

    [Fact]
    public void A_beat_takes_no_nonce_and_no_place_of_a_pause()
    {
        Signed(7);

        Assert.Empty(desk.Entries);
        Assert.Equal(5UL, desk.Signed(SignerDesk.Request(Decision())).Nonce);
    }

    [Fact]
    public void The_same_nonce_may_be_replaced_and_the_next_must_wait_also_after_a_restart()
    {
        var first = Signed(7);
        desk.Restart();

        Assert.Equal(SignerRefusal.TooManySignatures, Ask(8).Refused?.Code);
        Assert.Equal(first.Sequence + 1, Signed(7).Sequence);
        desk.Time.Now = Noon.AddDays(10);
        Assert.True(Signed(8).Sequence > first.Sequence);
    }

    [Fact]
    public void No_more_than_the_day_allows_are_signed()
    {
        for (var i = 0; i < 3; i++)
            Signed(7);

        Assert.Equal(SignerRefusal.TooManySignatures, Ask(7).Refused?.Code);
    }

    [Fact]
    public void A_clock_that_goes_back_gives_no_sequence_twice()
    {
        var first = Signed(7);
        desk.Time.Now = Noon.AddHours(-1);

        Assert.Equal(first.Sequence + 1, Signed(7).Sequence);
    }

    [Fact]
    public void Another_brake_chain_or_fee_is_refused()
    {
        Assert.Equal(SignerRefusal.NotAllowed, Ask(Request(7) with { Brake = Key.Address }).Refused?.Code);
        Assert.Equal(SignerRefusal.NotAllowed, Ask(Request(7) with { Chain = new ChainId(1) }).Refused?.Code);
        Assert.Equal(SignerRefusal.FeeAboveCeiling, Ask(Request(7) with { MaxFeePerGasWei = 1_001 }).Refused?.Code);
        Assert.Equal(
            SignerRefusal.FeeAboveCeiling, Ask(Request(7) with { MaxPriorityFeePerGasWei = 901 }).Refused?.Code);
    }

    [Fact]
    public void The_status_names_the_brakes()
    {
        var heartbeat = Assert.Single(desk.Answer(new SignerRequest(new StatusRequest())).Status!.Heartbeats);

        Assert.Equal(new HeartbeatStatus(LocalChain, Controls, Relayer.Address, 864_000, 200_000, 1_000), heartbeat);
    }

    [Theory]
    [InlineData(0, false, false)]
    [InlineData(9.9, false, false)]
    [InlineData(10, true, false)]
    [InlineData(14.9, true, false)]
    [InlineData(15, true, true)]
    [InlineData(31, true, true)]
    public void A_beat_is_due_at_a_third_and_late_at_half(double days, bool isDue, bool isLate)
    {
        var life = new PauserLife(Noon.AddDays(30), TimeSpan.FromDays(30));

        Assert.Equal((isDue, isLate), (life.IsDue(Noon.AddDays(days)), life.IsLate(Noon.AddDays(days))));
        Assert.Equal(
            days > 30, life.InWords("p", "b", Noon.AddDays(days)).Contains("CANNOT PAUSE", StringComparison.Ordinal));
    }

    private static Hash32 Digest(IReadOnlyList<object> arguments) => new TypedData(
        new Eip712Domain("Tocsin EmergencyControls", "1", LocalChain, Controls),
        new Dictionary<string, ValueList<TypedDataField>>
        {
            ["Heartbeat"] = [new("pauser", "address"), new("sequence", "uint64"), new("expires", "uint64")],
        },
        "Heartbeat",
        new Dictionary<string, object>
        {
            ["pauser"] = arguments[0],
            ["sequence"] = arguments[1],
            ["expires"] = arguments[2],
        }).Digest();

    private static BeatRequest Request(ulong nonce) => new(LocalChain, Controls, nonce, 900, 10);

    private SignerAnswer Ask(ulong nonce) => Ask(Request(nonce));

    private SignerAnswer Ask(BeatRequest request) => desk.Answer(new SignerRequest(Beat: request));

    private BeatEntry Signed(ulong nonce)
    {
        var answer = Ask(nonce);
        Assert.Null(answer.Refused);
        return answer.Beat!;
    }
}
