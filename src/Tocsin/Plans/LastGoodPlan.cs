using System.Text.Json;
using Tocsin.Audit;
using Tocsin.Commands;
using Tocsin.Configuration;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Storage;
using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>The plan that a start falls back on: a server that does not come up at night helps nobody.</summary>
internal static class LastGoodPlan
{
    /// <summary>
    /// The plan of the folder; where that cannot be used, the last one that the log put into force, if it still fits
    /// the configuration.
    /// </summary>
    /// <param name="tell">Hears why the folder's plan is not the one.</param>
    /// <exception cref="InputException">Neither can be used; what is wrong with the folder's is in the message.
    /// </exception>
    public static ReadPlan Load(TocsinConfiguration configuration, Action<string> tell)
    {
        try
        {
            return PlanCommand.ReadChecked(configuration);
        }
        catch (InputException e) when (InLog(configuration) is { } last)
        {
            tell($"{e.Message}{Environment.NewLine}THE PLAN IN {configuration.PlanDirectory} CANNOT BE USED: the last "
                + $"good one, {last.Plan.ContentHash.ToShortString()} of the log, stays in force until it can");
            return last;
        }
    }

    private static ReadPlan? InLog(TocsinConfiguration configuration)
    {
        try
        {
            using var store = ConfiguredStore.OpenExisting(configuration);
            return store.Read().LastOrDefault(IsAdoption) is { } entry
                && EventJson.Read(entry.Kind, entry.Payload) is PlanAdopted adopted
                ? PlanCommand.Checked(adopted.Files, configuration)
                : null;
        }
        catch (Exception e) when (e is InputException or StorageException or JsonException)
        {
            return null;
        }
    }

    private static bool IsAdoption(LogEntry entry) => entry.Kind.StartsWith("plan-adopted.", StringComparison.Ordinal);
}
