using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Tocsin.EndToEnd.Parts;

/// <summary>
/// Ends at the end of the run whatever the tests started and did not end: a process that holds our output open would
/// keep whoever reads it waiting for ever. They are known by a variable that children inherit, so that also those are
/// found whose parents are gone.
/// </summary>
public sealed class Leftovers : IDisposable
{
    private const string Mark = "TOCSIN_TEST_RUN";

    private readonly string run = Guid.NewGuid().ToString("N");

    public Leftovers() => Environment.SetEnvironmentVariable(Mark, run);

    public void Dispose()
    {
        if (!OperatingSystem.IsLinux())
            return;
        foreach (var process in Processes.All().Where(IsOurs))
        {
            Console.Error.WriteLine($"still running at the end of the tests, ended: {process.Id} {process.Arguments}");
            Kill(process.Id);
        }
    }

    private bool IsOurs(ProcessLine process)
    {
        if (process.Id == Environment.ProcessId || process.State == 'Z')
            return false;
        try
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/environ");
            return Encoding.UTF8.GetString(File.ReadAllBytes(path)).Contains($"{Mark}={run}", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // It ended while we looked, or is not ours to see.
        }
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It ended by itself.
        }
    }
}
