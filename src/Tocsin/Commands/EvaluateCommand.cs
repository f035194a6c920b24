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
        var prices = Folder(options, Prices);
        var transactions = Folder(options, Transactions);
        var governance = Folder(options, Governance);
        var flows = Folder(options, Flows);
        if (prices is null && transactions is null && governance is null && flows is null)
            throw new InputException($"{options.Data} has no folder '{options.Part ?? Prices}' of labelled history");
        // With --json or --markdown standard output is the document alone.
        var teller = options.Json || options.Markdown ? Console.Error : Console.Out;
        using var findings = options.Findings is null ? null : File.Create(options.Findings);
        var ofTransactions = transactions is null
            ? null
            : new TransactionEvaluation(transactions, options.Mode, Console.Error.WriteLine)
                .Run(cancellationToken);
        if (ofTransactions is not null)
            EvaluationWords.Tell(ofTransactions, teller);
        var rejections = new Rejections(strict: false, Console.Error.WriteLine);
        var ofPrices = prices is null
            ? null
            : await new PriceEvaluation(prices, rejections, Keep).RunAsync(cancellationToken);
        if (ofPrices is not null)
            EvaluationWords.Tell(ofPrices, teller);
        var ofGovernance = governance is null
            ? null
            : new GovernanceEvaluation(governance, Console.Error.WriteLine, Keep).Run(cancellationToken);
        if (ofGovernance is not null)
            EvaluationWords.Tell(ofGovernance, teller);
        var ofFlows = flows is null
            ? null
            : new FlowEvaluation(flows, Console.Error.WriteLine, Keep).Run(cancellationToken);
        if (ofFlows is not null)
            EvaluationWords.Tell(ofFlows, teller);
        if (options.Precision is { } file)
            await File.WriteAllTextAsync(
                file,
                JsonSerializer.Serialize(PrecisionTable.Of(ofTransactions, ofPrices, ofGovernance), Indented) + "\n",
                cancellationToken);
        if (options.Markdown)
            Console.Write(QualityPage.Markdown(ofPrices, ofTransactions, ofGovernance, ofFlows));
        if (options.Json)
            Console.WriteLine(JsonSerializer.Serialize(
                new { prices = ofPrices, transactions = ofTransactions, governance = ofGovernance, flows = ofFlows },
                EventJson.Options));
        return ExitCode.Done;

        void Keep(Finding finding)
        {
            findings?.Write(FindingJson.Write(finding).Span);
            findings?.WriteByte((byte)'\n');
        }
    }

    private static string? Folder(EvaluateOptions options, string part)
    {
        var folder = Path.Combine(options.Data, part);
        return (options.Part ?? part) == part && Directory.Exists(folder) ? folder : null;
    }
}
