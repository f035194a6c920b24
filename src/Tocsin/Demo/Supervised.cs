using System.Collections.Concurrent;
using System.Diagnostics;
using Tocsin.Texts;

namespace Tocsin.Demo;

/// <summary>
/// A child process that cannot outlive us: a shell in between ends it as soon as our end of a pipe closes, which the
/// kernel does for us even at <c>kill -9</c>.
/// </summary>
internal sealed class Supervised : IAsyncDisposable
{
    // Ctrl-C reaches the whole group; the shell must live long enough to end the child, so it ignores it.
    private const string Script =
        "trap '' INT HUP TERM; exec 3<&0; \"$@\" 3<&- </dev/null & child=$!; "
        + "{ cat <&3 >/dev/null; kill -9 $child; } >/dev/null 2>&1 & wait $child";

    private const int RememberedLines = 50;

    private readonly Process shell;
    private readonly ConcurrentQueue<string> lines = new();
    private readonly TaskCompletionSource<string> awaited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Supervised(Process shell) => this.shell = shell;

    /// <summary>The last lines that the child printed.</summary>
    public string Output => string.Join(Environment.NewLine, lines);

    /// <summary>Starts a program and waits for a line with <paramref name="ready"/>; gives that line.</summary>
    /// <exception cref="InputException">It ended, or said nothing of the kind in time.</exception>
    public static async Task<(Supervised Process, string Line)> StartAsync(
        string program, IEnumerable<string> arguments, string ready, IReadOnlyDictionary<string, string>? environment,
            CancellationToken cancellationToken)
    {
        var info =
            new ProcessStartInfo(
                "/bin/sh")
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError =
                    true,
                UseShellExecute = false
            };
        foreach (var argument in (string[])["-c", Script, "sh", program, .. arguments])
            info.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            info.Environment[name] = value;
        var supervised = new Supervised(new Process { StartInfo = info, EnableRaisingEvents = true });
        return (supervised, await supervised.RunAsync(program, ready, cancellationToken));
    }

    /// <summary>Ends the child at once, as a power cut would.</summary>
    public async Task KillAsync()
    {
        shell.StandardInput.Close();
        await shell.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!shell.HasExited)
            await KillAsync();
        shell.Dispose();
    }

    private async Task<string> RunAsync(string program, string ready, CancellationToken cancellationToken)
    {
        shell.OutputDataReceived += (_, e) => Take(e.Data, ready);
        shell.ErrorDataReceived += (_, e) => Take(e.Data, ready);
        shell.Exited += (_, _) =>
            awaited.TrySetException(
                new InputException($"{Path.GetFileName(program)} ended at its start:{Environment.NewLine}{Output}"));
        shell.Start();
        shell.BeginOutputReadLine();
        shell.BeginErrorReadLine();
        try
        {
            return await awaited.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException or InputException)
        {
            await DisposeAsync();
            if (e is TimeoutException)
                throw new InputException(
                    $"{Path.GetFileName(program)} did not start within 30 s:{Environment.NewLine}{Output}", e);
            throw;
        }
    }

    private void Take(string? line, string ready)
    {
        if (line is null)
            return;
        lines.Enqueue(line);
        while (lines.Count > RememberedLines)
            lines.TryDequeue(out _);
        if (line.Contains(ready, StringComparison.Ordinal))
            awaited.TrySetResult(line);
    }
}
