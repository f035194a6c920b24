using System.Numerics;
using Tocsin.Chains;
using Tocsin.Demo.Scenarios;
using Tocsin.Texts;

namespace Tocsin.Demo;

/// <summary>The brake on the local chain: who may pause, how much may leave, and where the rest waits.</summary>
/// <param name="Peg">Null where no contract asks for the dollar's price.</param>
internal sealed record Brake(
    Deployed Controls, Deployed Limits, Deployed Queue, Deployed Migrations, DollarPeg? Peg)
{
    private const ulong Hour = 3_600;
    private const ulong Day = 24 * Hour;

    /// <summary>What the constructor of a contract behind the gate takes.</summary>
    public object Wiring => new object[]
    {
        Controls.Address, Limits.Address, Queue.Address, Peg?.Gate.Address ?? Address.Zero, Migrations.Address,
    };

    /// <param name="signer">The one pauser.</param>
    /// <param name="hasPeg">Whether the gate asks for the dollar's price.</param>
    public static async Task<Brake> DeployAsync(Deployment deployment, Cast cast, Address signer, bool hasPeg)
    {
        object[] none = [];
        object[] members =
        [
            new object[] { cast.Governance }, new object[] { signer },
            new object[] { cast.Recovery, cast.OtherRecovery }, none, none, none,
        ];
        // Pauses of an hour to a week, a day between two episodes, 14 days of 90 for a pauser that was heard of within
        // 30 days; liquidations stay stopped for four hours more.
        object[] bounds = [Hour, 7 * Day, Day, 14 * Day, 90 * Day, 30 * Day, 4 * Hour];
        var controls = await deployment.DeployAsync("EmergencyControls", members, bounds);
        var limits = await deployment.DeployAsync("OutflowLimits", controls.Address, 2 * Day);
        // An hour's entries make a batch; it can be looked at for a day.
        var queue = await deployment.DeployAsync(
            "WithdrawalQueue", controls.Address, 2 * Day, new object[] { Hour, Day, 180 * Day });
        var migrations = await deployment.DeployAsync("Migrations", controls.Address, 2 * Day);
        var peg = hasPeg ? await DollarPeg.DeployAsync(deployment, controls, cast) : null;
        return new Brake(controls, limits, queue, migrations, peg);
    }

    /// <summary>Governance lifts the limit of a coin, as slowly as it must: the chain's time goes on by two days.
    /// </summary>
    public async Task LiftAsync(
        Anvil anvil, Address governance, Address holder, Coin coin, CancellationToken cancellationToken)
    {
        object[] lifted = [holder, coin.Contract.Address, OutflowRule.None];
        await GovernAsync("scheduleLoosening");
        await anvil.Node.RequestAsync("evm_increaseTime", cancellationToken, 2 * Day);
        await GovernAsync("loosen");

        async Task GovernAsync(string function)
        {
            var sent = await anvil.SendAsync(
                governance, Limits.Address, Limits.Call(function, lifted), cancellationToken);
            if (!(await anvil.ReceiptAsync(sent, cancellationToken)).Succeeded)
                throw new InputException($"the limit could not be lifted: {function} reverted in {sent}");
        }
    }
}

/// <summary>How much of an asset may leave a contract within a day, in whole units.</summary>
/// <param name="Cap">Never more than this.</param>
/// <param name="Floor">Never less, however little is held.</param>
/// <param name="Single">In one transaction.</param>
/// <param name="ShareBasisPoints">Of what was surely held.</param>
internal sealed record OutflowRule(decimal Cap, decimal Floor, decimal Single, ulong ShareBasisPoints)
{
    private const ulong Day = 86_400;
    private const ulong SetOffBlocks = 5;

    private static readonly UInt256 Unlimited = (UInt256)((BigInteger.One << 128) - 1);

    /// <summary>What <see cref="ToTuple"/> gives, of a rule that limits nothing.</summary>
    public static object[] None { get; } =
        [Unlimited, Unlimited, Unlimited, Unlimited, Unlimited, 0UL, Day, Day, SetOffBlocks];

    /// <summary>30 % of what is held, and 1,000,000 at once and 10,000,000 a day at most.</summary>
    public static OutflowRule Default { get; } = new(10_000_000, 50_000, 1_000_000, 3_000);

    /// <summary>For a coin that is made, of which the contract holds none.</summary>
    public static OutflowRule Minting(decimal daily) => new(daily, daily, daily / 10, 0);

    /// <summary>As <c>OutflowLimits.Rule</c>; no limit of an account's own, and nobody attests.</summary>
    public object[] ToTuple(int decimals) =>
    [
        Protocol.Units(Cap, decimals), Protocol.Units(Floor, decimals), Protocol.Units(Single, decimals), Unlimited,
        Unlimited, ShareBasisPoints, Day, Day, SetOffBlocks,
    ];

    /// <summary>As <c>WithdrawalQueue.Rule</c>: what waits leaves as slowly as a single transaction's limit.</summary>
    public object[] ToLine(int decimals) =>
        [Protocol.Units(Single, decimals), Protocol.Units(Cap, decimals), Day];
}
