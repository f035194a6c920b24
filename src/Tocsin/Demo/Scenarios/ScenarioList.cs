namespace Tocsin.Demo.Scenarios;

/// <summary>What <c>demo --scenario</c> can play.</summary>
internal static class ScenarioList
{
    public const string Default = "flash-loan";

    /// <summary>Asks for the list instead of a scenario.</summary>
    public const string ListWord = "list";

    /// <summary>Every scenario, ready to be played once; the first is the default.</summary>
    public static IReadOnlyList<Scenario> All() =>
    [
        new FlashLoan(),
        new OracleManipulation(),
        new PegRun(),
        new GovernanceTakeover(),
        new Reentrancy(),
        new SlowDrain(),
        new UnbackedMint(),
        new ApprovalDrain(),
        new SilentUpgrade(),
        new Mempool(),
    ];

    /// <summary>The scenario of that name; null if there is none.</summary>
    public static Scenario? Find(string name) => All().FirstOrDefault(scenario => scenario.Name == name);
}
