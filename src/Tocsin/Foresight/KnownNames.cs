using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Plans;

namespace Tocsin.Foresight;

/// <summary>What people call an account.</summary>
/// <param name="Sender">The signer's account, or the Safe that it has execute the call.</param>
internal sealed record KnownNames(ProtectedThings Things, Address Sender)
{
    public string Of(Address account) =>
        All.FirstOrDefault(known => known.Address == account).Name
        ?? (account == Sender ? "the signer's account" : account == default ? "nobody"
            : ChecksumAddress.Format(account));

    public Asset? AssetAt(Address account) => Things.Assets.FirstOrDefault(asset => asset.Address == account);

    /// <summary>So much of a harm: in units of its asset where that is known, else the bare number.</summary>
    public string Amount(PlannedHarm harm, UInt256 number) =>
        Things.Assets.FirstOrDefault(asset => asset.Name == harm.Asset)?.InWords(number) ?? number.ToString();

    private IEnumerable<(string Name, Address Address)> All => Things.Controls
        .Select(control => (control.Name, control.Address))
        .Concat(Things.Contracts.Select(contract => (contract.Name, contract.Address)))
        .Concat(Things.Assets.Select(asset => (asset.Name, asset.Address)))
        .Concat(Things.Pools.Select(pool => (pool.Name, pool.Address)));
}
