using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Commands;
using Tocsin.Demo;
using Tocsin.Deployments;
using Tocsin.EndToEnd.Parts;

namespace Tocsin.EndToEnd.Deployments;

/// <summary>What the check finds in real contracts: nothing in a good deployment, one thing in a bad one.</summary>
public sealed class DeploymentCheckTests(BrakedChain chain) : IClassFixture<BrakedChain>, IAsyncLifetime
{
    private const ulong Day = BrakedChain.Day;

    /// <summary>What is done to the good deployment (or its file), and what is found.</summary>
    private static readonly Dictionary<string, (string Kind, Harm Harm)> Harms = new()
    {
        ["no contract at the registry's address"] =
            ("no-code", chain => Task.FromResult(chain.Good with { Registry = BrakedChain.Feed(99) })),
        ["the vault asks other migrations"] = ("wiring", async chain =>
            chain.Good with { Migrations = await chain.DeployMigrationsAsync() }),
        ["governance with a key"] =
            ("governance-key", chain => Then(chain, chain.GiveRoleAsync(chain.Accounts[10], Role.Governance))),
        ["a timelock made short"] =
            ("timelock-short", chain => Then(chain, chain.GovernAsync(chain.Timelock, "updateDelay", Day))),
        ["only two recoverers"] =
            ("role-thin", chain => Then(chain, chain.GovernAsync(chain.Controls, "removeFromRole", chain.Accounts[5]))),
        ["a recoverer's Safe that a pauser owns a part of"] = ("role-overlap", chain => Then(
            chain, chain.BecomeSafeAsync(chain.Accounts[5], chain.Accounts[1], chain.Accounts[10], 2))),
        ["a recoverer's Safe of which one owner is enough"] = ("safe-threshold", chain => Then(
            chain, chain.BecomeSafeAsync(chain.Accounts[5], chain.Accounts[10], chain.Accounts[11], 1))),
        ["a pauser whose heart stopped"] = ("pauser-dead", chain => Then(chain, chain.StoreAsync(
            chain.Good.Controls, BrakedChain.AliveUntil(chain.Accounts[1]), BrakedChain.Word(1)))),
        ["a pauser that has used its budget"] = ("budget-low", async chain =>
        {
            foreach (var module in (Hash32[])[BrakedChain.Word(1), BrakedChain.Word(2)])
                await chain.SendAsync(chain.Accounts[1], chain.Controls, "pause", module, 3 * Day, Hash32.Zero);
            return chain.Good;
        }
        ),
        ["pauses of two weeks"] = ("bounds", async chain =>
        {
            object[] bounds = [3_600UL, 14 * Day, Day, 14 * Day, 90 * Day, 30 * Day, 14_400UL];
            var file = await chain.DeployAsync(bounds);
            await chain.WaitAsync(3 * Day);
            return file;
        }
        ),
        ["an asset without a limit"] = ("no-rule", chain => chain.HoldAsync(null, 100)),
        ["an asset without a line"] =
            ("no-line", chain => chain.HoldAsync(BrakedChain.Rule(200, 200, 100, 0), null)),
        ["a limit above what is held"] =
            ("limit-never-bites", chain => chain.HoldAsync(BrakedChain.Rule(1_000, 1_000, 100, 0), 100)),
        ["one transaction that may take all"] =
            ("single-never-bites", chain => chain.HoldAsync(BrakedChain.Rule(200, 200, 1_000, 0), 100)),
        ["a limit that nothing counts for yet"] =
            ("base-zero", chain => chain.HoldAsync(BrakedChain.Rule(400, 200, 100, 2_000), 100)),
        ["a queue that trickles"] =
            ("queue-slow", chain => chain.HoldAsync(BrakedChain.Rule(200, 200, 100, 0), 1)),
        ["old prices"] = ("peg-sources", async chain =>
        {
            await chain.StoreAsync(BrakedChain.Feed(1), 2, BrakedChain.Word(Day + 60));
            await chain.StoreAsync(BrakedChain.Feed(2), 2, BrakedChain.Word(Day + 60));
            return chain.Good;
        }
        ),
        ["one source by two names"] = ("peg-same-feed", chain => Then(chain, chain.StoreAsync(
            BrakedChain.Feed(2), 1, BrakedChain.Word(BrakedChain.Feed(0x11))))),
        ["a coin off its peg"] = ("peg-grade", async chain =>
        {
            await chain.StoreAsync(BrakedChain.Feed(1), 0, BrakedChain.Word(99_400_000));
            await chain.StoreAsync(BrakedChain.Feed(2), 0, BrakedChain.Word(99_400_000));
            return chain.Good;
        }
        ),
        ["a migration that waits"] = ("migration-pending", chain => Then(chain, chain.GovernAsync(
            chain.Migrations, "announce", chain.Vault.Address, chain.Reserve.Address, chain.Accounts[10], 1UL))),
        ["a rule that waits"] = ("loosening-pending", chain => Then(chain, chain.GovernAsync(
            chain.Limits, "scheduleLoosening", chain.Vault.Address, chain.Reserve.Address,
            BrakedChain.Rule(900, 200, 100, 2_000)))),
        ["a function that the module's pause does not stop"] =
            ("no-gate", chain => Call(chain, call => call with { Module = BrakedChain.Word(7) })),
        ["a sample of somebody who has nothing"] =
            ("gate-unproven", chain => Call(chain, call => call with { From = chain.Accounts[11] })),
        ["an exit that can be paused"] =
            ("exit-paused", chain => Call(chain, call => call with { Direction = Direction.Repay })),
        ["a file that lists no holder"] =
            ("nothing-gated", chain => Task.FromResult(chain.Good with { Holders = [] })),
        ["a function that the file leaves out"] = ("not-listed", chain => Task.FromResult(
            chain.Changed(holder => holder with { Abi = holder.Abi!.Add("sweep(address)") }))),
    };

