using System.Text.Json;
using Tocsin.Evaluation;
using Tocsin.Findings;
using Tocsin.Recording;
using Tocsin.Replay;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary>What <c>tocsin evaluate</c> was asked to do, as typed.</summary>
/// <param name="Part"><see cref="EvaluateCommand.Prices"/> or <see cref="EvaluateCommand.Transactions"/>; null for
/// whatever of them is there.</param>
internal sealed record EvaluateOptions(string Data, string? Part, string? Findings, bool Json);

/// <summary><c>tocsin evaluate</c>: the detection over labelled history; says what it found, missed and
/// invented.</summary>
internal static class EvaluateCommand
{
    public const string Prices = "prices";
    public const string Transactions = "transactions";

    public static async Task<int> RunAsync(EvaluateOptions options, CancellationToken cancellationToken)
    {
        var prices = Folder(options, Prices);
        var transactions = Folder(options, Transactions);
        if (prices is null && transactions is null)
            throw new InputException($"{options.Data} has no folder '{options.Part ?? Prices}' of labelled history");
        // With --json standard output is the document alone.
        var teller = options.Json ? Console.Error : Console.Out;
        using var findings = options.Findings is null ? null : File.Create(options.Findings);
        var ofTransactions = transactions is null
            ? null
            : new TransactionEvaluation(transactions, Console.Error.WriteLine).Run(cancellationToken);
        if (ofTransactions is not null)
            EvaluationWords.Tell(ofTransactions, teller);
        var rejections = new Rejections(strict: false, Console.Error.WriteLine);
        var ofPrices = prices is null
            ? null
            : await new PriceEvaluation(prices, rejections, Keep).RunAsync(cancellationToken);
        if (ofPrices is not null)
            EvaluationWords.Tell(ofPrices, teller);
        if (options.Json)
            Console.WriteLine(JsonSerializer.Serialize(
                new { prices = ofPrices, transactions = ofTransactions }, EventJson.Options));
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
