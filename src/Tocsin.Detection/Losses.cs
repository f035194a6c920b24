namespace Tocsin.Detection;

/// <summary>What protected contracts lost together, and which of them most.</summary>
/// <param name="Usd">Net of what other protected contracts gained; 0 if they are not worse off together.</param>
/// <param name="Contract">The contract that lost most; null if none lost.</param>
internal readonly record struct Loss(decimal Usd, string? Contract)
{
    /// <summary>Adds up flows at the prices that these reserves give. Assets without a price count nothing.</summary>
    public static Loss Of(IEnumerable<Flow> flows, WatchIndex index, ReserveBook prices)
    {
        var net = new decimal[index.Watch.Contracts.Count];
        foreach (var flow in flows)
        {
            var contract = ContractNamed(flow.Contract, index.Watch);
            if (contract >= 0 && index.TryAsset(flow.Asset, out var asset)
                && index.UsdPrice(asset, prices) is { } price)
                net[contract] += Amounts.Usd(flow.NetUnits, price);
        }
        var total = 0m;
        var worst = -1;
        for (var i = 0; i < net.Length; i++)
        {
            total += net[i];
            if (net[i] < 0 && (worst < 0 || net[i] < net[worst]))
                worst = i;
        }
        return new Loss(Math.Round(Math.Max(0, -total), 2), worst < 0 ? null : index.Watch.Contracts[worst].Name);
    }

    private static int ContractNamed(string name, Watch watch)
    {
        for (var i = 0; i < watch.Contracts.Count; i++)
            if (watch.Contracts[i].Name == name)
                return i;
        return -1;
    }
}
