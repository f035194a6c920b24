using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm.Abi;
using Tocsin.Texts;

namespace Tocsin.Deployments;

/// <summary>Reads <c>deployment.json</c>. What it does not know is an error: a word that is spelt wrongly would
/// otherwise be a check that is left out.</summary>
internal sealed class DeploymentFileReader
{
    private const int MaximumBytes = 4 << 20;
    private const int MaximumItems = 500;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 12 };

    private readonly string folder;

    private DeploymentFileReader(string folder) => this.folder = folder;

    /// <exception cref="InputException">The file cannot be read, or says something that is not usable.</exception>
    public static DeploymentFile Read(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(PlainFile.Read(path, MaximumBytes), Options);
            var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            return new DeploymentFileReader(folder).Deployment(json.RootElement);
        }
        catch (Exception e) when (
            e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or IOException)
        {
            throw new InputException($"{path} is not usable: {e.Message}", e);
        }
    }

    private DeploymentFile Deployment(JsonElement root)
    {
        Expect(root, "the file", "chainId", "deployedAt", "controls", "limits", "queue", "peg", "migrations",
            "compensation", "registry", "holders");
        return new DeploymentFile(
            new ChainId(Number(root, "chainId") ?? throw Missing("the file", "chainId")),
            Number(root, "deployedAt") ?? 0,
            Required(root, "controls"), Required(root, "limits"), Required(root, "queue"), Account(root, "peg"),
            Required(root, "migrations"), Account(root, "compensation"), Account(root, "registry"),
            Items(root, "holders").Select(Holder).ToValueList());
    }

    private Holder Holder(JsonElement item)
    {
        Expect(item, "a holder", "name", "address", "module", "assets", "gated", "exempt", "artifact");
        var name = Text(item, "name") ?? throw Missing("a holder", "name");
        var module = Module(item) ?? throw Missing($"the holder '{name}'", "module");
        var artifact = Text(item, "artifact");
        return new Holder(
            name,
            Required(item, "address"),
            Items(item, "assets").Select(Asset).ToValueList(),
            Items(item, "gated").Select(call => Gated(call, module)).ToValueList(),
            Items(item, "exempt").Select(Signature).ToValueList(),
            artifact is null ? null : StateChanging(Path.Combine(folder, artifact)));
    }

    private static HeldAsset Asset(JsonElement item)
    {
        if (item.ValueKind == JsonValueKind.String)
            return new HeldAsset(Parsed(item.GetString()!, "an asset"), IsMinted: false);
        Expect(item, "an asset", "address", "minted");
        var isMinted = item.TryGetProperty("minted", out var minted) && minted.GetBoolean();
        return new HeldAsset(Required(item, "address"), isMinted);
    }

    private static GatedCall Gated(JsonElement item, Hash32 module)
    {
        Expect(item, "a gated function", "signature", "direction", "module", "calldata", "from", "state");
        var function = AbiFunction.Parse(Text(item, "signature") ?? throw Missing("a gated function", "signature"));
        var direction = Text(item, "direction") ?? throw Missing(function.Signature, "direction");
        if (!Enum.TryParse<Direction>(direction, out var parsed) || !Enum.IsDefined(parsed) || direction != $"{parsed}")
            throw new FormatException($"{function.Signature}: '{direction}' is no direction: "
                + string.Join(", ", Enum.GetNames<Direction>()));
        var calldata = Hex.Parse(Text(item, "calldata") ?? throw Missing(function.Signature, "calldata"));
        function.DecodeArguments(calldata);
        return new GatedCall(
            function.Signature, parsed, Module(item) ?? module, calldata, Account(item, "from"), State(item));
    }

    private static ValueList<SlotValue> State(JsonElement item)
    {
        if (!item.TryGetProperty("state", out var state))
            return [];
        var slots = from contract in state.EnumerateObject()
                    from slot in contract.Value.EnumerateObject()
                    select new SlotValue(
                        Parsed(contract.Name, "state"), Hash32.Parse(slot.Name),
                        Hash32.Parse(slot.Value.GetString()));
        return slots.Take(MaximumItems).ToValueList();
    }

    /// <summary>The signatures of the functions in an artifact of a compiler that are neither view nor pure.</summary>
    private static ValueList<string> StateChanging(string path)
    {
        using var json = JsonDocument.Parse(PlainFile.Read(path, MaximumBytes));
        var entries = json.RootElement.ValueKind == JsonValueKind.Array
            ? json.RootElement
            : json.RootElement.GetProperty("abi");
        return entries.EnumerateArray()
            .Where(entry => Text(entry, "type") == "function"
                && Text(entry, "stateMutability") is not ("view" or "pure"))
            .Select(entry => ContractAbi.Parse($"[{entry.GetRawText()}]").Functions[0].Signature)
            .ToValueList();
    }

    private static string Signature(JsonElement item) =>
        AbiFunction.Parse(item.GetString() ?? throw new FormatException("a signature is null")).Signature;

    private static Hash32? Module(JsonElement item)
    {
        if (Text(item, "module") is not { } text)
            return null;
        return ModuleName.TryParse(text, out var module)
            ? module
            : throw new FormatException(
                "a module is a word of at most 31 characters, or 32 bytes in hexadecimal");
    }

    private static IEnumerable<JsonElement> Items(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out var items))
            return [];
        return items.GetArrayLength() <= MaximumItems
            ? items.EnumerateArray()
            : throw new FormatException($"'{name}' has more than {MaximumItems} items");
    }

    private static ulong? Number(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) ? value.GetUInt64() : null;

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static Address Required(JsonElement parent, string name) =>
        Account(parent, name) ?? throw Missing("the file", name);

    private static Address? Account(JsonElement parent, string name) =>
        Text(parent, name) is { } text ? Parsed(text, name) : null;

    private static Address Parsed(string text, string name) => Address.TryParse(text, out var address)
        ? address
        : throw new FormatException($"'{name}' is no address: 0x and 40 hexadecimal digits");

    private static void Expect(JsonElement item, string what, params ReadOnlySpan<string> names)
    {
        if (item.ValueKind != JsonValueKind.Object)
            throw new FormatException($"{what} is no object");
        foreach (var property in item.EnumerateObject())
        {
            if (!names.Contains(property.Name))
                throw new FormatException($"{what} has no '{property.Name}': {string.Join(", ", names!)}");
        }
    }

    private static FormatException Missing(string what, string name) => new($"{what} lacks '{name}'");
}
