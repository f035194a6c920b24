using System.Diagnostics;
using Tocsin.Demo;

namespace Tocsin.EndToEnd.Parts;

/// <summary>How a run of the real executable ended.</summary>
internal sealed record Ended(int ExitCode, string Output, string Errors);

/// <summary>Runs the real executable to its end.</summary>
internal static class Executable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(180);

    public static Task<Ended> RunAsync(params string[] arguments) =>
        RunAsync(new Dictionary<string, string?>(), arguments);

    /// <param name="environment">Variables to set; null takes one away.</param>
    public static async Task<Ended> RunAsync(
        IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        using var process = Create(environment, arguments);
        process.Start();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Longest);
        }
        catch (TimeoutException)
        {
            process.Kill();
            Assert.Fail(
                $"'{string.Join(' ', arguments)}' did not end within {Longest.TotalSeconds:0} s:\n"
                    + $"{await output}\n{await errors}");
        }
        return new Ended(process.ExitCode, await output, await errors);
    }

    /// <summary>A process that is not started yet, with its output to be read.</summary>
    public static Process Create(IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        var (program, first) = DemoSigner.OurProgram();
        var info =
            new ProcessStartInfo(
                program)
            { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in (string[])[.. first, .. arguments])
            info.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            info.Environment[name] = value;
        return new Process { StartInfo = info };
    }
}
