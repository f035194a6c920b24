using Tocsin.Configuration;
using Tocsin.Hosting;
using Tocsin.Signing;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary><c>tocsin serve</c>: watch, respond, web pages and API.</summary>
internal static class ServeCommand
{
    public static async Task<int> RunAsync(string directory, ulong? from, CancellationToken cancellationToken)
    {
        var (configuration, plan) = PlanCommand.LoadChecked(directory);
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
        if (await TocsinHost.RunAsync(app, cancellationToken) is not { } death)
            return ExitCode.Done;
        throw new InputException($"the watch ended and with it the server: {death}");
    }
}
