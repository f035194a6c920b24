using Tocsin.BreakGlass;
using Tocsin.Signing;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary><c>tocsin contain bundle</c>: what acting takes, for a drawer, a stick or a wall.</summary>
internal static class BundleCommand
{
    /// <summary>0: written; 1: the signer that was named does not answer.</summary>
    /// <exception cref="InputException">Configuration or plan has an error, or it cannot be written.</exception>
    public static async Task<int> WriteAsync(
        BundleOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var (configuration, plan) = PlanCommand.LoadChecked(options.Directory);
        try
        {
            var (bundle, files) = await BundleWriting.FilesAsync(
                options, configuration, plan.Plan, TimeProvider.System.GetUtcNow(), cancellationToken);
            var sums = BundleFiles.Write(options.Out, files);
            await output.WriteLineAsync($"{options.Out}: {files.Count + 1} files, plan {bundle.PlanHash}");
            foreach (var prepared in bundle.Prepared)
                await output.WriteLineAsync(
                    $"{prepared.Action}: typed data to sign, valid for use {prepared.Use} until "
                    + $"{prepared.ExpiresAt:yyyy-MM-dd HH:mm:ss} UTC");
            if (options.ValidFor is null && bundle.Prepared.Count > 0)
                await output.WriteLineAsync(
                    "that is as long as the plan's 'valid_for' says: for approvals that are collected days ahead, "
                    + "write it with --valid-for 7d");
            if (options.Signer is null)
                await output.WriteLineAsync(
                    "typed data to sign is left out: it names the use that the signer has open; ask it by --signer");
            await output.WriteLineAsync($"sums: {sums} (write this down: two people compare their copies by it)");
            return ExitCode.Done;
        }
        catch (SignerUnreachableException e)
        {
            await Console.Error.WriteLineAsync($"not written: {e.Message}");
            return ExitCode.FoundWrong;
        }
    }
}
