using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tocsin.Communications;
using Tocsin.Findings;

namespace Tocsin.Channels;

/// <summary>
/// A command on this machine that makes noise or light. It is started without a shell and always with the same
/// arguments; the text of the alert goes to its standard input, so nothing of the chain is ever part of a command. It
/// gets no variable that could hold a secret, and ends within a bounded time, by force if need be.
/// </summary>
public sealed class Siren : IChannel
{
    public static ChannelKind Kind { get; } = new(
        "siren", "A command on this machine that makes noise or light",
        [
            new("command", FieldForm.Text, "the absolute path of the command"),
            new("arguments", FieldForm.Text, "its arguments, with blanks between them", IsOptional: true),
            new("severity", FieldForm.Text, "the least bad severity that it sounds for, 1 where left out", true),
            new("seconds", FieldForm.Text, "how long it may take, 10 where left out", IsOptional: true),
        ],
        (section, tools) => new Siren(section, tools))
    {
        LetsAnswer = _ => false,
    };

    // What sound and light of a session need; everything else may be a secret.
    private static readonly string[] Variables = ["PATH", "HOME", "LANG", "XDG_RUNTIME_DIR", "PULSE_SERVER"];

    private const string NotSounded = "not-sounded";

    private const UnixFileMode Executable =
        UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly string command;
    private readonly string[] arguments;
    private readonly Severity leastBad;
    private readonly TimeSpan timeout;
    private readonly TimeProvider time;

    /// <exception cref="FormatException">A field is not in its form.</exception>
    public Siren(ChannelSection section, ChannelTools tools)
    {
        Name = section.Name;
        command = Path.IsPathFullyQualified(section["command"])
            ? section["command"]
            : throw new FormatException("'command' is an absolute path");
        arguments = section.Find("arguments")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        leastBad = (Severity)Number(section, "severity", 1, 5, otherwise: 1);
        timeout = TimeSpan.FromSeconds(Number(section, "seconds", 1, 300, otherwise: 10));
        time = tools.Time;
    }

    public string Name { get; }

    public async Task<DeliveryResult> DeliverAsync(Message message, CancellationToken ct)
    {
        var alert = message.Alert;
        var isTest = alert.Reason == AlertReason.Canary;
        // A test by schedule wakes nobody: it only looks whether there is something to sound.
        if (isTest && !alert.Severity.IsAtLeast(leastBad))
            return Look();
        // What wakes nobody goes by the next way at once.
        if (!alert.Severity.IsAtLeast(leastBad) || !(isTest || Failover.IsPage(alert.Reason)))
            return new DeliveryResult.Permanent($"it sounds for pages of severity {(int)leastBad} and worse alone");
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        using var process = new Process { StartInfo = HowToStart() };
        try
        {
            process.Start();
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            return new DeliveryResult.Permanent($"{command} cannot be started");
        }
        try
        {
            // Read and dropped: a command that nobody listens to would stand still.
            var spoken = Task.WhenAll(
                process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, either.Token),
                process.StandardError.BaseStream.CopyToAsync(Stream.Null, either.Token));
            // What it leaves running may hold these open for longer than we wait.
            _ = spoken.ContinueWith(task => task.Exception, TaskScheduler.Default);
            await TellAsync(process, Text(alert), either.Token);
            await process.WaitForExitAsync(either.Token);
            return process.ExitCode == 0
                ? new DeliveryResult.Delivered($"{command} ended well")
                : new DeliveryResult.RetryAfter(null, $"{command} ended with {process.ExitCode}");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // It has begun to sound: sounding again would only tell the same.
            return new DeliveryResult.Delivered($"{command} sounded for {timeout.TotalSeconds} s and was ended");
        }
        finally
        {
            End(process);
        }
    }

    private DeliveryResult Look()
    {
        if (!File.Exists(command))
            return new DeliveryResult.Permanent($"there is no {command}");
        return IsExecutable()
            ? new DeliveryResult.Accepted(
                $"{command} is there and was not sounded: it sounds for severity {(int)leastBad} and worse", NotSounded)
            : new DeliveryResult.Permanent($"{command} is no file that can be executed");
    }

    private bool IsExecutable()
    {
        try
        {
            return OperatingSystem.IsWindows() || (File.GetUnixFileMode(command) & Executable) != 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private ProcessStartInfo HowToStart()
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        foreach (var name in Variables)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
                start.Environment[name] = value;
        }
        return start;
    }

    private static async Task TellAsync(Process process, string text, CancellationToken ct)
    {
        try
        {
            var input = process.StandardInput.BaseStream;
            await input.WriteAsync(Encoding.UTF8.GetBytes(text), ct);
            input.Close();
        }
        catch (IOException)
        {
            // A command that only howls does not read.
        }
    }

    private static string Text(Alert alert)
    {
        if (AlertText.Public(alert) is { } words)
            return words + "\n";
        var lines = AlertText.Facts(alert).Select(fact => $"{fact.Label}: {fact.Text}")
            .Prepend(AlertText.Headline(alert))
            .Append(AlertText.Origin(alert));
        return string.Join('\n', lines) + "\n";
    }

    private static void End(Process process)
    {
        try
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended by itself in this moment.
        }
    }

    private static int Number(ChannelSection section, string field, int least, int most, int otherwise)
    {
        if (section.Find(field) is not { } text)
            return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most
            ? number
            : throw new FormatException($"'{field}' is a number from {least} to {most}");
    }
}
