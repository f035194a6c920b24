using System.Text.Json;
using System.Text.Json.Serialization;
using Tocsin.Autonomy;
using Tocsin.Chains;
using Tocsin.Incidents;
using Tocsin.Recording;

namespace Tocsin.Plans;

/// <summary>Who can approve or send: no way to reach them, since a bundle lies in many drawers.</summary>
internal sealed record CompiledPerson(string Id, string Name, bool Core, ValueList<string> Roles, Address? Wallet);

/// <summary>
/// A plan without its text: what is executed, by whose say, and nothing about how people are reached. It gives the same
/// plan hash as the text that it was compiled from, so approvals of one count for the other.
/// </summary>
/// <param name="Contracts">Names of addresses, for people.</param>
/// <param name="Ladder">What may be done by itself: approvers bind themselves to it too.</param>
/// <param name="PlanHash">Must be that of decisions, actions and wallets.</param>
internal sealed record CompiledPlan(
    string Name,
    ChainId Chain,
    string ChainName,
    ValueList<NamedChain> OtherChains,
    ValueList<Control> Contracts,
    ValueList<CompiledPerson> People,
    ValueList<DecisionRule> Decisions,
    ValueList<PlannedAction> Actions,
    ValueList<Automation> Ladder,
    Hash32 PlanHash)
{
    public const string FileName = "plan.json";

    /// <summary>What a pause stops and leaves open, for people; empty in what earlier versions wrote.</summary>
    public ValueList<ProtectedContract> Guarded { get; init; } = [];

    /// <summary>In what amounts are told; empty in what earlier versions wrote.</summary>
    public ValueList<Asset> Assets { get; init; } = [];

    /// <summary>Names of addresses, for people; empty in what earlier versions wrote.</summary>
    public ValueList<Pool> Pools { get; init; } = [];

    /// <summary>Everything is written, and everything must be there.</summary>
    public static JsonSerializerOptions Json { get; } = new(EventJson.Printed)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        IgnoreReadOnlyProperties = true,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
    };

    public static CompiledPlan Of(Plan plan) => new(
        plan.Name,
        plan.Protected.Chain,
        plan.Protected.ChainName,
        plan.Protected.OtherChains,
        plan.Protected.Controls
            .Concat(plan.Protected.Contracts.Select(contract => new Control(contract.Name, contract.Address)))
            .ToValueList(),
        plan.People.Where(person => person.Wallet is not null)
            .Select(person => new CompiledPerson(person.Id, person.Name, person.Core, person.Roles, person.Wallet))
            .ToValueList(),
        plan.Decisions,
        plan.Actions,
        // There are no issues here to find again what leads to an action.
        plan.Autonomy.Ladder.Select(entry => entry with { From = entry.TriggersIn(plan) }).ToValueList(),
        plan.DecisionsHash)
    {
        Guarded = plan.Protected.Contracts,
        Assets = plan.Protected.Assets,
        Pools = plan.Protected.Pools,
    };

    public string Write() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="JsonException">It is of another shape, or its hash is not that of what it says.</exception>
    public static ReadPlan Read(ValueList<PlanFile> files, Hash32 contentHash)
    {
        try
        {
            var compiled = JsonSerializer.Deserialize<CompiledPlan>(files[0].Text, Json)
                ?? throw new JsonException("the plan is empty");
            var plan = compiled.ToPlan(contentHash);
            return plan.DecisionsHash == compiled.PlanHash
                ? new ReadPlan(plan, files, [])
                : throw new JsonException(
                    $"the plan hash {compiled.PlanHash} is not that of its contents, {plan.DecisionsHash}");
        }
        catch (Exception e) when (e is NullReferenceException or ArgumentException or OverflowException)
        {
            throw new JsonException($"the plan has not the shape of one: {e.Message}", e);
        }
    }

    /// <summary>
    /// A plan of which the log holds a form that this version cannot read. It decides, prepares and reaches nobody, and
    /// no approval is for it.
    /// </summary>
    public static Plan KnownByHash(Hash32 contentHash, string fault) => new(
        $"plan {contentHash}", contentHash, Hash32.Zero, new ProtectedThings(default, "", [], [], []),
        [], [], [], [], [], [], [])
    {
        Fault = fault,
    };

    private Plan ToPlan(Hash32 contentHash)
    {
        if (Guarded.Contains(null!) || Assets.Contains(null!) || Pools.Contains(null!))
            throw new JsonException("the plan has nothing where something protected should be");
        var plan = new Plan(
            Name, contentHash, Hash32.Zero,
            new ProtectedThings(Chain, ChainName, Assets, Pools, Guarded)
            {
                Controls = Contracts,
                OtherChains = OtherChains,
            },
            [], [], [], People.Select(Person).ToValueList(), [], Decisions, Actions)
        {
            Autonomy = AutonomyPlan.None with { Ladder = Ladder },
        };
        return plan with { DecisionsHash = DecisionsText.Hash(plan) };
    }

    private static Person Person(CompiledPerson person) => new(
        person.Id, person.Name, person.Core, person.Roles, null, null, null, person.Wallet, [],
        new SourceLine(FileName, 0));
}
