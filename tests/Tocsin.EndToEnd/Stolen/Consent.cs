using System.Text;
using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Demo;
using Tocsin.Evm;
using Tocsin.Evm.Abi;

namespace Tocsin.EndToEnd.Stolen;

/// <summary>What people really put their signatures under, and where it can be found by a thief.</summary>
/// <param name="Name">What became of it.</param>
/// <param name="ByBoth">True where both whom the policy asks for signed exactly this.</param>
internal sealed record Consent(
    string Name, EmergencyDecision Decision, string Action, ValueList<string> Approvals, bool ByBoth);

/// <summary>
/// All that was ever signed in this installation, as it lies in the server's database and its folders: the thief has
/// every line of it, and the oracle knows nothing else that people agreed to.
/// </summary>
internal sealed class Consents
{
    public const string Pausing = "pause-protocol";
    public const string PausingTheMarket = "pause-market";
    public const ulong Day = 86_400;
    public const ulong Week = 7 * Day;

    public static readonly Hash32 Plan = Keccak256.Hash("the plan");

    private static readonly AbiFunction Pause =
        AbiFunction.Parse("pause(bytes32 module,uint64 durationSeconds,bytes32 reasonCode)");

    private readonly Address brake;
    private readonly DateTimeOffset now;

    public Consents(Address brake, DateTimeOffset now)
    {
        (this.brake, this.now) = (brake, now);
        var soon = now.AddMinutes(40);
        Taken = Both("taken and carried out", Of(Pausing, 0, soon, Call("market", Day), Call("vault", Day)));
        Withdrawn = Both(
            "approved, then withdrawn as a false alarm",
            Of(Pausing, 1, soon.AddMinutes(1), Call("market", Week), Call("vault", Week)));
        Open = Both(
            "approved a moment ago", Of(PausingTheMarket, 0, soon, Call("market", Week)), PausingTheMarket);
        Expired = Both("expired", Of(Pausing, 1, now.AddHours(-1), Call("market", Day), Call("vault", Day)));
        Half = new Consent(
            "approved by one of two", Of(Pausing, 1, soon, Call("vault", Week)), Pausing,
            [Sign(Officers.Chief, Of(Pausing, 1, soon, Call("vault", Week)))], ByBoth: false);
        Exercise = Both("an exercise", Of(Pausing, 1, soon, Call("market", Day)) with { Exercise = true });
        Tricked = [.. Tricks(soon)];
    }

    public Consent Taken { get; }

    public Consent Withdrawn { get; }

    public Consent Open { get; }

    public Consent Expired { get; }

    public Consent Half { get; }

    public Consent Exercise { get; }

    /// <summary>What people were brought to sign and the policy allows nobody, whoever signs.</summary>
    public ValueList<Consent> Tricked { get; }

    /// <summary>Approvals given in advance, each for one later use of an action: the worst is that use, once.</summary>
    public ValueList<Consent> InAdvance { get; private set; } = [];

    public IEnumerable<Consent> All =>
        [Taken, Withdrawn, Open, Expired, Half, Exercise, .. Tricked, .. InAdvance];

    /// <summary>What both signed, that is no exercise and within the policy, and that had not expired.</summary>
    public IEnumerable<Consent> Good => [Taken, Withdrawn, Open, .. InAdvance];

    public void GiveInAdvance(int count) => InAdvance =
    [
        .. Enumerable.Range(0, count).Select(later => Both(
            $"given in advance for use {2 + later}",
            Of(Pausing, 2 + (ulong)later, now.AddDays(90), Call("market", Day), Call("vault", Day)))),
    ];

    public static string Sign(PrivateKey key, EmergencyDecision decision) =>
        key.Sign(DecisionTypedData.Of(decision).Digest()).ToHex();

    public Call Call(string module, ulong seconds) => new(
        Anvil.Chain, brake, UInt256.Zero,
        Pause.Encode(Word(module), (UInt256)seconds, Word("under-attack")).ToValueList());

    public static Hash32 Word(string text)
    {
        var word = new byte[Hash32.ByteCount];
        Encoding.ASCII.GetBytes(text, word);
        return new Hash32(word);
    }

    public static EmergencyDecision Of(string action, ulong use, DateTimeOffset expires, params Call[] calls) => new(
        DecisionTypedData.Id(Plan, action, use), false, Plan, [.. calls],
        DateTimeOffset.FromUnixTimeSeconds(expires.ToUnixTimeSeconds()));

    private static Consent Both(string name, EmergencyDecision decision, string action = Pausing) => new(
        name, decision, action, [Sign(Officers.Chief, decision), Sign(Officers.Security, decision)], ByBoth: true);

    private IEnumerable<Consent> Tricks(DateTimeOffset expires)
    {
        var pause = Call("market", Day);
        Consent Trick(string name, params Call[] calls) => Both(name, Of(Pausing, 1, expires, calls));
        Call Function(string signature, params object[] arguments) =>
            pause with { Data = AbiFunction.Parse(signature).Encode(arguments).ToValueList() };
        yield return Trick("unpause", Function("unpause(bytes32,bytes32)", Word("market"), Word("ok")));
        yield return Trick("a role", Function("offerRole(address,uint8)", brake, (UInt256)1));
        yield return Trick("a role given up", Function("leaveRole()"));
        yield return Trick("money", Function("transfer(address,uint256)", brake, (UInt256)1));
        yield return Trick("another module", Call("treasury", Day));
        yield return Trick("a pause beyond the bounds", Call("market", Week + 1));
        yield return Trick("a pause below the bounds", Call("market", 3_599));
        yield return Trick("another chain", pause with { Chain = new ChainId(1) });
        yield return Trick("another target", pause with { Target = Officers.Chief.Address });
        yield return Trick("ether", pause with { ValueWei = UInt256.One });
        yield return Trick("no data", pause with { Data = [] });
        yield return Trick("a byte behind", pause with { Data = [.. pause.Data, 0] });
        yield return Trick("a word behind", pause with { Data = [.. pause.Data, .. new byte[32]] });
        yield return Trick("cut short", pause with { Data = [.. pause.Data.SkipLast(1)] });
        yield return Trick(
            "too many bits", pause with { Data = [.. pause.Data.Select((b, i) => i == 40 ? (byte)1 : b)] });
        yield return Trick("one that is allowed and one that is not", pause, pause with { ValueWei = UInt256.One });
    }
}
