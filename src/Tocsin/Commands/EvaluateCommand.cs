using System.Text.Json;
using Tocsin.Evaluation;
using Tocsin.Findings;
using Tocsin.Recording;
using Tocsin.Replay;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary>What <c>tocsin evaluate</c> was asked to do, as typed.</summary>
/// <param name="Part">One of <see cref="EvaluateCommand.Parts"/>; null for whatever of them is there.</param>
/// <param name="Mode">Of transactions; null for both.</param>
/// <param name="Precision">Where to write how many alarms were true, for a plan's <c>automation</c>.</param>
internal sealed record EvaluateOptions(
    string Data, string? Part, EvaluationMode? Mode, string? Findings, bool Json, bool Markdown,
    string? Precision = null);

/// <summary><c>tocsin evaluate</c>: the detection over labelled history; says what it found, missed and
/// invented.</summary>
internal static class EvaluateCommand
{
    public const string Prices = "prices";
    public const string Transactions = "transactions";
    public const string Governance = "governance";
    public const string Flows = "flows";

    public static readonly string[] Parts = [Prices, Transactions, Governance, Flows];

    public static readonly string[] Modes = ["blind", "protected"];

    private static readonly JsonSerializerOptions Indented = new(EventJson.Printed) { WriteIndented = true };

    public static EvaluationMode? Mode(string? name) =>
        name is null ? null : (EvaluationMode)Array.IndexOf(Modes, name);

    public static async Task<int> RunAsync(EvaluateOptions options, CancellationToken cancellationToken)
    {
        var parts = Parts.Where(part => Folder(options, part) is not null).ToList();
        if (parts.Count == 0)
            throw new InputException($"{options.Data} has no folder '{options.Part ?? Prices}' of labelled history");
        using var findings = options.Findings is null ? null : File.Create(options.Findings);
        var teller = new ReplayTeller(TimeProvider.System);
        var (done, what) = (0.0, "");
        Action advanced = () => { };
        Measured? measured = null;
        async Task MeasureAllAsync(Action tick)
        {
            advanced = tick;
            measured = await MeasureAsync(options, new Telling(teller.Tell, Keep, Ahead), cancellationToken);
        }

        // A bar is for somebody who looks on; whoever reads the document or a file of what was said has no use for it.
        if (options.Json || Console.IsErrorRedirected)
            await MeasureAllAsync(() => { });
        else
            await teller.RunAsync("evaluate", () => new WorkDone(done, 0, 0, null, what), MeasureAllAsync);
        await TellAsync(options, measured!, cancellationToken);
        return ExitCode.Done;

        void Keep(Finding finding)
        {
            findings?.Write(FindingJson.Write(finding).Span);
            findings?.WriteByte((byte)'\n');
        }

        WorkAhead Ahead(string part) => (piece, share) =>
        {
            (done, what) = ((parts.IndexOf(part) + share) / parts.Count, $"{part} {piece}");
            advanced();
        };
    }

    /// <summary>What was measured; null is what there was no data for.</summary>
    private sealed record Measured(
        TransactionResult? Transactions, PriceResult? Prices, GovernanceResult? Governance,
        IReadOnlyList<FlowResult>? Flows);

    /// <param name="Tell">Told of what cannot be read.</param>
    /// <param name="Found">Given every revision of a finding.</param>
    /// <param name="Ahead">By part, told how far it is.</param>
    private sealed record Telling(Action<string> Tell, Action<Finding> Found, Func<string, WorkAhead> Ahead);

    private static async Task<Measured> MeasureAsync(
        EvaluateOptions options, Telling to, CancellationToken cancellationToken)
    {
        var prices = Folder(options, Prices) is not { } ofPrices
            ? null
            : await new PriceEvaluation(
                ofPrices, new Rejections(strict: false, to.Tell), to.Found, to.Ahead(Prices))
                .RunAsync(cancellationToken);
        var transactions = Folder(options, Transactions) is not { } ofTransactions
            ? null
            : new TransactionEvaluation(ofTransactions, options.Mode, to.Tell, to.Ahead(Transactions))
                .Run(cancellationToken);
        var governance = Folder(options, Governance) is not { } ofGovernance
            ? null
            : new GovernanceEvaluation(ofGovernance, to.Tell, to.Found, to.Ahead(Governance)).Run(cancellationToken);
        var flows = Folder(options, Flows) is not { } ofFlows
            ? null
            : new FlowEvaluation(ofFlows, to.Tell, to.Found, to.Ahead(Flows)).Run(cancellationToken);
        return new Measured(transactions, prices, governance, flows);
    }

    private static async Task TellAsync(
        EvaluateOptions options, Measured measured, CancellationToken cancellationToken)
    {
        var (transactions, prices, governance, flows) = measured;
        // With --json or --markdown standard output is the document alone.
        var people = options.Json || options.Markdown ? Console.Error : Console.Out;
        if (transactions is not null)
            EvaluationWords.Tell(transactions, people);
        if (prices is not null)
            EvaluationWords.Tell(prices, people);
        if (governance is not null)
            EvaluationWords.Tell(governance, people);
        if (flows is not null)
            EvaluationWords.Tell(flows, people);
        if (options.Precision is { } file)
            await File.WriteAllTextAsync(
                file,
                JsonSerializer.Serialize(PrecisionTable.Of(transactions, prices, governance), Indented) + "\n",
                cancellationToken);
        if (options.Markdown)
            Console.Write(QualityPage.Markdown(prices, transactions, governance, flows));
        if (options.Json)
            Console.WriteLine(JsonSerializer.Serialize(
                new { prices, transactions, governance, flows }, EventJson.Options));
    }

    private static string? Folder(EvaluateOptions options, string part)
    {
        var folder = Path.Combine(options.Data, part);
        return (options.Part ?? part) == part && Directory.Exists(folder) ? folder : null;
    }
}
