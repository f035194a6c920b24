using System.Reflection;
using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Decisions;
using Tocsin.Evm;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Texts;

namespace Tocsin.BreakGlass;

/// <param name="Socket">Where it listened when the bundle was written.</param>
internal sealed record BundledSigner(Address Account, string Socket);

/// <param name="Confirmations">So many blocks deep, a call is not looked for any more.</param>
internal sealed record BundledChain(
    ChainId Id, string Name, int Confirmations, TimeSpan ReplaceAfter, int ReplaceAfterBlocks);

/// <summary>A decision as it can be signed already: of the use that was open when the bundle was written.</summary>
internal sealed record PreparedDecision(string Action, ulong Use, Hash32 Decision, DateTimeOffset ExpiresAt);

/// <summary>What a bundle says besides its plan: everything that acting takes but a node and a signer.</summary>
/// <param name="Format">1; another one is refused.</param>
/// <param name="Version">Of the program that wrote it.</param>
/// <param name="Chains">The watched one first.</param>
internal sealed record Bundle(
    int Format,
    string Version,
    DateTimeOffset WrittenAt,
    bool Exercise,
    Hash32 PlanHash,
    BundledSigner? Signer,
    ValueList<BundledChain> Chains,
    ValueList<PreparedDecision> Prepared)
{
    public const string FileName = "bundle.json";

    private const int Known = 1;

    /// <summary>No address of a node and no secret is taken over.</summary>
    public static Bundle Of(
        TocsinConfiguration configuration, Plan plan, ValueList<PreparedDecision> prepared, DateTimeOffset now)
    {
        var chain = configuration.Chain;
        return new Bundle(
            Known,
            Assembly.GetExecutingAssembly().GetName().Version!.ToString(3),
            now,
            configuration.Exercise,
            plan.DecisionsHash,
            configuration.Signer is { } signer ? new BundledSigner(signer.Account, signer.Socket) : null,
            [
                new BundledChain(
                    chain.Id, plan.Protected.NameOf(chain.Id), chain.Confirmations, chain.Sending.ReplaceAfter,
                    chain.Sending.ReplaceAfterBlocks),
                .. configuration.ActOn.Select(other => new BundledChain(
                    other.Id, other.Name, other.Confirmations, other.Sending.ReplaceAfter,
                    other.Sending.ReplaceAfterBlocks)),
            ],
            prepared);
    }

    public string Write() => JsonSerializer.Serialize(this, CompiledPlan.Json);

    /// <exception cref="JsonException">It is not of the shape that this version writes.</exception>
    public static Bundle Read(string text)
    {
        var bundle = JsonSerializer.Deserialize<Bundle>(text, CompiledPlan.Json);
        if (bundle is not { Format: Known })
            throw new JsonException($"its format is {bundle?.Format}, and this version reads {Known}: use the "
                + "version that wrote it");
        return bundle.Chains.Count > 0 && !bundle.Chains.Contains(null!) && !bundle.Prepared.Contains(null!)
            ? bundle
            : throw new JsonException("it names no chain, or nothing where something should be");
    }

    /// <summary>The decision of an action as it can be signed; null where it was left out.</summary>
    public EmergencyDecision? DecisionOf(PlannedAction action) =>
        Prepared.FirstOrDefault(one => one.Action == action.Id) is { } prepared
            ? new EmergencyDecision(
                prepared.Decision, Exercise, PlanHash, action.Calls.Select(call => call.Call).ToValueList(),
                prepared.ExpiresAt)
            : null;
}

/// <summary>A bundle whose hashes were checked.</summary>
/// <param name="Sums">SHA-256 of the list of hashes: one word by which two people compare what they hold.</param>
internal sealed record OpenedBundle(Bundle Bundle, ReadPlan Plan, string Sums)
{
    /// <exception cref="InputException">It cannot be read, or is not what was written.</exception>
    public static OpenedBundle Open(string path)
    {
        var (files, sums) = BundleFiles.Read(path);
        try
        {
            var bundle = Bundle.Read(Text(files, path, Bundle.FileName));
            var plan = PlanReader.Read([new PlanFile(CompiledPlan.FileName, Text(files, path, CompiledPlan.FileName))]);
            if (plan.Plan.DecisionsHash != bundle.PlanHash)
                throw new JsonException(
                    $"the plan hash {bundle.PlanHash} is not that of its plan, {plan.Plan.DecisionsHash}");
            foreach (var prepared in bundle.Prepared)
            {
                if (prepared.Decision != DecisionTypedData.Id(bundle.PlanHash, prepared.Action, prepared.Use))
                    throw new JsonException($"the decision of '{prepared.Action}' is not that of use {prepared.Use}");
            }
            return new OpenedBundle(bundle, plan, sums);
        }
        catch (Exception e) when (e is JsonException or NullReferenceException)
        {
            throw new InputException($"{path} is no bundle that can be used: {e.Message}", e);
        }
    }

    /// <summary>What is said to whoever acts from it.</summary>
    public IEnumerable<string> Words()
    {
        yield return $"bundle of {Bundle.WrittenAt:yyyy-MM-dd HH:mm} UTC by version {Bundle.Version}, sums {Sums}";
        yield return "its hashes fit, which proves no more than that nothing broke: read what you approve. The signer "
            + "signs what its own policy allows, and approvals count for this plan hash alone: "
            + $"{Bundle.PlanHash}";
        if (Bundle.Signer is { } signer)
            yield return $"it was written for the signer of {ChecksumAddress.Format(signer.Account)}";
    }

    private static string Text(IReadOnlyDictionary<string, string> files, string path, string name) =>
        files.TryGetValue(name, out var text) ? text : throw new InputException($"{path} holds no {name}");
}
