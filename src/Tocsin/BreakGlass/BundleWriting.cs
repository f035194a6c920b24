using Tocsin.Configuration;
using Tocsin.Decisions;
using Tocsin.Plans;
using Tocsin.Signing;
using Tocsin.Texts;

namespace Tocsin.BreakGlass;

/// <summary>What a person gives to <c>tocsin contain bundle</c>.</summary>
/// <param name="Actions">Those that the page writes out; empty for all.</param>
/// <param name="Signer">Whose open use the typed data names; null to leave it out.</param>
internal sealed record BundleOptions(
    string Directory, IReadOnlyList<string> Actions, string Out, string? Signer, string? ValidFor);

/// <summary>Writes a bundle: what acting takes where there is no configuration and nobody to ask.</summary>
internal static class BundleWriting
{
    public const string PageName = "read-me.md";
    public const string HtmlName = "read-me.html";

    /// <returns>The files, in the order in which people look at them.</returns>
    /// <exception cref="InputException">An action is not in the plan.</exception>
    /// <exception cref="SignerUnreachableException">The signer was named and did not answer.</exception>
    public static async Task<(Bundle Bundle, IReadOnlyList<(string Name, string Text)> Files)> FilesAsync(
        BundleOptions options,
        TocsinConfiguration configuration,
        Plan plan,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var actions = Chosen(options, plan);
        var prepared = options.Signer is { } socket
            ? await PrepareAsync(options, plan, actions, new SignerClient(socket), now, cancellationToken)
            : [];
        var bundle = Bundle.Of(configuration, plan, prepared, now);
        string TypedDataName(PlannedAction action) => BundleFiles.IsName(action.Id)
            ? $"{action.Id}.typed-data.json"
            : $"action-{plan.Actions.ToList().IndexOf(action) + 1}.typed-data.json";
        var page = BundlePage.Of(bundle, plan, actions, TypedDataName);
        return (bundle,
        [
            (PageName, page.ToMarkdown()),
            (HtmlName, page.ToHtml()),
            (Bundle.FileName, bundle.Write()),
            (CompiledPlan.FileName, CompiledPlan.Of(plan).Write()),
            .. actions.Where(action => bundle.DecisionOf(action) is not null).Select(action =>
                (TypedDataName(action), DecisionTypedData.Of(bundle.DecisionOf(action)!).ToJson())),
        ]);
    }

    private static List<PlannedAction> Chosen(BundleOptions options, Plan plan)
    {
        if (options.Actions.FirstOrDefault(id => plan.Action(id) is null) is { } unknown)
            throw new InputException(
                $"the plan has no action '{unknown}'; it has " + string.Join(", ", plan.Actions.Select(one => one.Id)));
        return [.. plan.Actions.Where(action => options.Actions.Count == 0 || options.Actions.Contains(action.Id))];
    }

    private static async Task<ValueList<PreparedDecision>> PrepareAsync(
        BundleOptions options,
        Plan plan,
        List<PlannedAction> actions,
        SignerClient signer,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var prepared = new List<PreparedDecision>();
        foreach (var action in actions.Where(action => action is { By: null, Safe: null, Calls.Count: > 0 }))
        {
            if (plan.Decisions.FirstOrDefault(rule => rule.Action == action.Id) is not { } rule)
                continue;
            var asked = new SignerRequest(Use: new UseRequest(plan.DecisionsHash, action.Id));
            var use = (await signer.AskAsync(asked, cancellationToken)).Use
                ?? throw new SignerUnreachableException("the signer did not name the open use of the action");
            var expires = now + (ContainOptions.Duration(options.ValidFor) ?? rule.ValidFor);
            prepared.Add(new PreparedDecision(
                action.Id, use.Use, use.Decision,
                DateTimeOffset.FromUnixTimeSeconds(expires.ToUnixTimeSeconds())));
        }
        return prepared.ToValueList();
    }
}
