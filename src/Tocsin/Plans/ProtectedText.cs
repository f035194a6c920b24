using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>What a plan protects, and what that stands on, as it writes it.</summary>
internal static class ProtectedText
{
    public static (PlanNames Names, ProtectedThings Things) Read(YamlPart part)
    {
        part.Knows(
            "chain", "chains", "controls", "assets", "pools", "contracts", "oracles", "safes", "timelocks", "bridges",
            "front_ends", "accounts", "vendors", "insurance");
        var names = Names(part);
        return (names, new ProtectedThings(
            names.Chain, names.ChainName, names.Assets, names.Pools, names.Contracts)
        {
            Controls = names.Controls.Select(pair => new Control(pair.Key, pair.Value)).ToValueList(),
            OtherChains = names.OtherChains,
            Oracles = Things(part, "oracles"),
            Safes = part.Optional("safes")?.Items().Select(Safe).ToValueList() ?? [],
            Timelocks = Things(part, "timelocks"),
            Bridges = Things(part, "bridges"),
            FrontEnds = Things(part, "front_ends"),
            Accounts = Things(part, "accounts"),
            Vendors = Things(part, "vendors"),
            Insurance = Things(part, "insurance"),
        });
    }

    public static Address Address(YamlPart part)
    {
        var text = part.Text();
        if (ChecksumAddress.TryParse(text, out var address))
            return address;
        if (text.Length > 0)
            part.Complain(Chains.Address.TryParse(text, out _)
                ? $"'{text}' has a wrong checksum: a character was mistyped, or write it in lower case"
                : "this is not an address (0x and 40 hexadecimal digits)");
        return default;
    }

    private static PlanNames Names(YamlPart part)
    {
        var chain = part.Required("chain").Knows("id", "name");
        return new PlanNames(
            new ChainId(chain.Required("id").Quantity()),
            chain.Required("name").Text(),
            part.Optional("chains")?.Items().Select(Chain).ToValueList() ?? [],
            part.Required("assets").Items().Select(Asset).ToValueList(),
            part.Optional("pools")?.Items().Select(Pool).ToValueList() ?? [],
            part.Required("contracts").Items().Select(Contract).ToValueList(),
            part.Optional("controls")?.Entries().ToDictionary(entry => entry.Key, entry => Address(entry.Value)) ?? []);
    }

    private static NamedChain Chain(YamlPart part) => new(
        new ChainId(part.Knows("id", "name").Required("id").Quantity()), part.Required("name").Text());

    private static Asset Asset(YamlPart part) => new(
        part.Knows("name", "address", "decimals", "usd", "issuer", "peg", "peg_held_for").Required("name").Text(),
        Address(part.Required("address")),
        part.Required("decimals").Number(0, 36),
        part.Optional("usd")?.Decimal(),
        part.Optional("issuer")?.Text(),
        part.At)
    {
        PegUsd = part.Optional("peg")?.Decimal(),
        PegHeldFor = part.Optional("peg_held_for")?.Duration("1s", "30min"),
    };

    private static Pool Pool(YamlPart part)
    {
        var name = part.Knows("name", "address", "kind", "base", "quote").Required("name").Text();
        if (part.Required("kind").Text() is not ("uniswap-v2" or ""))
            part.Required("kind").Complain("'kind' must be uniswap-v2: no other pool gives prices yet");
        var address = Address(part.Required("address"));
        return new Pool(name, address, part.Required("base").Text(), part.Required("quote").Text(), part.At);
    }

    private static ProtectedContract Contract(YamlPart part) => new(
        part.Knows("name", "address", "scope", "exits", "queue", "owner", "roles", "pause").Required("name").Text(),
        Address(part.Required("address")),
        part.Optional("scope")?.Text(),
        part.Optional("exits")?.Items().Select(Exit).ToValueList() ?? [],
        part.At)
    {
        IsQueue = part.Optional("queue")?.Flag() ?? false,
        Owner = part.Optional("owner")?.Text(),
        Roles = part.Optional("roles")?.Entries()
            .Select(entry => new ContractRole(entry.Key, entry.Value.Text())).ToValueList() ?? [],
        Pause = part.Optional("pause") is { } pause ? CallText.Function(pause)?.Signature : null,
    };

    private static ExitFunction Exit(YamlPart part) =>
        CallText.Function(part) is { } function ? new ExitFunction(function.Selector, function.Signature) : default;

    private static ValueList<NamedThing> Things(YamlPart part, string key) =>
        part.Optional(key)?.Items().Select(Thing).ToValueList() ?? [];

    // A name alone is enough: a list that is tedious to write stays empty.
    private static NamedThing Thing(YamlPart part) => part.IsMapping
        ? new NamedThing(
            part.Knows("name", "what", "address", "owner").Required("name").Text(),
            part.Optional("what")?.Text(),
            part.Optional("address") is { } address ? Address(address) : null,
            part.Optional("owner")?.Text(),
            part.At)
        : new NamedThing(part.Text(), null, null, null, part.At);

    private static NamedSafe Safe(YamlPart part) => new(
        part.Knows("name", "address", "signers", "threshold").Required("name").Text(),
        Address(part.Required("address")),
        PlainText.Texts(part.Required("signers")),
        part.Required("threshold").Number(1, 100),
        part.At);
}
