using Tocsin.Chains;
using Tocsin.Texts;

namespace Tocsin.Configuration;

/// <summary>Takes a transaction in private, before the nodes of the chain are given it.</summary>
/// <param name="Url">Its address over HTTP, or a reference to it.</param>
/// <param name="WaitBlocks">So many blocks it has, then the nodes are given the transaction too.</param>
internal sealed record RelaySettings(string Url, int WaitBlocks);

/// <summary>How our transactions are sent on a chain.</summary>
/// <param name="ReplaceAfter">So long in no block, and a transaction is replaced by one with a higher fee,</param>
/// <param name="ReplaceAfterBlocks">or after so many blocks, whichever comes first.</param>
internal sealed record SendingSettings(TimeSpan ReplaceAfter, int ReplaceAfterBlocks, RelaySettings? Relay)
{
    public static SendingSettings Usual { get; } = new(TimeSpan.FromSeconds(30), 2, null);

    /// <summary>From among the keys of the chain itself.</summary>
    public static SendingSettings Read(YamlPart chain) => new(
        chain.Optional("replace_after")?.Duration("5s", "10m") ?? Usual.ReplaceAfter,
        chain.Optional("replace_after_blocks")?.Number(1, 1_000) ?? Usual.ReplaceAfterBlocks,
        chain.Optional("relay") is { } relay ? ReadRelay(relay) : null);

    private static RelaySettings ReadRelay(YamlPart part) => new(
        Addresses.Reference(part.Knows("url", "wait").Required("url"), "http", "https"),
        part.Optional("wait")?.Number(1, 5) ?? 2);
}

/// <summary>A chain that is acted on and not watched: calls of a decision go there too.</summary>
/// <param name="Confirmations">So many blocks deep, a call is not looked for any more.</param>
internal sealed record ActOnSettings(
    ChainId Id, string Name, ValueList<NodeSettings> Nodes, int Confirmations, SendingSettings Sending)
{
    public static ActOnSettings Read(YamlPart part)
    {
        part.Knows(
            "id", "name", "rpc", "ws", "nodes", "confirmations", "relay", "replace_after", "replace_after_blocks");
        var name = part.Required("name");
        if (!Names.IsName(name.Line()))
            name.Complain(Names.Expected("a chain", name.Line()));
        return new ActOnSettings(
            new ChainId(part.Required("id").Quantity()),
            name.Line(),
            ChainSettings.ReadNodes(part),
            part.Optional("confirmations")?.Number(1, 10_000) ?? 12,
            SendingSettings.Read(part));
    }
}
