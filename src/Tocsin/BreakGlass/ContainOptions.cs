using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Texts;

namespace Tocsin.BreakGlass;

/// <summary>What a person gives to <c>tocsin contain ACTION</c>.</summary>
/// <param name="Rpc">Nodes in the place of those configured; <c>CHAIN=URL</c> for a chain that is not watched.</param>
/// <param name="Signer">The signer's socket, in the place of the one configured.</param>
/// <param name="Approvals">Files with approvals.</param>
/// <param name="Journal">Null for a file beside the configuration, or here where there is none.</param>
/// <param name="Bundle">What stands for configuration and plan; null where these are at hand.</param>
internal sealed record ContainOptions(
    string? Directory,
    string Action,
    IReadOnlyList<string> Rpc,
    string? Signer,
    IReadOnlyList<string> Approvals,
    string? Journal,
    string? ValidFor,
    bool DryRun,
    bool Json,
    string? Bundle = null)
{
    private const string JournalEnd = ".journal";

    public string JournalPath => Journal ?? Path.Combine(Directory ?? "", $"contain-{Action}{JournalEnd}");

    /// <summary>Where the typed data is written that approvers sign: a file of its own for each journal.</summary>
    public string TypedDataPath =>
        (JournalPath.EndsWith(JournalEnd, StringComparison.Ordinal) ? JournalPath[..^JournalEnd.Length] : JournalPath)
        + ".typed-data.json";

    /// <inheritdoc cref="Duration"/>
    public TimeSpan? Validity => Duration(ValidFor);

    /// <exception cref="InputException">It is no duration, or one that no approval could be waited for.</exception>
    public static TimeSpan? Duration(string? validFor) => validFor is null
        ? null
        : YamlPart.ParseDuration(validFor) is { TotalMinutes: >= 1, TotalDays: <= 7 } span
            ? span
            : throw new InputException($"--valid-for takes a duration from 1min to 7d, not '{validFor}'");

    /// <summary>The configuration with what the command line puts in its place.</summary>
    /// <exception cref="InputException">A chain is not configured, or an address is none.</exception>
    public TocsinConfiguration Over(TocsinConfiguration configuration)
    {
        if (Rpc.Count == 0)
            return configuration;
        var given = Rpc.Select(text => Split(text, configuration.Chain.Id)).ToLookup(one => one.Chain, one => one.Url);
        foreach (var chain in given.Select(group => group.Key))
        {
            if (chain != configuration.Chain.Id && configuration.ActOn.All(other => other.Id != chain))
                throw new InputException($"--rpc names chain {chain}, which tocsin.yaml does not");
        }
        var watched = Nodes(given[configuration.Chain.Id], configuration.Chain.Nodes);
        return configuration with
        {
            Chain = configuration.Chain with
            {
                Nodes = watched,
                Agreement = Math.Min(configuration.Chain.Agreement, watched.Count),
            },
            ActOn = configuration.ActOn
                .Select(other => other with { Nodes = Nodes(given[other.Id], other.Nodes) })
                .ToValueList(),
        };
    }

    /// <summary>The nodes that are given, by chain.</summary>
    /// <param name="watched">The chain of an address without one.</param>
    /// <exception cref="InputException">An address is none.</exception>
    public IReadOnlyDictionary<ChainId, ValueList<NodeSettings>> Given(ChainId watched) => Rpc
        .Select(text => Split(text, watched))
        .ToLookup(one => one.Chain, one => one.Url)
        .ToDictionary(group => group.Key, group => Nodes(group, []));

    private static ValueList<NodeSettings> Nodes(IEnumerable<string> given, ValueList<NodeSettings> configured)
    {
        var nodes = given
            .Select((url, index) => new NodeSettings($"given-{index + 1}", url, null, 1, null))
            .ToValueList();
        return nodes.Count > 0 ? nodes : configured;
    }

    private static (ChainId Chain, string Url) Split(string text, ChainId watched)
    {
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        var (chain, url) = digits is > 0 and < 19 && text.Length > digits && text[digits] == '='
            ? (new ChainId(ulong.Parse(text.AsSpan(0, digits))), text[(digits + 1)..])
            : (watched, text);
        return Secret.IsReference(url)
            || (Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
            ? (chain, url)
            : throw new InputException("--rpc takes the address of a node, or CHAIN=ADDRESS");
    }
}
