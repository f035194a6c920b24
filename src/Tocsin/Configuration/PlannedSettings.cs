using System.Globalization;
using Tocsin.Chains;
using Tocsin.Detection.Governance;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Plans;
using Tocsin.Texts;

namespace Tocsin.Configuration;

/// <summary>An operation of ours that is announced under <c>planned</c>, and where the file says so.</summary>
internal sealed record PlannedSettings(Planned Operation, SourceLine At)
{
    public static PlannedSettings Read(YamlPart part)
    {
        part.Knows("name", "from", "to", "by", "target", "calldata", "calldata_hash", "function");
        var hash = part.Optional("calldata_hash")?.Parsed<Hash32>(
            text => Hash32.TryParse(text, out var read) ? read : null, "a hash (0x and 64 hexadecimal digits)");
        if (part.Optional("calldata") is { } calldata)
        {
            if (hash is not null)
                calldata.Complain("give 'calldata' or 'calldata_hash', not both");
            hash = Keccak256.Hash(
                calldata.Parsed<Bytes>(Data, "the data of the call (0x and hexadecimal digits)").Of ?? []);
        }
        return new PlannedSettings(
            new Planned(
                part.Required("name").Line(), Instant(part.Required("from")), Instant(part.Required("to")),
                Addresses.OnChain(part.Required("by")), part.Required("target").Line(), hash,
                part.Optional("function")?.Parsed<Selector>(
                    Function, "a function with its types, such as setFee(uint256)")),
            part.At);
    }

    private readonly record struct Bytes(byte[]? Of);

    private static Bytes? Data(string text) =>
        Hex.TryParse(text, out var bytes) && bytes.Length > 0 ? new Bytes(bytes) : null;

    private static Selector? Function(string text)
    {
        try
        {
            return AbiFunction.Parse(text).Selector;
        }
        catch (AbiException)
        {
            return null;
        }
    }

    // Without an offset it would be another hour for another reader.
    private static DateTimeOffset Instant(YamlPart part) => part.Parsed<DateTimeOffset>(
        text => DateTimeOffset.TryParseExact(
            text, ["yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mmzzz",
                "yyyy-MM-dd'T'HH:mm:sszzz"],
            CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)
            ? at
            : null,
        "an instant such as 2026-03-01T14:00Z");
}
