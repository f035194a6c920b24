using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Texts;

namespace Tocsin.Configuration;

/// <summary>How a contract keeps which code it runs.</summary>
internal enum ProxyKind
{
    None,

    /// <summary>In the slots of EIP-1967.</summary>
    Standard,

    /// <summary>In slot 0, as a Safe does.</summary>
    Safe,
}

/// <summary>What is known of a contract beyond its address.</summary>
/// <param name="Contract">Its name in the plan, or its address as text.</param>
/// <param name="Address">Null where it is named by the plan.</param>
/// <param name="Abi">Null where none is given.</param>
/// <param name="QuietAfter">So many calls in a row without an event of the ABI, the ABI is not its own.</param>
internal sealed record AbiSettings(
    string Contract, Address? Address, ContractAbi? Abi, ProxyKind Proxy, int QuietAfter, Plans.SourceLine At)
{
    private const int MaximumFileBytes = 8 << 20;
    private const int DefaultQuietAfter = 20;

    private static readonly Dictionary<string, ProxyKind> Proxies = new()
    {
        ["true"] = ProxyKind.Standard,
        ["false"] = ProxyKind.None,
        ["safe"] = ProxyKind.Safe,
    };

    /// <param name="directory">The folder to which relative paths belong.</param>
    public static AbiSettings Read(string directory, string contract, YamlPart part)
    {
        Address? address = contract.StartsWith("0x", StringComparison.Ordinal) ? ReadAddress(contract, part) : null;
        if (!part.IsMapping)
            return new AbiSettings(
                contract, address, ReadFile(directory, part), ProxyKind.None, DefaultQuietAfter, part.At);
        part.Knows("file", "proxy", "quiet_after");
        var (file, proxy) = (part.Optional("file"), part.Optional("proxy")?.OneOf(Proxies) ?? ProxyKind.None);
        if (file is null && proxy == ProxyKind.None)
            part.Complain("give the ABI as 'file', or say 'proxy: true' or 'proxy: safe'");
        return new AbiSettings(
            contract,
            address,
            file is null ? null : ReadFile(directory, file),
            proxy,
            part.Optional("quiet_after")?.Number(1, 1_000_000) ?? DefaultQuietAfter,
            part.At);
    }

    private static Address ReadAddress(string text, YamlPart part)
    {
        if (!ChecksumAddress.TryParse(text, out var address))
            part.Complain("the name of an ABI that begins with 0x is an address with a right checksum");
        return address;
    }

    private static ContractAbi? ReadFile(string directory, YamlPart part)
    {
        var name = part.Line();
        if (name.Length == 0)
            return null;
        try
        {
            var abi = Parse(PlainFile.Read(Path.Combine(directory, name), MaximumFileBytes));
            if (abi.Functions.Count + abi.Events.Count > 0)
                return abi;
            part.Complain("this file holds neither a function nor an event");
        }
        catch (IOException e)
        {
            part.Complain($"this ABI cannot be read: {e.Message}");
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            part.Complain($"this file is not an ABI: {e.Message}");
        }
        return null;
    }

    /// <summary>An ABI alone, or what compilers write around it under <c>abi</c>.</summary>
    private static ContractAbi Parse(string json)
    {
        if (!json.AsSpan().TrimStart().StartsWith("{"))
            return ContractAbi.Parse(json);
        using var artifact = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        return artifact.RootElement.TryGetProperty("abi", out var abi)
            ? ContractAbi.Parse(abi.GetRawText())
            : throw new AbiException("a JSON object without 'abi'");
    }
}
