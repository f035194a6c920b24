using System.Text.Json;
using Tocsin.Configuration;
using Tocsin.Detection;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Signing;
using Tocsin.Texts;
using Tocsin.Watching;

namespace Tocsin.Commands;

/// <summary><c>tocsin plan</c>: lints a plan and the configuration beside it, prints it, gives its schema.</summary>
internal static class PlanCommand
{
    /// <param name="directory">A folder with <c>tocsin.yaml</c>, or a plan's folder alone.</param>
    public static int Check(string directory, bool strict, bool json) =>
        Check(directory, strict, json, Console.Out, Console.Error);

    /// <inheritdoc cref="Check(string, bool, bool)"/>
    /// <param name="time">By whose clock it is seen who will be on call, and what is out of date.</param>
    public static int Check(
        string directory, bool strict, bool json, TextWriter output, TextWriter forPeople, TimeProvider? time = null)
    {
        var now = (time ?? TimeProvider.System).GetUtcNow();
        var configuration = File.Exists(Path.Combine(directory, TocsinConfiguration.FileName))
            ? TocsinConfiguration.Read(directory)
            : null;
        var (plan, complaints) = Read(directory, configuration, now);
        // What the signer would refuse is a thing between two files that can both be read.
        if (plan is not null && !complaints.Any(complaint => complaint.Level == ComplaintLevel.Error))
            complaints = [.. complaints, .. PolicyCheck.Check(directory, plan.Plan, configuration?.Configuration)];
        if (configuration is { HasErrors: false })
            complaints = [.. complaints, .. Unfilled(configuration.Configuration)];
        var errors = complaints.Count(complaint => complaint.Level == ComplaintLevel.Error);
        var folder = configuration?.Configuration.PlanDirectory ?? directory;
        foreach (var line in ComplaintLines.Of(complaints, folder, directory))
            forPeople.WriteLine(line);
        // The answer of a command is on standard output, which with --json holds one document and nothing else.
        if (complaints.Count > 0)
            forPeople.WriteLine($"{Counted(errors, "error")}, {Counted(complaints.Count - errors, "warning")}");
        else
            (json ? forPeople : output).WriteLine("the plan is in order");
        if (json)
        {
            var rows = ComplaintLines.Sorted(complaints).Select(c => new { c.At.File, c.At.Line, c.Level, c.Message });
            output.WriteLine(JsonSerializer.Serialize(
                new { errors, warnings = complaints.Count - errors, complaints = rows }, EventJson.Printed));
        }
        return errors > 0 || (strict && complaints.Count > 0) ? ExitCode.FoundWrong : ExitCode.Done;
    }

    /// <summary>The JSON Schema of <c>plan.yaml</c>, for editors.</summary>
    public static int Schema()
    {
        Console.Out.Write(PlanReader.Schema());
        return ExitCode.Done;
    }

    /// <summary>Writes the plan for a drawer: one page to print, and the same as Markdown.</summary>
    /// <exception cref="InputException">The plan cannot be read, or the folder cannot be written to.</exception>
    public static int Render(string directory, string folder, TimeProvider? time = null)
    {
        var configuration = File.Exists(Path.Combine(directory, TocsinConfiguration.FileName))
            ? TocsinConfiguration.Read(directory)
            : null;
        var read = PlanReader.Read(PlanReader.Load(configuration?.Configuration.PlanDirectory ?? directory));
        if (read.HasErrors)
        {
            foreach (var complaint in read.Complaints)
                Console.Error.WriteLine(complaint);
            return ExitCode.FoundWrong;
        }
        var page = PlanPrint.Of(read.Plan, (time ?? TimeProvider.System).GetUtcNow());
        Directory.CreateDirectory(folder);
        foreach (var (name, text) in new[] { ("plan.html", page.ToHtml()), ("plan.md", page.ToMarkdown()) })
            WritePrivately(Path.Combine(folder, name), text);
        return ExitCode.Done;
    }

    // It says how people are reached at night.
    private static void WritePrivately(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new StreamWriter(path, options);
        file.Write(text);
        Console.WriteLine($"wrote {path}");
    }

    /// <summary>Configuration and plan for the server: with an error in one of them, there is neither.</summary>
    /// <exception cref="InputException">Every error of both, a line each.</exception>
    public static (TocsinConfiguration Configuration, ReadPlan Plan) LoadChecked(string directory)
    {
        var configuration = TocsinConfiguration.Read(directory);
        var (plan, complaints) = Read(directory, configuration, now: null);
        var errors = complaints.Where(complaint => complaint.Level == ComplaintLevel.Error).ToList();
        return errors.Count == 0 && plan is not null
            ? (configuration.Configuration, plan)
            : throw new InputException(string.Join(Environment.NewLine, errors));
    }

