using System.Text.Json;
using Tocsin.Audit;
using Tocsin.Chains;
using Tocsin.Demo.Scenarios;

namespace Tocsin.Demo;

/// <summary>
/// Judges the story from outside: what the chain holds, what the receivers got, what the log says. Nothing here asks
/// the code that did the work.
/// </summary>
internal sealed class Verification(
    Scenario scenario,
    Outside outside,
    DemoWorld world,
    Additions additions,
    Address signer,
    IReadOnlyList<(Hash32 Transaction, string What)> traffic,
    DateTimeOffset attackedAt)
{
    private const int PausesOfDecision = 2;
    private static readonly string[] Chapters =
        ["Timeline", "Times against the goals", "Root cause", "Financial impact", "Lessons", "Prevention"];

    private static readonly string[] Exits = ["repay", "add collateral", "claim"];

    private readonly Expectation expected = scenario.Expected;
    private readonly Books books = new(world.Anvil, world.Protocol, additions);

    public List<string> Faults { get; } = [];

    public async Task<DemoResult> RunAsync(string id, string report, CancellationToken cancellationToken)
    {
        var incident = await outside.IncidentAsync(id, cancellationToken);
        var timeline = await outside.TimelineAsync(id, cancellationToken);
        var found = await AttackAsync(incident, cancellationToken);
        Alerts(id, timeline);
        var isPaused = await PausesAsync(cancellationToken);
        var decision = expected.Pauses ? Decision(incident, timeline) : null;
        var containment =
            expected.Pauses ? await ContainmentAsync(incident, timeline, isPaused, cancellationToken) : null;
        await MoneyAsync(incident, found, cancellationToken);
        if (containment is not null)
            await ExitsAsync(containment.Block, cancellationToken);
        await EveryoneElseAsync(incident, cancellationToken);
        if (expected.IsForeseen)
            await ForesightAsync(timeline, cancellationToken);
        await ReportAsync(report, found, cancellationToken);
        Faults.AddRange(await scenario.FaultsAsync(world, cancellationToken));
        Log(id);
        JsonElement? impact = incident.TryGetProperty("impact", out var assessed) ? assessed : null;
        return new DemoResult(
            scenario.Name,
            [.. found.Select(hash => hash.ToString())],
            Detected(incident, timeline),
            Delivered(incident),
            id,
            decision,
            containment,
            impact?.GetProperty("takenUsd").GetDecimal(),
            impact?.GetProperty("savedUsd").GetDecimal(),
            impact?.GetProperty("usersAffected").GetInt32(),
            null,
            report,
            [],
            []);
    }

    /// <summary>Holds the transactions that the incident names against those that the chain says succeeded.</summary>
    private async Task<List<Hash32>> AttackAsync(JsonElement incident, CancellationToken cancellationToken)
    {
        var found = incident.GetProperty("attackTransactions").EnumerateArray()
            .Select(hash => Hash32.Parse(hash.GetString())).ToList();
        if (expected.Names == Naming.None)
            return found;
        var succeeded = new List<Blow>();
        foreach (var blow in world.Blows)
        {
            if (await outside.Anvil.Node.ReceiptAsync(blow.Transaction, cancellationToken) is
                { Succeeded: true } receipt)
                succeeded.Add(
                    blow with { Takes = blow.Takes && !await books.IsQueuedAsync(receipt, cancellationToken) });
        }
        Check(succeeded.Any(blow => blow.Takes), "at least one attack transaction succeeded on the chain");
        Check(
            succeeded.Any(blow => found.Contains(blow.Transaction)), "the incident names transactions of the attack");
        foreach (var stranger in found.Except(succeeded.Select(blow => blow.Transaction)))
            Check(
                expected.Names == Naming.Among,
                $"the incident names no transaction that is no part of the attack or failed, as {stranger} is");
        foreach (var missed in succeeded.Where(blow => blow.Takes).Select(blow => blow.Transaction).Except(found))
            Check(expected.Names != Naming.Every, $"the incident names every transaction that took, but not {missed}");
        return found;
    }

    private void Alerts(string id, JsonElement timeline)
    {
        foreach (var received in outside.Providers.Arrivals)
        {
            Check(
                received.Fault is null,
                $"{received.Channel} received a message of the wrong form: {received.Fault}");
            Check(
                received.Channel == DemoChannels.Phone
                    || !received.Request.Body.Contains("/acknowledge/", StringComparison.Ordinal),
                $"no personal link is sent to {received.Channel}, a channel of many");
        }
        string[] reasons = expected.Pauses ? ["opened", "contained", "resolved"] : ["opened", "resolved"];
        foreach (var reason in reasons)
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
            approvers.Select(text => Address.Parse(text)).ToHashSet()
                .SetEquals([world.Cast.Chief, world.Cast.Security]),
            "exactly the two officers of the plan approved");
        Check(Kinds(timeline).Contains("approval-refused.1"), "the stranger's approval was refused and logged");
        return new DemoDecision(progress.GetProperty("decision").GetProperty("id").GetString()!, approvers);
    }

    /// <summary>Whether the chain is paused as it should be, and by the signer's own hand.</summary>
    private async Task<bool> PausesAsync(CancellationToken cancellationToken)
    {
        var pauses = expected.Pauses ? PausesOfDecision : 0;
        var nonce = await outside.Anvil.Node.NonceAsync(signer, "latest", cancellationToken);
        Check(nonce == (ulong)pauses, $"the signer's account has sent exactly {pauses} transactions, not {nonce}");
        var isPaused = true;
        foreach (var module in (string[])["market", "vault"])
        {
            var isModulePaused = await outside.IsPausedOnChainAsync(module, cancellationToken);
            Check(
                isModulePaused == expected.Pauses,
                $"the chain says that {module} is {(expected.Pauses ? "" : "not ")}paused");
            isPaused &= isModulePaused;
        }
        return isPaused;
    }

    private async Task<DemoContainment> ContainmentAsync(
        JsonElement incident, JsonElement timeline, bool isPaused, CancellationToken cancellationToken)
    {
        var calls = incident.GetProperty("decision").GetProperty("calls").EnumerateArray().ToList();
        var inclusions = calls.Select(call => call.GetProperty("included")).ToList();
        var last = inclusions.MaxBy(inclusion => inclusion.GetProperty("block").GetProperty("number").GetUInt64());
        var block = last.GetProperty("block").GetProperty("number").GetUInt64();
        foreach (var blow in world.Blows.Where(blow => blow.Takes))
        {
            if (await outside.Anvil.Node.ReceiptAsync(blow.Transaction, cancellationToken) is { Succeeded: true } done)
                Check(
                    done.Block.Number <= block,
                    $"no attack succeeded after the pause, but one did in block {done.Block.Number}");
        }
        var contained = incident.TryGetProperty("contained", out _);
        Check(contained, "the incident was contained");
        // After the pause nothing leaves what is paused but what users claim by themselves.
        var claims = traffic.ToList().Where(sent => sent.What == "claim").Select(sent => sent.Transaction).ToHashSet();
        foreach (var outflow in await books.OutflowsAfterAsync(block, cancellationToken))
            Check(claims.Contains(outflow), $"nothing left after the pause, but {outflow} took");
        var opened = At(timeline, "incident-opened.1");
        return new DemoContainment(
            last.GetProperty("transaction").GetString()!,
            block,
            isPaused,
            contained,
            (long)(
                inclusions.Max(
                    inclusion => inclusion.GetProperty("at").GetDateTimeOffset()) - opened).TotalMilliseconds,
            [.. inclusions.Select(inclusion => inclusion.GetProperty("transaction").GetString()!)]);
    }

    /// <summary>The log, read from a copy of its files, is whole and holds the head of the last alert.</summary>
    private void Log(string id)
    {
        var alert = outside.Alerts(id, "resolved").FirstOrDefault(received => received.Channel == DemoChannels.Phone);
        var parts = alert?.Body.GetProperty("logHead").GetString()?.Split(':') ?? [];
        using var copy = outside.CopyLog();
        var entries = copy.Store.Read().ToList();
        Check(LogChain.FirstBrokenLink(entries) is null, "the log's chain is whole");
        var isThere = parts.Length == 2 && long.TryParse(parts[0], out var sequence) && sequence > 0
            && sequence <= entries.Count && entries[(int)sequence - 1].Hash.ToString() == parts[1];
        Check(isThere, "the log holds the head that the last alert carried out of the house");
    }

    /// <summary>Counts what the protected contracts lost by the tokens' own events.</summary>
    private async Task MoneyAsync(JsonElement incident, List<Hash32> found, CancellationToken cancellationToken)
    {
        if (!expected.Takes)
        {
            var all = world.Blows.Select(blow => blow.Transaction);
            Check(await books.LostUsdAsync(all, cancellationToken) <= 0, "nothing was taken from what is protected");
            return;
        }
        var lost = await books.LostUsdAsync(found, cancellationToken);
        var impact = incident.GetProperty("impact");
        var taken = impact.GetProperty("takenUsd").GetDecimal();
        Check(
            lost > 0 && Math.Abs(taken - lost) / lost < 0.05m,
            $"the loss in the report ({taken:N0} USD) is what the tokens' own events say ({lost:N0} USD)");
        if (expected.Pauses && expected.Keeps)
            Check(impact.GetProperty("savedUsd").GetDecimal() > 0, "the pause kept something");
    }

    private async Task ExitsAsync(ulong pausedAt, CancellationToken cancellationToken)
    {
        var exits = 0;
        foreach (var (transaction, what) in traffic.ToList().Where(sent => Exits.Contains(sent.What)))
        {
            if (await outside.Anvil.Node.ReceiptAsync(transaction, cancellationToken) is not { } receipt
                || receipt.Block.Number <= pausedAt)
                continue;
            exits++;
            Check(receipt.Succeeded, $"'{what}' still works while the protocol is paused, but {transaction} reverted");
        }
        Check(exits > 0, "somebody used an exit while the protocol was paused");
    }

    private async Task EveryoneElseAsync(JsonElement incident, CancellationToken cancellationToken)
    {
        var (cast, protocol) = (world.Cast, world.Protocol);
        var accused = incident.GetProperty("attackers").EnumerateArray()
            .Select(address => Address.Parse(address.GetString())).ToHashSet();
        Check(
            !accused.Overlaps(
                [.. cast.Users, cast.HonestBorrower, protocol.HonestBorrower.Address, .. additions.Innocent]),
            "no ordinary user is accused");
        if (expected.Names != Naming.Among)
            Check(
                accused.Contains(cast.Attacker) == (expected.Names != Naming.None),
                expected.Names == Naming.None ? "nobody is accused of what nobody did" : "the attacker is named");
        var incidents = await outside.ThreatsAsync(cancellationToken);
        Check(incidents.Count(one => expected.Threats.Contains(one.Threat)) == 1, "one attack is one incident");
        foreach (var (id, threat) in incidents.Where(one => !expected.Threats.Contains(one.Threat)))
            Check(expected.Besides.Contains(threat), $"nothing else is an incident, but {id} is: {threat}");
    }

    /// <summary>The incident was open before the first block with a blow in it.</summary>
    private async Task ForesightAsync(JsonElement timeline, CancellationToken cancellationToken)
    {
        var receipt = await outside.Anvil.ReceiptAsync(world.Blows[0].Transaction, cancellationToken);
        var block = await outside.Anvil.Node.BlockAsync(receipt.Block.Number, cancellationToken);
        var opened = At(timeline, "incident-opened.1");
        Check(
            opened < block!.Time,
            $"the incident was open at {opened:T}, before the attack was in a block at {block.Time:T}");
    }

    private async Task ReportAsync(string path, List<Hash32> found, CancellationToken cancellationToken)
    {
        var text = await File.ReadAllTextAsync(path, cancellationToken);
        Check(
            found.All(hash => text.Contains(hash.ToString(), StringComparison.Ordinal)),
            "the report names every transaction of the attack");
        foreach (var hash in found)
        {
            var sent = await outside.Anvil.Node.RequestAsync("eth_getTransactionByHash", cancellationToken, hash);
            var called = Address.Parse(sent.GetProperty("to").GetString());
            Check(
                text.Contains($"on `{called}`", StringComparison.Ordinal),
                $"the report names the call of {hash} on {called}");
        }
        foreach (var chapter in Chapters)
            Check(text.Contains($"## {chapter}", StringComparison.Ordinal), $"the report has the chapter '{chapter}'");
    }

    private DemoDetected Detected(JsonElement incident, JsonElement timeline)
    {
        var main = incident.GetProperty("main");
        // What comes from beside the chain has no indicators; its block is the newest that was known.
        var first = main.GetProperty("indicators").EnumerateArray().Append(main).First();
        return new DemoDetected(
            main.GetProperty("threat").GetString()!,
            (int)Response.SeverityOf(incident),
            main.GetProperty("confidence").GetDecimal(),
            first.GetProperty("block").GetProperty("number").GetUInt64(),
            Math.Max(0, (long)(At(timeline, "incident-opened.1") - attackedAt).TotalMilliseconds));
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
        var arrived = outside.Providers.Arrivals
            .Where(received => received.Channel == channel && received.IsTaken)
            .ToList();
        if (channel == DemoChannels.Phone)
            return arrived.Any(received => received.Body.GetProperty("key").GetString() == key);
        var sent = incident.GetProperty("deliveries").EnumerateArray()
            .Count(delivery => delivery.GetProperty("channel").GetString() == channel);
        return arrived.Count >= sent;
    }

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
