using System.Text.Json;
using Tocsin.Configuration;
using Tocsin.Detection;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Texts;
using Tocsin.Watching;

namespace Tocsin.Commands;

/// <summary><c>tocsin plan check</c>: lints a plan.</summary>
internal static class PlanCommand
{
    /// <param name="directory">A folder with <c>tocsin.yaml</c>, or a plan's folder alone.</param>
    public static int Check(string directory, bool strict, bool json)
    {
        var configuration = File.Exists(Path.Combine(directory, TocsinConfiguration.FileName))
            ? TocsinConfiguration.Load(directory)
            : null;
        var files = PlanReader.Load(configuration?.PlanDirectory ?? directory);
        var complaints = Complaints(PlanReader.Read(files), configuration);
        var errors = complaints.Count(complaint => complaint.Level == ComplaintLevel.Error);
        var summary = complaints.Count == 0
            ? "the plan is in order"
            : $"{errors} errors, {complaints.Count - errors} warnings";
        foreach (var complaint in complaints)
            Console.Error.WriteLine(complaint);
        Console.Error.WriteLine(summary);
        if (json)
        {
            var rows = complaints.Select(c => new { c.At.File, c.At.Line, c.Level, c.Message });
            Console.WriteLine(JsonSerializer.Serialize(
                new { errors, warnings = complaints.Count - errors, complaints = rows }, EventJson.Options));
        }
        return errors > 0 || (strict && complaints.Count > 0) ? ExitCode.FoundWrong : ExitCode.Done;
    }

    /// <summary>The plan for the server: with an error in it, there is none.</summary>
    /// <exception cref="InputException">Every error, a line each.</exception>
    public static ReadPlan ReadChecked(TocsinConfiguration configuration)
    {
        var read = PlanReader.Read(PlanReader.Load(configuration.PlanDirectory));
        var errors = Complaints(read, configuration)
            .Where(complaint => complaint.Level == ComplaintLevel.Error)
            .ToList();
        return errors.Count == 0 ? read : throw new InputException(string.Join(Environment.NewLine, errors));
    }

    // What could not even be read, or does not fit together, makes further complaints follow-ups of it.
    private static IReadOnlyList<Complaint> Complaints(ReadPlan read, TocsinConfiguration? configuration)
    {
        if (read.HasErrors)
            return read.Complaints;
        var names = configuration?.Channels.Select(channel => channel.Name).ToHashSet();
        var complaints = PlanCheck.Check(read.Plan, names);
        if (configuration is not null)
            complaints = [.. complaints, .. ConfigurationCheck.Check(configuration, read.Plan)];
        if (complaints.Any(complaint => complaint.Level == ComplaintLevel.Error))
            return complaints;
        var at = new SourceLine(PlanReader.MainFile, 0);
        var watch = configuration is null
            ? WatchOfPlan.Build(read.Plan, new Thresholds())
            : WatchOfPlan.Build(read.Plan, configuration);
        var problems = watch.Problems();
        return [.. complaints, .. problems.Select(problem => new Complaint(at, ComplaintLevel.Error, problem))];
    }
}
