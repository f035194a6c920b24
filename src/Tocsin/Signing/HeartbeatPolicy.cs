using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Signing.Keys;
using Tocsin.Texts;

namespace Tocsin.Signing;

/// <summary>
/// A brake on chain that must hear of the signer's account now and then, or takes its power to pause. Nobody approves a
/// beat: it says that the key lives, and does nothing else.
/// </summary>
/// <param name="Every">The least between two beats.</param>
internal sealed record HeartbeatPolicy(ChainId Chain, Address Brake, TimeSpan Every, RelayerPolicy Relayer)
{
    public static HeartbeatPolicy Read(YamlPart part) => new(
        new ChainId(part.Knows("chain", "brake", "every", "relayer").Required("chain").Quantity()),
        part.Required("brake").Parsed<Address>(
            text => ChecksumAddress.TryParse(text, out var address) ? address : null,
            "an address with a right checksum"),
        part.Required("every").Duration("1h", "365d"),
        RelayerPolicy.Read(part.Required("relayer")));
}

/// <summary>
/// The account that carries beats to the chain: another than the signer's, so that a beat takes none of its nonces.
/// </summary>
/// <param name="PerDay">Signatures within a day, replacements of one that did not get in among them.</param>
internal sealed record RelayerPolicy(KeySettings Key, ulong MaxGas, UInt256 MaxFeePerGasWei, int PerDay)
{
    public UInt256 MostFeesPerDayWei => (UInt256)(ulong)PerDay * MaxGas * MaxFeePerGasWei;

    public static RelayerPolicy Read(YamlPart part) => new(
        KeySettings.Read(part.Knows("key", "max_gas", "max_fee_gwei", "per_day").Required("key")),
        part.Optional("max_gas")?.Quantity(10_000_000) ?? 200_000,
        (UInt256)(part.Optional("max_fee_gwei")?.Quantity() ?? 200) * 1_000_000_000,
        part.Optional("per_day")?.Number(1, 1_000) ?? 6);
}
