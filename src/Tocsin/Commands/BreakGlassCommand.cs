using System.Text.Json;
using Tocsin.BreakGlass;
using Tocsin.Configuration;
using Tocsin.Decisions;
using Tocsin.Hosting;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Signing;
using Tocsin.Storage;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary><c>tocsin contain ACTION</c> and <c>tocsin incident import</c>: acting while the server is off.</summary>
internal static class BreakGlassCommand
{
    /// <summary>0: every call had its effect; 1: not; 2: what was given cannot be used.</summary>
    /// <exception cref="InputException">What was given cannot be used.</exception>
    public static async Task<int> RunAsync(ContainOptions options, CancellationToken cancellationToken)
    {
        // The answer of a command is on standard output, which with --json holds one document and nothing else.
        var people = options.Json ? Console.Error : Console.Out;
        var (configuration, plan, bundle) = Load(options);
        foreach (var line in bundle?.Words() ?? [])
            people.WriteLine(line);
        var prepared = plan.Plan.Action(options.Action) is { } action ? bundle?.Bundle.DecisionOf(action) : null;
        var breaker = new GlassBreaker(
            options, configuration, plan, prepared, line => people.WriteLine(line), TimeProvider.System)
        {
            AtTerminal = !Console.IsInputRedirected,
        };
        try
        {
            // The console's own reader does not let go of a person who says nothing.
            using var pasted = new StreamReader(Console.OpenStandardInput());
            var (result, incident) = await breaker.RunAsync(pasted, cancellationToken);
            Answer(options, result, incident, people);
            return result.Succeeded ? ExitCode.Done : ExitCode.FoundWrong;
        }
        catch (SignerUnreachableException e)
        {
            await Console.Error.WriteLineAsync($"NOT DONE: {e.Message}");
            return ExitCode.FoundWrong;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("NOT DONE: interrupted; the same command goes on where it was");
            return ExitCode.FoundWrong;
        }
    }

    /// <summary>Configuration and plan: from their folder, or from a bundle and the command line.</summary>
    /// <exception cref="InputException">What was given cannot be used.</exception>
    public static (TocsinConfiguration Configuration, ReadPlan Plan, OpenedBundle? Bundle) Load(ContainOptions options)
    {
        if (options.Bundle is { } path)
        {
            var opened = OpenedBundle.Open(path);
            return (BundledConfiguration.Of(opened.Bundle, options), opened.Plan, opened);
        }
        var (configured, plan) = PlanCommand.LoadChecked(options.Directory!);
        return (options.Over(configured), plan, null);
    }

    /// <summary>Brings a journal into the store of a server that is off.</summary>
    /// <exception cref="InputException">The journal is not what was written.</exception>
    /// <exception cref="StorageException">The server is on, or its store cannot be used.</exception>
    public static int Import(string path, string directory)
    {
        var configuration = TocsinConfiguration.Load(directory);
        var journal = ReadJournal.Open(path);
        using var store = ConfiguredStore.Open(configuration);
        using var logbook = Installation.OpenLogbook(store, configuration, TimeProvider.System);
        var (incident, added) = JournalImport.Into(logbook, journal, Ours(configuration));
        Console.Out.WriteLine(added == 0
            ? $"nothing to add: {incident} has all that the journal says"
            : $"{incident}: {added} events added; the journal has {journal.Lines.Count} lines up to {journal.Head}");
        return ExitCode.Done;
    }

    // A plan that was broken since must not keep a journal out.
    private static ReadPlan? Ours(TocsinConfiguration configuration)
    {
        try
        {
            var read = PlanReader.Read(PlanReader.Load(configuration.PlanDirectory));
            return read.HasErrors ? null : read;
        }
        catch (InputException)
        {
            return null;
        }
    }

    private static void Answer(ContainOptions options, ContainResult result, Incident incident, TextWriter people)
    {
        var progress = incident.Decision!;
        foreach (var (outcome, index) in result.Calls.Select((outcome, index) => (outcome, index)))
            people.WriteLine($"{progress.Calls[index].InWords}: {outcome.Words}");
        if (result.Why is { } why)
            people.WriteLine($"NOT DONE: {why}");
        else if (options.DryRun)
            people.WriteLine("it could be done now; nothing was written, signed or sent");
        if (!options.DryRun)
            people.WriteLine($"journal: {options.JournalPath} (later: tocsin incident import JOURNAL --config DIR)");
        if (!options.Json)
            return;
        Console.Out.WriteLine(JsonSerializer.Serialize(
            new
            {
                options.Action,
                result.Succeeded,
                result.Why,
                Decision = progress.Decision.Id,
                Hash = DecisionTypedData.Of(progress.Decision).Digest(),
                progress.Decision.ExpiresAt,
                Journal = options.DryRun ? null : options.JournalPath,
                TypedData = options.DryRun ? null : options.TypedDataPath,
                Calls = progress.Calls.Select((call, index) => new
                {
                    call.Scope,
                    Simulation = call.Simulation?.Detail,
                    Transaction = call.Included?.Transaction ?? call.Signed?.Transaction,
                    Block = call.Included?.Block.Number,
                    call.PausedUntil,
                    PausedAlreadyUntil =
                        result.Standing.TryGetValue(index, out var until) ? until : default(DateTimeOffset?),
                    Words = index < result.Calls.Count ? result.Calls[index].Words : null,
                }).ToArray(),
            },
            EventJson.Printed));
    }
}
