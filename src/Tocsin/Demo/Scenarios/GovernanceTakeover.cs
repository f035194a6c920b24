using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Findings;

namespace Tocsin.Demo.Scenarios;

/// <summary>Borrowed votes pass a proposal that lets the attacker spend the treasury. Every step of it is allowed; what
/// betrays it is what the proposal does, and how fresh the votes are.</summary>
internal sealed class GovernanceTakeover : Scenario
{
    private const string Timelock = "@openzeppelin/contracts/build/contracts/TimelockController.json";
    private const ulong DelaySeconds = 1;
    private const int Spendings = 4;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    // What a treasury spends at once may be more than what a user takes out.
    private static readonly OutflowRule Spending = OutflowRule.Default with { Single = 1_200_000 };
    private static readonly UInt256 Loot = Protocol.Dollars(1_100_000);
    private static readonly Hash32 Proposer = Keccak256.Hash("PROPOSER_ROLE");
    private static readonly Hash32 Spender = Keccak256.Hash("SPENDER");

    private Deployed votes = null!;
    private Deployed lender = null!;
    private Deployed timelock = null!;
    private Deployed governor = null!;
    private Deployed treasury = null!;

    public override string Name => "governance-takeover";

    public override string Shows => "borrowed votes pass a proposal that hands out the right to spend the treasury";

    public override Expectation Expected { get; } = new(Threat.GovernanceAttack)
    {
        Besides = [Threat.PrivilegeChange, Threat.ContractAnomaly],
        Names = Naming.Some,
    };

    public override async Task<Additions> DeployAsync(
        Deployment deployment, Protocol protocol, Cast cast, CancellationToken cancellationToken)
    {
        var governance = cast.Governance;
        votes = await deployment.DeployAsync("DemoVotes", governance, Votes(1_000_000));
        lender = await deployment.DeployAsync("VoteLender", votes.Address, protocol.Dollar.Address);
        timelock = await deployment.DeployPackageAsync(
            Timelock, DelaySeconds, Array.Empty<object>(), new object[] { Address.Zero }, governance);
        governor = await deployment.DeployAsync("DemoGovernor", votes.Address, timelock.Address);
        await deployment.SendAsync(governance, timelock, "grantRole", Proposer, governor.Address);
        treasury = await deployment.DeployAsync(
            "Treasury", protocol.Dollar.Address, timelock.Address, protocol.Brake.Wiring);
        await deployment.GiveDollarsAsync(protocol, governance, 6_000_000);
        await deployment.SendAsync(
            governance, protocol.Dollar, "transfer", treasury.Address, Protocol.Dollars(6_000_000));
        await deployment.LimitAsync(protocol, treasury, protocol.Dollar.Address, Spending);
        await deployment.SendAsync(governance, votes, "transfer", lender.Address, Votes(500_000));
        foreach (var user in cast.Users.Take(4))
        {
            await deployment.SendAsync(governance, votes, "transfer", user, Votes(100_000));
            await deployment.SendAsync(user, votes, "delegate", user);
        }
        await deployment.GiveDollarsAsync(protocol, cast.Attacker, 450_000);
        await deployment.AllowAsync(cast.Attacker, protocol.Dollar, lender);
        return new Additions([new Guarded("treasury", treasury, "vault")], [], [.. cast.Extras])
        {
            // Everything here happened within the hour: what is older than ten minutes counts as old.
            Settings = $"""
                detectors:
                  governance-attack:
                    - governor: "{ChecksumAddress.Format(governor.Address)}"
                      token: "{ChecksumAddress.Format(votes.Address)}"
                      quorum: 100000
                      timelock: "{ChecksumAddress.Format(timelock.Address)}"
                      window: 10min
                      minimum_delay: 5s
                """,
        };
    }

