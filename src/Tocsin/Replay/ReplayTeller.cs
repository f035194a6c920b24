using Spectre.Console;

namespace Tocsin.Replay;

/// <summary>What is told of long work while it runs.</summary>
/// <param name="Fraction">From 0 to 1; null where the end is not known.</param>
/// <param name="Inputs">Null where the work is not counted in any of the three.</param>
internal readonly record struct WorkDone(double? Fraction, long Blocks, long Transactions, long? Inputs, string Text);

/// <summary>
/// Tells people how far long work is, on standard error: a bar where that is a terminal, else a line every few seconds.
/// </summary>
internal sealed class ReplayTeller(TimeProvider time)
{
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(5);

    private readonly IAnsiConsole console =
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    private readonly long began = time.GetTimestamp();
    private long lineAt = time.GetTimestamp();
    private WorkDone? first;

    public void Tell(string text)
    {
        // Only a terminal has a width to break lines for, and a bar to keep clear of.
        if (Console.IsErrorRedirected)
            Console.Error.WriteLine(text);
        else
            console.WriteLine(text);
    }

    /// <summary>Runs the work and looks, from it, at how far it is.</summary>
    /// <param name="work">Gets a function to call after each piece.</param>
    public async Task RunAsync(string title, Func<WorkDone> look, Func<Action, Task> work)
    {
        if (Console.IsErrorRedirected)
        {
            await work(() => Line(title, look));
            return;
        }
        await console.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                var task = progress.AddTask(Markup.Escape(title), maxValue: 1);
                var next = time.GetTimestamp();
                await work(() =>
                {
                    if (time.GetTimestamp() < next)
                        return;
                    next = time.GetTimestamp() + (time.TimestampFrequency / 5);
                    var done = look();
                    task.IsIndeterminate = done.Fraction is null;
                    task.Value = done.Fraction ?? 0;
                    task.Description = Markup.Escape(
                        $"{title} {done.Text}{(done.Inputs is null ? "" : $" ({Rates(done)})")}");
                });
            });
    }

    private void Line(string title, Func<WorkDone> look)
    {
        first ??= look();
        if (time.GetElapsedTime(lineAt) < LineEvery)
            return;
        var done = look();
        Tell($"{title} {done.Text}: {Percent(done)}{Rates(done)}{Remaining(done)}");
        lineAt = time.GetTimestamp();
    }

    private string Rates(WorkDone done)
    {
        // What an earlier run did, this one gets for nothing.
        var from = first ??= done;
        var seconds = Math.Max(0.001, time.GetElapsedTime(began).TotalSeconds);
        var blocks = (done.Blocks - from.Blocks) / seconds;
        var transactions = (done.Transactions - from.Transactions) / seconds;
        return blocks > 0
            ? $"{blocks:0} blocks/s, {transactions:0} transactions/s"
            : transactions > 0
                ? $"{transactions:0} transactions/s"
                : $"{(done.Inputs - from.Inputs) / seconds:0} inputs/s";
    }

    private static string Percent(WorkDone done) => done.Fraction is { } fraction ? $"{fraction * 100:0} %, " : "";

    private string Remaining(WorkDone done) =>
        done.Fraction is { } fraction and > 0.01 and < 1
            ? $", about {time.GetElapsedTime(began) * ((1 - fraction) / fraction):hh\\:mm\\:ss} left"
            : "";
}
