using Tocsin.Chains;

namespace Tocsin.Deployments;

/// <summary>Who holds which role, and what each pauser could do now.</summary>
internal sealed class RoleReader(ContractReads reads, Address controls)
{
    public async Task<ValueList<Member>> MembersAsync()
    {
        var members = new List<Member>();
        foreach (var role in Enum.GetValues<Role>().Where(role => role != Role.None))
        {
            foreach (var item in await reads.ListAsync(controls, BrakeFunctions.MembersOf, (ulong)role))
                members.Add(await MemberAsync((Address)item, role));
        }
        return members.ToValueList();
    }

    public async Task<ValueList<PauserState>> PausersAsync(
        IEnumerable<Member> members, IReadOnlyCollection<Hash32> modules, ulong minPauseSeconds)
    {
        var pausers = new List<PauserState>();
        foreach (var member in members.Where(member => member.Role == Role.Pauser))
        {
            var probes = new List<PauseProbe>();
            foreach (var module in modules)
            {
                var call = BrakeFunctions.Pause.Encode(module, minPauseSeconds, Hash32.Zero);
                var tried = await reads.TryAsync(member.Address, controls, call, []);
                probes.Add(new PauseProbe(ModuleName.Format(module), tried.Words));
            }
            pausers.Add(new PauserState(
                member.Address,
                await SecondsAsync(BrakeFunctions.AliveUntil, member.Address),
                await SecondsAsync(BrakeFunctions.BudgetLeft, member.Address),
                probes.ToValueList()));
        }
        return pausers.ToValueList();
    }

    private async Task<Member> MemberAsync(Address address, Role role)
    {
        if (!await reads.HasCodeAsync(address))
            return new Member(address, role, HasCode: false, [], 0, null);
        var owners = await reads.ListAsync(address, BrakeFunctions.Owners);
        var threshold = await reads.NumberAsync(address, BrakeFunctions.Threshold);
        return new Member(
            address, role, HasCode: true, owners.Cast<Address>().ToValueList(), Bounded(threshold),
            await reads.NumberAsync(address, BrakeFunctions.MinDelay));
    }

    private async Task<ulong> SecondsAsync(Evm.Abi.AbiFunction question, Address pauser) =>
        Bounded(await reads.NumberAsync(controls, question, pauser));

    private static ulong Bounded(UInt256? number) =>
        number is not { } known ? 0 : known > ulong.MaxValue ? ulong.MaxValue : known.ToUInt64();
}
