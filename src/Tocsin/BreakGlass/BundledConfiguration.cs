using Tocsin.Configuration;
using Tocsin.Configuration.Detectors;
using Tocsin.Texts;

namespace Tocsin.BreakGlass;

/// <summary>As much of a configuration as acting takes, from a bundle and the command line.</summary>
internal static class BundledConfiguration
{
    private static readonly Uri Nowhere = new("http://127.0.0.1");

    /// <exception cref="InputException">No node is given, or one of a chain that the bundle does not name.</exception>
    public static TocsinConfiguration Of(Bundle bundle, ContainOptions options)
    {
        var nodes = options.Given(bundle.Chains[0].Id);
        if (nodes.Keys.Where(chain => bundle.Chains.All(one => one.Id != chain)).ToList() is [var unknown, ..])
            throw new InputException($"--rpc names chain {unknown}, which the bundle does not");
        // Any of them can be the first: nothing is watched here.
        var chains = bundle.Chains.Where(chain => nodes.ContainsKey(chain.Id)).ToList();
        if (chains.Count == 0)
            throw new InputException(
                "a bundle holds no address of a node: give one by --rpc URL"
                + string.Concat(bundle.Chains.Skip(1).Select(chain => $", of {chain.Name} by --rpc {chain.Id}=URL")));
        var first = chains[0];
        var socket = options.Signer ?? bundle.Signer?.Socket;
        return new TocsinConfiguration(
            Directory.GetCurrentDirectory(), Nowhere, Nowhere, "", "",
            new ChainSettings(
                first.Id, nodes[first.Id], TimeSpan.FromSeconds(2), null, FinalityMark.Confirmations,
                first.Confirmations, 1, Math.Min(2, nodes[first.Id].Count), TimeSpan.FromMinutes(2), Asking.Off,
                Asking.Off, false, Sending(first)),
            bundle.Signer is { } signer && socket is not null ? new SignerSettings(socket, signer.Account) : null,
            [], bundle.Exercise, [], [], [], [], new InputSettings(TimeSpan.FromDays(7), 16), false,
            DetectorEntries.None, [],
            chains.Skip(1).Select(chain => new ActOnSettings(
                chain.Id, chain.Name, nodes[chain.Id], chain.Confirmations, Sending(chain))).ToValueList());
    }

    private static SendingSettings Sending(BundledChain chain) =>
        new(chain.ReplaceAfter, chain.ReplaceAfterBlocks, null);
}