    private delegate Task<DeploymentFile> Harm(BrakedChain chain);

    public static TheoryData<string> Cases => [.. Harms.Keys];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await chain.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_good_deployment_has_no_weakness() => Assert.Empty(await WeaknessesAsync(chain.Good));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_is_wrong_is_found_and_nothing_else(string harm)
    {
        var (kind, act) = Harms[harm];

        var weakness = Assert.Single(await WeaknessesAsync(await act(chain)));

        Assert.Equal(kind, weakness.Kind);
    }

    [Fact]
    public async Task N16_a_pause_that_would_fail_at_incident_time_is_found_beforehand_for_each_pauser()
    {
        await chain.SendAsync(
            chain.Accounts[1], chain.Controls, "pause", chain.Good.Holders[0].Gated[0].Module, 3 * Day, Hash32.Zero);
        await chain.WaitAsync((3 * Day) + 60);

        var weaknesses = await WeaknessesAsync(chain.Good);

        Assert.Equal(["cannot-pause", "cannot-pause"], weaknesses.Select(weakness => weakness.Kind));
        Assert.All(weaknesses, weakness => Assert.Contains("CoolingDown", weakness.What, StringComparison.Ordinal));
        Assert.Contains(weaknesses, weakness =>
            weakness.Subject.StartsWith(chain.Accounts[2].ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task While_a_module_is_paused_its_functions_are_known_to_be_gated()
    {
        await chain.SendAsync(
            chain.Accounts[1], chain.Controls, "pause", chain.Good.Holders[0].Gated[0].Module, 3_600UL, Hash32.Zero);

        Assert.Empty(await WeaknessesAsync(chain.Good));
    }

    [Fact]
    public async Task An_override_gives_a_sample_what_its_caller_lacks()
    {
        // Balances of OpenZeppelin's ERC-20 are in slot 0, allowances in slot 1.
        var user = BrakedChain.Word(chain.Accounts[11]).ToArray();
        var balance = Evm.Keccak256.Hash([.. user, .. new byte[32]]);
        var allowances = Evm.Keccak256.Hash([.. user, .. BrakedChain.Word(1).ToArray()]);
        var allowance = Evm.Keccak256.Hash(
            [.. BrakedChain.Word(chain.Vault.Address).ToArray(), .. allowances.ToArray()]);
        var much = BrakedChain.Word(BrakedChain.E18(5));
        var token = chain.Reserve.Address;

        var file = chain.Changed(holder => holder with
        {
            Gated =
            [
                holder.Gated[0] with
                {
                    From = chain.Accounts[11],
                    Overrides = [new SlotValue(token, balance, much), new SlotValue(token, allowance, much)],
                },
                holder.Gated[1],
            ],
        });

        Assert.Empty(await WeaknessesAsync(file));
    }

    [Fact]
    public async Task The_command_ends_with_0_1_or_2_and_prints_a_document()
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, Json(chain.Good, Anvil.Chain.Value), Cancelled);
            var good = await Executable.RunAsync("contracts", "check", path, "--rpc", chain.Anvil.Rpc.ToString());
            await chain.GovernAsync(chain.Controls, "removeFromRole", chain.Accounts[5]);
            var bad = await Executable.RunAsync(
                "contracts", "check", path, "--rpc", chain.Anvil.Rpc.ToString(), "--json");
            await File.WriteAllTextAsync(path, Json(chain.Good, 1), Cancelled);
            var other = await Executable.RunAsync("contracts", "check", path, "--rpc", chain.Anvil.Rpc.ToString());

            Assert.Equal((ExitCode.Done, ExitCode.FoundWrong, ExitCode.NotUsable),
                (good.ExitCode, bad.ExitCode, other.ExitCode));
            Assert.StartsWith("no weakness: holders 1, calls that move value 2", good.Output, StringComparison.Ordinal);
            using var document = JsonDocument.Parse(bad.Output);
            Assert.Equal("role-thin", Assert.Single(document.RootElement.GetProperty("weaknesses").EnumerateArray())
                .GetProperty("kind").GetString());
            Assert.Contains("the deployment is on 1", other.Errors, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private async Task<IReadOnlyList<Weakness>> WeaknessesAsync(DeploymentFile file) =>
        Judgement.Of(await DeploymentReader.ReadAsync(file, chain.Anvil.Node, Cancelled));

    private static async Task<DeploymentFile> Then(BrakedChain chain, Task harm)
    {
        await harm;
        return chain.Good;
    }

    /// <summary>The second call of the vault, changed.</summary>
    private static Task<DeploymentFile> Call(BrakedChain chain, Func<GatedCall, GatedCall> change) => Task.FromResult(
        chain.Changed(holder => holder with { Gated = [holder.Gated[0], change(holder.Gated[1])] }));

    private static string Json(DeploymentFile file, ulong chainId)
    {
        var holder = file.Holders[0];
        return JsonSerializer.Serialize(new
        {
            chainId,
            controls = file.Controls.ToString(),
            limits = file.Limits.ToString(),
            queue = file.Queue.ToString(),
            peg = file.Peg.ToString(),
            migrations = file.Migrations.ToString(),
            compensation = file.Compensation.ToString(),
            registry = file.Registry.ToString(),
            holders = new[]
            {
                new
                {
                    name = holder.Name,
                    module = "vault",
                    address = holder.Address.ToString(),
                    assets = holder.Assets.Select(asset => new
                    {
                        address = asset.Address.ToString(), minted = asset.IsMinted,
                    }),
                    gated = holder.Gated.Select(call => new
                    {
                        signature = call.Signature, direction = call.Direction.ToString(),
                        calldata = Hex.Format(call.Calldata), from = call.From.ToString(),
                    }),
                },
            },
        });
    }
}
