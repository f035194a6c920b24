using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm.Abi;
using Tocsin.Texts;

namespace Tocsin.Deployments;

/// <summary>Reads a live deployment, all of it in the newest block.</summary>
internal sealed class DeploymentReader
{
    /// <summary>The controls count instants in 40 bits; a pause that is shown to a call ends a day later.</summary>
    private const ulong LastInstant = (1UL << 40) - 86_401;

    private readonly DeploymentFile file;
    private readonly ContractReads reads;
    private readonly ulong at;

    private DeploymentReader(DeploymentFile file, ContractReads reads, ulong at) =>
        (this.file, this.reads, this.at) = (file, reads, at);

    /// <exception cref="NodeException">The node gives no usable answer.</exception>
    /// <exception cref="InputException">The node is on another chain, or cannot show a pause to a call.</exception>
    public static async Task<DeploymentState> ReadAsync(
        DeploymentFile file, Node node, CancellationToken cancellationToken)
    {
        var chain = await node.ChainIdAsync(cancellationToken);
        if (chain != file.Chain)
            throw new InputException($"the node is on chain {chain}; the deployment is on {file.Chain}");
        var (block, at) = await node.RequestAsync(
            "eth_getBlockByNumber",
            writer =>
            {
                writer.WriteStringValue("latest");
                writer.WriteBooleanValue(false);
            },
            header => (RpcJson.Number(header, "number"), RpcJson.Number(header, "timestamp")),
            cancellationToken);
        if (at > LastInstant)
            throw new InputException($"the node's newest block bears an impossible time ({at} s since 1970)");
        var reads = new ContractReads(node, block, cancellationToken);
        return await new DeploymentReader(file, reads, at).ReadAsync();
    }

    private async Task<DeploymentState> ReadAsync()
    {
        var withoutCode = await WithoutCodeAsync();
        var bounds = await BoundsAsync();
        var roles = new RoleReader(reads, file.Controls);
        var members = await roles.MembersAsync();
        var modules = file.Holders.SelectMany(holder => holder.Gated).Where(call => !call.Direction.IsExit())
            .Select(call => call.Module).Distinct().ToList();
        var pending = new PendingReader(reads, file, at);
        var (migrations, unread) = await pending.MigrationsAsync();
        var peg = file.Peg is { } gate ? await new PegReader(reads, at).ReadAsync(gate) : null;
        var pegUnread = file.Peg is null || peg is not null || withoutCode.Any(missing => missing.Name == "peg")
            ? null
            : $"the peg: {file.Peg} does not answer as Tocsin's PegGate";
        // Without the controls, nothing that follows from them says anything.
        var isBraked = bounds is not null;
        return new DeploymentState(
            at,
            withoutCode,
            await WiresAsync(withoutCode),
            bounds,
            members,
            isBraked ? await roles.PausersAsync(members, modules, bounds!.MinPause) : [],
            await LooseningDelayAsync(),
            file.Registry is { } registry
                ? await reads.NumberAsync(registry, BrakeFunctions.Getter("quorum", "uint256"))
                : null,
            await new AssetReader(reads, file.Limits, file.Queue).ReadAsync(file.Holders),
            peg,
            migrations,
            await pending.LooseningsAsync(),
            isBraked ? await new GateProber(reads, file.Controls, at).ProbeAsync(file.Holders) : [],
            Unlisted(),
            Bare(),
            ((string?[])[unread, pegUnread]).OfType<string>().ToValueList());
    }

    private async Task<ValueList<Contract>> WithoutCodeAsync()
    {
        var missing = new List<Contract>();
        var contracts = file.Hubs
            .Concat(file.Holders.Select(holder => (holder.Name, holder.Address)))
            .Concat(file.Holders.SelectMany(holder => holder.Assets)
                .Select(asset => (Name: "asset", asset.Address)).Distinct());
        foreach (var (name, address) in contracts)
        {
            if (!await reads.HasCodeAsync(address))
                missing.Add(new Contract(name, address));
        }
        return missing.ToValueList();
    }

    /// <summary>Of what has code: a contract that is not there is told once.</summary>
    private async Task<ValueList<Wire>> WiresAsync(ValueList<Contract> withoutCode)
    {
        var wires = new List<Wire>();
        foreach (var (name, hub) in file.Hubs.Where(hub => hub.Address != file.Controls))
            await AddAsync(name, hub, "controls", file.Controls);
        foreach (var holder in file.Holders)
        {
            await AddAsync(holder.Name, holder.Address, "controls", file.Controls);
            await AddAsync(holder.Name, holder.Address, "limits", file.Limits);
            await AddAsync(holder.Name, holder.Address, "queue", file.Queue);
            await AddAsync(holder.Name, holder.Address, "migrations", file.Migrations);
            await AddAsync(holder.Name, holder.Address, "peg", file.Peg ?? Address.Zero);
        }
        return wires.ToValueList();

        async Task AddAsync(string name, Address contract, string getter, Address expected)
        {
            if (withoutCode.Any(missing => missing.Address == contract))
                return;
            var found = await reads.AddressAsync(contract, BrakeFunctions.Getter(getter, "address"));
            wires.Add(new Wire(name, getter, expected, found));
        }
    }

    private async Task<Bounds?> BoundsAsync()
    {
        var budget = await reads.AskAsync(file.Controls, BrakeFunctions.Budget);
        var seconds = new List<ulong>();
        foreach (var name in (string[])["minPause", "maxPause", "coolDown", "heartbeat", "grace"])
        {
            if (await SecondsAsync(file.Controls, $"{name}Seconds") is { } known)
                seconds.Add(known);
        }
        if (budget is null || seconds is not [var min, var max, var coolDown, var heartbeat, var grace])
            return null;
        return new Bounds(
            min, max, coolDown, ((UInt256)budget[0]).ToUInt64(), ((UInt256)budget[1]).ToUInt64(), heartbeat, grace);
    }

    private async Task<ulong?> LooseningDelayAsync()
    {
        var delays = new List<ulong?>();
        foreach (var hub in (Address?[])[file.Limits, file.Queue, file.Peg])
        {
            if (hub is { } contract)
                delays.Add(await SecondsAsync(contract, "looseningDelaySeconds"));
        }
        return delays.Min();
    }

    private async Task<ulong?> SecondsAsync(Address contract, string getter) =>
        (await reads.NumberAsync(contract, BrakeFunctions.Getter(getter, "uint64")))?.ToUInt64();

    private ValueList<string> Bare() => file.Holders.Count == 0
        ? ["the file"]
        : file.Holders.Where(holder => holder.Gated.Count == 0).Select(holder => holder.Name).ToValueList();

    private ValueList<UnlistedFunction> Unlisted()
    {
        // The gate's own, which migrations hold back.
        var ofGate = AbiFunction.Parse("migrate(address, address, uint256)").Signature;
        return file.Holders.SelectMany(holder =>
            (holder.Abi ?? []).Except([.. holder.Gated.Select(call => call.Signature), .. holder.Exempt, ofGate])
                .Select(signature => new UnlistedFunction(holder.Name, signature)))
            .ToValueList();
    }
}