    /// <summary>Two old holders propose something harmless and vote for it.</summary>
    public override async Task<string> LookAlikesAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var (proposer, voter) = (world.Cast.Users[0], world.Cast.Users[1]);
        var proposal = new Proposal(world.Protocol.Market, world.Protocol.Market.Call("claim"), "Collect interest");
        await world.SucceedAsync(
            cancellationToken,
            await world.SendAsync(proposer, governor, Encode("propose", proposal), cancellationToken));
        await AfterBlocksAsync(world, 2, cancellationToken);
        var vote = await VoteAsync(world, proposal, cancellationToken);
        await world.SucceedAsync(
            cancellationToken,
            await world.SendAsync(proposer, governor, vote, cancellationToken),
            await world.SendAsync(voter, governor, vote, cancellationToken));
        return "an ordinary proposal that two old holders voted for";
    }

    public override async Task<string> AttackAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var attacker = world.Cast.Attacker;
        var proposal = new Proposal(treasury, treasury.Call("grantRole", Spender, attacker), "Improve the treasury");
        await world.StrikeAsync(
            attacker, lender, lender.Call("borrow", Votes(450_000)), takes: false, cancellationToken);
        await StrikeAsync(votes, votes.Call("delegate", attacker));
        await StrikeAsync(governor, Encode("propose", proposal));
        await AfterBlocksAsync(world, 2, cancellationToken);
        await StrikeAsync(governor, await VoteAsync(world, proposal, cancellationToken));
        await UntilAsync(world, Encode("queue", proposal, hashed: true), cancellationToken);
        await StrikeAsync(governor, Encode("queue", proposal, hashed: true));
        await UntilAsync(world, Encode("execute", proposal, hashed: true), cancellationToken);
        await StrikeAsync(governor, Encode("execute", proposal, hashed: true));
        await world.SucceedAsync(cancellationToken, await SpendAsync(world, cancellationToken));
        return "450,000 votes borrowed, a proposal passed with them, and 1,100,000 dUSD spent out of the treasury";

        async Task StrikeAsync(Deployed contract, byte[] data) => await world.SucceedAsync(
            cancellationToken, await world.StrikeAsync(attacker, contract, data, takes: false, cancellationToken));
    }

    public override Target TargetOf(Protocol protocol, Cast cast) => Target.DollarsOf(
        protocol, treasury,
        "the treasury lets 30 % of what it surely holds leave in a day, whoever may spend; its voters have no say over "
            + "its limits, which another governance holds and cannot loosen within two days");

    public override async Task StrikeAloneAsync(DemoWorld world, int round, CancellationToken cancellationToken)
    {
        if (round == 0)
            await AttackAsync(world, cancellationToken);
        else
            await world.Anvil.ReceiptAsync(await SpendAsync(world, cancellationToken), cancellationToken);
    }

    public override async Task GoOnAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        for (var spending = 1; spending < Spendings; spending++)
        {
            await Task.Delay(Every, cancellationToken);
            await SpendAsync(world, cancellationToken);
        }
    }

    private Task<Hash32> SpendAsync(DemoWorld world, CancellationToken cancellationToken) => world.StrikeAsync(
        world.Cast.Attacker, treasury, treasury.Call("spend", world.Cast.Attacker, Loot), takes: true,
        cancellationToken);

    private byte[] Encode(string function, Proposal proposal, bool hashed = false) => governor.Call(
        function,
        new object[] { proposal.Target.Address },
        new object[] { UInt256.Zero },
        new object[] { proposal.Data },
        hashed ? Keccak256.Hash(proposal.Description) : proposal.Description);

    private async Task<byte[]> VoteAsync(DemoWorld world, Proposal proposal, CancellationToken cancellationToken)
    {
        var id = await world.Anvil.Node.CallAsync(
            null, governor.Address, Encode("hashProposal", proposal, hashed: true), UInt256.Zero, null,
            cancellationToken);
        return governor.Call("castVote", new UInt256(id), 1UL);
    }

    private async Task UntilAsync(DemoWorld world, byte[] data, CancellationToken cancellationToken)
    {
        while (!await world.WouldSucceedAsync(world.Cast.Attacker, governor, data, cancellationToken))
            await PassAsync(world, cancellationToken);
    }

    private static async Task AfterBlocksAsync(DemoWorld world, ulong blocks, CancellationToken cancellationToken)
    {
        var until = (await world.Anvil.Node.HeadAsync(cancellationToken)).Number + blocks;
        while ((await world.Anvil.Node.HeadAsync(cancellationToken)).Number < until)
            await PassAsync(world, cancellationToken);
    }

    private static async Task PassAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        await world.Anvil.MineOverlookedAsync(cancellationToken);
        await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
    }

    private static UInt256 Votes(decimal amount) => Protocol.Gems(amount);

    private sealed record Proposal(Deployed Target, byte[] Data, string Description);
}
