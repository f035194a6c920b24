using Tocsin.Configuration;
using Tocsin.Hosting;
using Tocsin.Plans;
using Tocsin.Signing;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary><c>tocsin serve</c>: watch, respond, web pages and API.</summary>
internal static class ServeCommand
{
    /// <summary>Everything but the watch; every incident is an exercise.</summary>
    public static async Task<int> RehearseAsync(string directory, CancellationToken cancellationToken)
    {
        var (configuration, plan) = PlanCommand.LoadChecked(directory);
        await using var app = await TocsinHost.RehearseAsync(
            configuration, plan, TimeProvider.System, LogLevel.Information, Console.Error, cancellationToken);
        Console.WriteLine(
            $"A rehearsal without a chain: every incident is an EXERCISE; the pages are on {configuration.Listen}");
        return await EndAsync(app, cancellationToken);
    }

    public static async Task<int> RunAsync(string directory, ulong? from, CancellationToken cancellationToken)
    {
        var read = TocsinConfiguration.Read(directory);
        // With the configuration in errors, those of the plan are told beside them.
        var (configuration, plan) = read.HasErrors
            ? PlanCommand.LoadChecked(directory)
            : (read.Configuration, LastGoodPlan.Load(read.Configuration, Console.Error.WriteLine));
        References.Check(configuration);
        // People must be woken also while nothing can be signed.
        if (configuration.Signer is not null)
            foreach (var complaint in PolicyCheck.Check(directory, plan.Plan, configuration))
                Console.Error.WriteLine(complaint);
        if (ConfigurationCheck.WithoutSigner(configuration, plan.Plan) is { } unsigned)
            Console.Error.WriteLine(unsigned);
        await using var app = await TocsinHost.StartAsync(
            configuration, plan, TimeProvider.System, LogLevel.Information, cancellationToken, from);
        Console.WriteLine(
            $"Tocsin watches chain {configuration.Chain.Id}; the war room is on {configuration.Listen}");
        return await EndAsync(app, cancellationToken);
    }

    private static async Task<int> EndAsync(WebApplication app, CancellationToken cancellationToken)
    {
        if (await TocsinHost.RunAsync(app, cancellationToken) is not { } death)
            return ExitCode.Done;
        throw new InputException($"the watch ended and with it the server: {death}");
    }
}
