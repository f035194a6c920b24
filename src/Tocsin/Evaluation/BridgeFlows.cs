using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Money;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Evm.Reads;

namespace Tocsin.Evaluation;

/// <summary>What a file of token transfers tells of tokens and of when blocks were.</summary>
/// <param name="Tokens">Symbol and decimals by address.</param>
internal sealed record TokenFacts(Dictionary<Address, (string Symbol, int Decimals)> Tokens, BlockTimes Times)
{
    private const int DecimalsMax = 36;
    public static readonly string[] Columns =
        ["blockNumber", "timeStamp", "contractAddress", "tokenSymbol", "tokenDecimal"];

    public static TokenFacts Of(IEnumerable<FlowTable> tables)
    {
        var tokens = new Dictionary<Address, (string, int)>();
        var seen = new SortedDictionary<decimal, decimal>();
        foreach (var row in tables.Where(table => table.Has(Columns)).SelectMany(table => table.Rows))
        {
            if (Address.TryParse(row.Text("contractAddress"), out var token)
                && row.Number("tokenDecimal") is { } decimals and >= 1 and <= DecimalsMax)
                tokens[token] = (row.Text("tokenSymbol"), (int)decimals);
            if (row.Number("blockNumber") is { } block && row.Number("timeStamp") is { } time)
                seen[block] = time;
        }
        return new TokenFacts(tokens, BlockTimes.Through(seen));
    }
}

/// <summary>When a block was: on a line through blocks whose times are known.</summary>
internal sealed record BlockTimes(decimal Block, decimal UnixSeconds, decimal SecondsOfBlock)
{
    public static BlockTimes Through(SortedDictionary<decimal, decimal> seen)
    {
        if (seen.Count < 2)
            return new BlockTimes(0, 0, 12);
        var (first, last) = (seen.First(), seen.Last());
        return new BlockTimes(first.Key, first.Value, (last.Value - first.Value) / (last.Key - first.Key));
    }

    public DateTimeOffset Of(decimal block) => DateTimeOffset.FromUnixTimeSeconds(
        (long)Math.Clamp(UnixSeconds + (block - Block) * SecondsOfBlock, 0, 253_402_300_799m));
}

/// <summary>
/// Payments of a bridge, one a row, as transfers out of it. Only tokens that are dollars by their symbol have a price
/// here. The file does not tell what the bridge held: taken for it is what the file pays out in all.
/// </summary>
internal static class BridgeFlows
{
    public static readonly string[] Columns =
        ["blockNumber", "transactionHash", "tokenAddress", "tokenRecipient", "from", "amount", "hackTransaction"];

    private static readonly string[] Dollars = ["USD", "DAI", "FRAX"];

    /// <param name="Taken">By an attack.</param>
    private sealed record Payment(
        decimal Block, Hash32 Transaction, Address Token, Address To, Address By, UInt256 Amount, bool Taken);

    public static FlowSeries Of(FlowTable table, TokenFacts facts)
    {
        var payments = table.Rows.Select(Read).OfType<Payment>()
            .Where(payment => facts.Tokens.TryGetValue(payment.Token, out var token) && IsDollar(token.Symbol))
            .OrderBy(payment => payment.Block).ToList();
        var bridge = FlowChain.Account(table.Name);
        var assets = payments.Select(payment => payment.Token).Distinct()
            .Select(token => new Asset(token.ToString(), token, facts.Tokens[token].Decimals, 1m)).ToValueList();
        var watch = FlowSeries.Watching(assets, [], [new ProtectedContract("bridge", bridge, "")]);
        var taken = payments.Where(payment => payment.Taken).ToList();
        var drain = taken.Count == 0 ? null : new FlowEvent(
            "drain", facts.Times.Of(taken[0].Block), facts.Times.Of(taken[^1].Block) + TimeSpan.FromSeconds(1),
            null, null);
        return new FlowSeries(
            table.Name, "bridge", watch with { Detectors = [new OutflowDrainSettings("bridge")] },
            engine => Steps(engine, payments, bridge, facts.Times), drain)
        {
            TakenBefore = instant => ShareBefore(taken, facts, instant),
        };
    }

    private static IEnumerable<Input> Steps(
        Engine engine, List<Payment> payments, Address bridge, BlockTimes times)
    {
        var chain = new FlowChain();
        var held = payments.GroupBy(payment => payment.Token).ToDictionary(
            token => token.Key, token => token.Aggregate(UInt256.Zero, (sum, payment) => sum + payment.Amount));
        if (payments.Count == 0)
            yield break;
        yield return chain.Close(times.Of(payments[0].Block - 1));
        yield return Holdings();
        foreach (var block in payments.GroupBy(payment => payment.Block))
        {
            foreach (var transaction in block.GroupBy(payment => payment.Transaction))
                chain.Send(transaction.Key, transaction.First().By, bridge, [.. transaction.Select(payment =>
                    FlowChain.TransferLog(payment.Token, bridge, payment.To, payment.Amount))]);
            foreach (var payment in block)
                held[payment.Token] -= payment.Amount;
            yield return chain.Close(times.Of(block.Key));
            yield return Holdings();
        }

        ChainStep.Answered Holdings() => chain.Answer(engine, held.ToDictionary(
            one => ProtocolReads.BalanceOf(one.Key, bridge).Read, one => one.Value));
    }

    private static decimal ShareBefore(List<Payment> taken, TokenFacts facts, DateTimeOffset instant)
    {
        var all = taken.Sum(Units);
        return all == 0
            ? 0
            : Math.Round(taken.Where(one => facts.Times.Of(one.Block) <= instant).Sum(Units) / all, 4);

        decimal Units(Payment payment) => payment.Amount.ToUnits(facts.Tokens[payment.Token].Decimals);
    }

    private static bool IsDollar(string symbol) =>
        Dollars.Any(dollar => symbol.Contains(dollar, StringComparison.OrdinalIgnoreCase));

    private static Payment? Read(FlowRow row) =>
        row.Number("blockNumber") is { } block && Hash32.TryParse(row.Text("transactionHash"), out var transaction)
        && Address.TryParse(row.Text("tokenAddress"), out var token)
        && Address.TryParse(row.Text("tokenRecipient"), out var to) && Address.TryParse(row.Text("from"), out var by)
        && UInt256.TryParse(row.Text("amount"), out var amount)
            ? new Payment(block, transaction, token, to, by, amount, row.Number("hackTransaction") == 1)
            : null;
}
