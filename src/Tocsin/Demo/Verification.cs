using System.Text.Json;
using Tocsin.Audit;
using Tocsin.Chains;
using Tocsin.Evm.Abi;
using Tocsin.Findings;

namespace Tocsin.Demo;

/// <summary>
/// Judges the story from outside: what the chain holds, what the receivers got, what the log says. Nothing here asks
/// the code that did the work.
/// </summary>
internal sealed class Verification(
    Outside outside,
    Protocol protocol,
    Cast cast,
    Address signer,
    IReadOnlyList<Hash32> attacks,
    IReadOnlyList<(Hash32 Transaction, string What)> traffic,
    DateTimeOffset firstAttackAt)
{
    private const int ExpectedPauses = 2;
    private static readonly string[] Chapters =
        ["Timeline", "Times against the goals", "Root cause", "Financial impact", "Lessons", "Prevention"];

    private static readonly string[] Exits = ["repay", "add collateral", "claim"];

    public List<string> Faults { get; } = [];

    public async Task<DemoResult> RunAsync(string id, string report, CancellationToken cancellationToken)
    {
        var incident = await outside.IncidentAsync(id, cancellationToken);
        var timeline = await outside.TimelineAsync(id, cancellationToken);
        var found = await AttackAsync(incident, cancellationToken);
        Alerts(id, timeline);
        var decision = Decision(incident, timeline);
        var containment = await ContainmentAsync(incident, timeline, cancellationToken);
        await MoneyAsync(incident, found, cancellationToken);
        await EveryoneElseAsync(containment.Block, incident, cancellationToken);
        await ReportAsync(report, found, cancellationToken);
        Log(id);
        var impact = incident.GetProperty("impact");
        return new DemoResult(
            DemoStory.Scenario,
            found,
            Detected(incident, timeline),
            Delivered(incident),
            id,
            decision,
            containment,
            impact.GetProperty("takenUsd").GetDecimal(),
            impact.GetProperty("savedUsd").GetDecimal(),
            impact.GetProperty("usersAffected").GetInt32(),
            report,
            [],
            []);
    }

    private async Task<List<string>> AttackAsync(JsonElement incident, CancellationToken cancellationToken)
    {
        var succeeded = new List<string>();
        foreach (var attack in attacks.ToList())
        {
            if (await outside.Anvil.Node.ReceiptAsync(attack, cancellationToken) is { Succeeded: true })
                succeeded.Add(attack.ToString());
        }
        var found = incident.GetProperty("attackTransactions").EnumerateArray().Select(hash => hash.GetString()!)
            .ToList();
        Check(succeeded.Count > 0, "at least one attack transaction succeeded on the chain");
        Check(
            succeeded.ToHashSet().SetEquals(found),
            $"the incident names exactly the {succeeded.Count} attack transactions that succeeded, not {found.Count}");
        return found;
    }

    private void Alerts(string id, JsonElement timeline)
    {
        foreach (var received in outside.Receiver.All.Where(received => received.Fault is not null))
            Faults.Add($"{received.Channel} received a message of the wrong form: {received.Fault}");
        foreach (var reason in (string[])["opened", "contained", "resolved"])
        {
            var told = outside.Alerts(id, reason).Select(alert => alert.Channel).Distinct().Count();
            Check(told == 2, $"both channels were told '{reason}'");
        }
        Check(Kinds(timeline).Contains("alert-delivered.1"), "the log says that alerts were delivered");
    }

    private DemoDecision Decision(JsonElement incident, JsonElement timeline)
    {
        var progress = incident.GetProperty("decision");
        var approvers = progress.GetProperty("approvals").EnumerateArray()
            .Select(approval => approval.GetProperty("signer").GetString()!).ToList();
        Check(
            approvers.Select(text => Address.Parse(text)).ToHashSet().SetEquals([cast.Chief, cast.Security]),
            "exactly the two officers of the plan approved");
        Check(Kinds(timeline).Contains("approval-refused.1"), "the stranger's approval was refused and logged");
        return new DemoDecision(progress.GetProperty("decision").GetProperty("id").GetString()!, approvers);
    }

    private async Task<DemoContainment> ContainmentAsync(
        JsonElement incident, JsonElement timeline, CancellationToken cancellationToken)
    {
        var marketPaused = await outside.IsPausedOnChainAsync("market", cancellationToken);
        var vaultPaused = await outside.IsPausedOnChainAsync("vault", cancellationToken);
        Check(marketPaused && vaultPaused, "the chain says that market and vault are paused");
        var nonce = await outside.Anvil.Node.NonceAsync(signer, "latest", cancellationToken);
        Check(
            nonce == ExpectedPauses,
            $"the signer's account has sent exactly {ExpectedPauses} transactions, not {nonce}");
        var calls = incident.GetProperty("decision").GetProperty("calls").EnumerateArray().ToList();
        var inclusions = calls.Select(call => call.GetProperty("included")).ToList();
        var last = inclusions.MaxBy(inclusion => inclusion.GetProperty("block").GetProperty("number").GetUInt64());
        var block = last.GetProperty("block").GetProperty("number").GetUInt64();
        foreach (var attack in attacks.ToList())
        {
            if (await outside.Anvil.Node.ReceiptAsync(attack, cancellationToken) is { Succeeded: true } receipt)
                Check(
                    receipt.Block.Number <= block,
                    $"no attack succeeded after the pause, but one did in block {receipt.Block.Number}");
        }
        var contained = incident.TryGetProperty("contained", out _);
        Check(contained, "the incident was contained");
        await QuietAsync(block, cancellationToken);
        var opened = At(timeline, "incident-opened.1");
        return new DemoContainment(
            last.GetProperty("transaction").GetString()!,
            block,
            marketPaused && vaultPaused,
            contained,
            (long)(
                inclusions.Max(
                    inclusion => inclusion.GetProperty("at").GetDateTimeOffset()) - opened).TotalMilliseconds,
            [.. inclusions.Select(inclusion => inclusion.GetProperty("transaction").GetString()!)]);
    }

    /// <summary>After the pause nothing leaves market or vault but what users claim by themselves.</summary>
    private async Task QuietAsync(ulong pausedAt, CancellationToken cancellationToken)
    {
        var transfer = AbiEvent.Parse("Transfer(address indexed from,address indexed to,uint256 value)");
        var claims = traffic.ToList().Where(sent => sent.What == "claim").Select(sent => sent.Transaction).ToHashSet();
        var head = await outside.Anvil.Node.HeadAsync(cancellationToken);
        foreach (var token in (Deployed[])[protocol.Dollar, protocol.Reserve, protocol.Gem])
        {
            var moves = await outside.Anvil.Node.LogsAsync(
                pausedAt + 1, head.Number, token.Address, transfer.Topic0, cancellationToken);
            foreach (var move in moves.Where(move => transfer.TryDecode(move.Log, out var decoded) && IsOurs(decoded)))
                Check(
                    claims.Contains(move.TransactionHash),
                    $"nothing left after the pause, but {move.TransactionHash} took");
        }
    }

    private bool IsOurs(DecodedEvent transfer) =>
        (Address)transfer["from"] == protocol.Market.Address || (Address)transfer["from"] == protocol.Vault.Address;

    /// <summary>The log, read from a copy of its files, is whole and holds the head of the last alert.</summary>
    private void Log(string id)
    {
        var alert = outside.Alerts(id, "resolved").FirstOrDefault(received => received.Channel == Receiver.Phone);
        var parts = alert?.Body.GetProperty("logHead").GetString()?.Split(':') ?? [];
        using var copy = outside.CopyLog();
        var entries = copy.Store.Read().ToList();
        Check(LogChain.FirstBrokenLink(entries) is null, "the log's chain is whole");
        var isThere = parts.Length == 2 && long.TryParse(parts[0], out var sequence) && sequence > 0
            && sequence <= entries.Count && entries[(int)sequence - 1].Hash.ToString() == parts[1];
        Check(isThere, "the log holds the head that the last alert carried out of the house");
    }

    /// <summary>Counts what the market lost by its own events, at GEM's price before the attack.</summary>
    private async Task MoneyAsync(JsonElement incident, List<string> found, CancellationToken cancellationToken)
    {
        var borrowed = Events("Borrowed");
        var added = Events("CollateralAdded");
        var lost = 0m;
        foreach (var hash in found)
        {
            var receipt = await outside.Anvil.Node.ReceiptAsync(Hash32.Parse(hash), cancellationToken);
            foreach (var log in receipt!.Logs.ToArray().Where(log => log.Address == protocol.Market.Address))
            {
                if (borrowed.TryDecode(log, out var loan))
                    lost += ((UInt256)loan["amount"]).ToUnits(Protocol.DollarDecimals);
                else if (added.TryDecode(log, out var collateral))
                    lost -= ((UInt256)collateral["amount"]).ToUnits(Protocol.GemDecimals) * 10;
            }
        }
        var taken = incident.GetProperty("impact").GetProperty("takenUsd").GetDecimal();
        Check(
            lost > 0
                && Math.Abs(taken - lost) / lost < 0.05m,
                $"the loss in the report ({taken:N0} USD) is what the market's own events say ({lost:N0} USD)");
        Check(
            incident.GetProperty("impact").GetProperty("savedUsd")
                .GetDecimal() > taken, "the pause kept more than the attack took");
    }

    private async Task EveryoneElseAsync(ulong pausedAt, JsonElement incident, CancellationToken cancellationToken)
    {
        var exits = 0;
        foreach (var (transaction, what) in traffic.ToList())
        {
            if (await outside.Anvil.Node.ReceiptAsync(transaction, cancellationToken) is not { } receipt
                || receipt.Block.Number <= pausedAt)
                continue;
            if (!Exits.Contains(what))
                continue;
            exits++;
            Check(receipt.Succeeded, $"'{what}' still works while the protocol is paused, but {transaction} reverted");
        }
        Check(exits > 0, "somebody used an exit while the protocol was paused");
        var accused = incident.GetProperty("attackers").EnumerateArray()
            .Select(address => Address.Parse(address.GetString())).ToHashSet();
        Check(
            !accused.Overlaps([.. cast.Users, cast.HonestBorrower, protocol.HonestBorrower.Address]),
            "no ordinary user is accused");
        Check(accused.Contains(cast.Attacker), "the attacker is named");
        Check((await outside.IncidentsAsync(cancellationToken)).Count == 1, "one attack is one incident");
    }

    private async Task ReportAsync(string path, List<string> found, CancellationToken cancellationToken)
    {
        var text = await File.ReadAllTextAsync(path, cancellationToken);
        Check(
            found.All(hash => text.Contains(hash, StringComparison.Ordinal)),
            "the report names every transaction of the attack");
        Check(
            text.Contains($"on `{protocol.Attack.Address}`", StringComparison.Ordinal),
            "the report names the calls of the attack");
        foreach (var chapter in Chapters)
            Check(text.Contains($"## {chapter}", StringComparison.Ordinal), $"the report has the chapter '{chapter}'");
    }

    private DemoDetected Detected(JsonElement incident, JsonElement timeline)
    {
        var main = incident.GetProperty("main");
        var first = main.GetProperty("indicators").EnumerateArray().First();
        return new DemoDetected(
            main.GetProperty("threat").GetString()!,
            (int)Enum.Parse<Severity>(incident.GetProperty("severity").GetString()!, ignoreCase: true),
            main.GetProperty("confidence").GetDecimal(),
            first.GetProperty("block").GetProperty("number").GetUInt64(),
            Math.Max(0, (long)(At(timeline, "incident-opened.1") - firstAttackAt).TotalMilliseconds));
    }

    // Whether it arrived is the receiver's word; how long it took, from the event that caused it, is the log's.
    private List<DemoAlert> Delivered(JsonElement incident)
    {
        var alerts = new List<DemoAlert>();
        foreach (var delivery in incident.GetProperty("deliveries").EnumerateArray())
        {
            var channel = delivery.GetProperty("channel").GetString()!;
            var reason = delivery.GetProperty("reason").GetString()!;
            var isThere = HasArrived(channel, delivery.GetProperty("key").GetString()!, incident);
            Check(isThere, $"{channel} has the alert '{reason}', as the log says");
            alerts.Add(new DemoAlert(channel, reason, isThere, delivery.GetProperty("latencyMs").GetInt64()));
        }
        return alerts;
    }

    // A message of Slack's form has no room for the key, so there they are counted.
    private bool HasArrived(string channel, string key, JsonElement incident)
    {
        var arrived = outside.Receiver.All
            .Where(received => received.Channel == channel && received.Fault is null)
            .ToList();
        if (channel == Receiver.Phone)
            return arrived.Any(received => received.Body.GetProperty("key").GetString() == key);
        var sent = incident.GetProperty("deliveries").EnumerateArray()
            .Count(delivery => delivery.GetProperty("channel").GetString() == channel);
        return arrived.Count >= sent;
    }

    private AbiEvent Events(string name) => protocol.Market.Abi.Event(name);

    private static IEnumerable<string> Kinds(JsonElement timeline) =>
        timeline.EnumerateArray().Select(line => line.GetProperty("kind").GetString()!);

    private static DateTimeOffset At(JsonElement timeline, string kind) =>
        timeline.EnumerateArray().First(line => line.GetProperty("kind").GetString() == kind).GetProperty("at")
            .GetDateTimeOffset();

    private void Check(bool isTrue, string what)
    {
        if (!isTrue)
            Faults.Add(what);
    }
}