    /// <summary>The plan for the server: with an error in it, there is none.</summary>
    /// <exception cref="InputException">Every error, a line each.</exception>
    public static ReadPlan ReadChecked(TocsinConfiguration configuration) =>
        Checked(PlanReader.Load(configuration.PlanDirectory), configuration);

    /// <inheritdoc cref="ReadChecked"/>
    public static ReadPlan Checked(ValueList<PlanFile> files, TocsinConfiguration configuration)
    {
        var read = PlanReader.Read(files);
        var errors = Complaints(read, configuration, now: null)
            .Where(complaint => complaint.Level == ComplaintLevel.Error)
            .ToList();
        return errors.Count == 0 ? read : throw new InputException(string.Join(Environment.NewLine, errors));
    }

    /// <summary>What <c>plan check</c> says of other files in the place of the plan's.</summary>
    public static IReadOnlyList<Complaint> Lint(
        ValueList<PlanFile> files, TocsinConfiguration configuration, DateTimeOffset now)
    {
        var read = PlanReader.Read(files);
        var complaints = Complaints(read, configuration, now);
        return complaints.Any(complaint => complaint.Level == ComplaintLevel.Error)
            ? complaints
            : [.. complaints, .. PolicyCheck.Check(configuration.Directory, read.Plan, configuration)];
    }

    /// <summary>
    /// Everything that is wrong with both files. A plan that is not there is a complaint only beside others; by itself
    /// there is nothing to check.
    /// </summary>
    private static (ReadPlan? Plan, IReadOnlyList<Complaint> Complaints) Read(
        string directory, ReadConfiguration? configuration, DateTimeOffset? now)
    {
        var own = configuration?.Complaints ?? [];
        try
        {
            var read = PlanReader.Read(PlanReader.Load(configuration?.Configuration.PlanDirectory ?? directory));
            var usable = configuration is { HasErrors: false } ? configuration.Configuration : null;
            return (read, [.. own, .. Complaints(read, usable, now)]);
        }
        catch (InputException) when (configuration is { HasErrors: true, Configuration: var unread }
            && unread.PlanDirectory == unread.Directory)
        {
            // Where the plan is could not be read, so nothing is known of it.
            return (null, own);
        }
        catch (InputException e) when (configuration is { HasErrors: true })
        {
            var at = new SourceLine(configuration.Configuration.PlanDirectory, 0);
            return (null, [.. own, new Complaint(at, ComplaintLevel.Error, e.Message)]);
        }
    }

    // What could not even be read, or does not fit together, makes further complaints follow-ups of it. Without an
    // instant nothing is wrong by the clock alone: a server must start whatever the day.
    private static IReadOnlyList<Complaint> Complaints(
        ReadPlan read, TocsinConfiguration? configuration, DateTimeOffset? now)
    {
        if (read.HasErrors)
            return read.Complaints;
        var names = configuration?.Channels.Select(channel => channel.Name).ToHashSet();
        IReadOnlyList<Complaint> complaints =
        [
            .. now is { } from ? PlanCheck.Check(read.Plan, names, from) : PlanCheck.Check(read.Plan, names),
            .. Placeholders.Check(read.Plan).OrderBy(complaint => complaint.At.Line),
            .. configuration is null ? [] : ConfigurationCheck.Check(configuration, read.Plan),
        ];
        if (complaints.Any(complaint => complaint.Level == ComplaintLevel.Error))
            return complaints;
        var at = new SourceLine(PlanReader.MainFile, 0);
        var watch = configuration is null
            ? WatchOfPlan.Build(read.Plan, new Thresholds())
            : WatchOfPlan.Build(read.Plan, configuration);
        var problems = watch.Problems();
        return [.. complaints, .. problems.Select(problem => new Complaint(at, ComplaintLevel.Error, problem))];
    }

    // Plans are checked on machines that hold no secret, so what is not here is no error before the server starts.
    private static IEnumerable<Complaint> Unfilled(TocsinConfiguration configuration)
    {
        var at = new SourceLine(Path.Combine(configuration.Directory, TocsinConfiguration.FileName), 0);
        return References.Faults(configuration).Select(fault => new Complaint(
            fault.At ?? at,
            fault.IsCertain ? ComplaintLevel.Error : ComplaintLevel.Warning,
            fault.Words + (fault.IsCertain ? "; 'serve' refuses it" : "; 'serve' needs it"))
        {
            Alike = fault.Variable is null ? null : "environment variables are not set; 'serve' needs them",
            Of = fault.Variable,
        });
    }

    private static string Counted(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
