using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Decisions;
using Tocsin.Evm;
using Tocsin.Hosting;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Reports;
using Tocsin.Response;
using Tocsin.Signing;
using Tocsin.Texts;

namespace Tocsin.BreakGlass;

/// <summary>How far it came.</summary>
/// <param name="Calls">Empty where it did not come to acting.</param>
/// <param name="Why">Null where every call ended well.</param>
internal sealed record ContainResult(bool Succeeded, string? Why, IReadOnlyList<CallOutcome> Calls)
{
    /// <summary>Until when what a call pauses was paused before anything was signed, by call.</summary>
    public IReadOnlyDictionary<int, DateTimeOffset> Standing { get; init; } = new Dictionary<int, DateTimeOffset>();
}

/// <summary>
/// Takes a prepared action from the plan to the chain with nothing but a node and a signer. Killed at any moment and
/// begun again with the same journal, it goes on with the same decision.
/// </summary>
/// <param name="prepared">A decision that may have been signed already, as a bundle holds it; null for none.</param>
/// <param name="say">Tells people how it goes.</param>
internal sealed class GlassBreaker(
    ContainOptions options,
    TocsinConfiguration configuration,
    ReadPlan read,
    EmergencyDecision? prepared,
    Action<string> say,
    TimeProvider time)
{
    private ValueList<Address> revoked = [];

    /// <summary>True where a person sits before it, who can be asked for approvals.</summary>
    public bool AtTerminal { get; init; }

    /// <param name="pasted">Approvals, a line each; its end is that of waiting for them.</param>
    /// <exception cref="InputException">What was given cannot be used.</exception>
    /// <exception cref="SignerUnreachableException">The signer did not name the open use.</exception>
    public async Task<(ContainResult Result, Incident Incident)> RunAsync(
        TextReader pasted, CancellationToken cancellationToken)
    {
        var rule = Rule();
        var client = new SignerClient(options.Signer ?? configuration.Signer?.Socket
            ?? throw new InputException("no signer is configured: give its socket by --signer"));
        var settings = await SettingsAsync(client, cancellationToken);
        RefuseWithoutNode(read.Plan.Action(options.Action)!);
        using var journal = options.DryRun
            ? BreakGlassJournal.InMemory(Tell, time)
            : BreakGlassJournal.Open(options.JournalPath, Tell, time);
        var nodes = Installation.CreateNodes(configuration, time);
        var chains = ActingChains.Create(configuration, nodes, time);
        var record = new CallRecord(journal);
        var containment = new Containment(chains, client, settings, record, journal, time, configuration);
        var sending = new Sending(chains, client, settings, record, time);
        await DecideAsync(journal, containment, client, rule, cancellationToken);
        var carrying = new Carrying(
            journal, chains, containment, sending, new InclusionWatch(sending, record), say, time);
        await carrying.SimulateAsync(cancellationToken);
        var standing = await carrying.StandingAsync(cancellationToken);
        var result = await CarryOutAsync(journal, carrying, standing, pasted, cancellationToken);
        return (result with { Standing = standing }, journal.Incident!);
    }

    private async Task<ContainResult> CarryOutAsync(
        BreakGlassJournal journal,
        Carrying carrying,
        IReadOnlyDictionary<int, DateTimeOffset> standing,
        TextReader pasted,
        CancellationToken cancellationToken)
    {
        var decision = journal.Incident!.Decision!;
        var plan = journal.Plan!;
        var action = plan.Action(options.Action)!;
        foreach (var line in DecisionSheet.Lines(action, plan, decision, revoked, standing))
            say(line);
        if (action.Calls.Select((call, index) => call.IsPause && standing.ContainsKey(index)).All(holds => holds))
            say("ALL OF IT IS PAUSED ALREADY: go on only to pause anew, which takes approvals of its own; to leave it, "
                + "give none");
        var isHopeless = decision.Calls.All(call => call is { Signed: null, Simulation.Succeeded: false });
        if (options.DryRun || isHopeless)
        {
            var tried = carrying.Outcomes();
            var couldBe = decision.Calls.All(call => call.Simulation?.Succeeded == true);
            return new ContainResult(
                couldBe,
                couldBe ? null : "it is not signed as it is; run it again to try once more",
                couldBe ? [] : tried);
        }
        await File.WriteAllTextAsync(
            options.TypedDataPath, DecisionTypedData.Of(decision.Decision).ToJson(), cancellationToken);
        say($"  typed data to sign (eth_signTypedData_v4): {options.TypedDataPath}");
        if (decision.TakenAt is null && await CollectAsync(journal, pasted, cancellationToken) is { } missing)
            return new ContainResult(false, missing, []);
        var outcomes = await carrying.RunAsync(cancellationToken);
        var well = outcomes.All(outcome => outcome.Succeeded == true);
        return new ContainResult(well, well ? null : "not every call had its effect", outcomes);
    }

    // One journal is one use of one action, whatever became of the plan since.
    private async Task DecideAsync(
        BreakGlassJournal journal,
        Containment containment,
        SignerClient client,
        DecisionRule rule,
        CancellationToken cancellationToken)
    {
        if (journal.Incident is null)
            journal.Record((_, now) => Opening.Events(read, rule, configuration.Exercise, now));
        var incident = journal.Incident!;
        var pinned = journal.Plan!;
        if (incident.Main.Subject != options.Action || pinned.Decision(rule.Id)?.Action != options.Action)
            throw new InputException(
                $"{options.JournalPath} is the journal of '{incident.Main.Subject}'; give another by --journal");
        if (pinned.DecisionsHash != read.Plan.DecisionsHash)
            say("the plan was changed since this journal was begun; it goes on by the plan of then");
        if (incident.Decision is { } known && !Duties.HasLapsed(known, time.GetUtcNow()))
        {
            if (!options.DryRun)
                say($"going on with the decision in {options.JournalPath}");
            return;
        }
        if (options.ValidFor is null && prepared is { } ready && pinned.DecisionsHash == ready.PlanHash
            && await IsOpenAsync(ready, client, cancellationToken))
        {
            var scopes = pinned.Action(options.Action)!.Calls.Select(call => call.Scope).ToValueList();
            journal.Record((_, _) => [new IncidentEvent.DecisionProposed(incident.Id, rule.Id, ready, scopes)]);
            return;
        }
        var asked = pinned.Decision(rule.Id)!;
        await containment.ProposeAsync(
            incident, options.Validity is { } span ? asked with { ValidFor = span } : asked, cancellationToken);
    }

    // What approvers signed beforehand counts for as long as nothing else has taken its use.
    private async Task<bool> IsOpenAsync(
        EmergencyDecision ready, SignerClient client, CancellationToken cancellationToken)
    {
        if (time.GetUtcNow() >= ready.ExpiresAt)
        {
            say($"the typed data of the bundle expired at {ready.ExpiresAt:yyyy-MM-dd HH:mm:ss} UTC: approvals of it "
                + "count no more, and new data is made");
            return false;
        }
        var asked = new SignerRequest(Use: new UseRequest(ready.PlanHash, options.Action));
        if ((await client.AskAsync(asked, cancellationToken)).Use is not { } use || use.Decision == ready.Id)
            return true;
        say($"the typed data of the bundle is for a use that is over; use {use.Use} is open, and new data is made");
        return false;
    }

    /// <summary>Null once every place is filled; else who is missing.</summary>
    private async Task<string?> CollectAsync(
        BreakGlassJournal journal, TextReader pasted, CancellationToken cancellationToken)
    {
        var desk = new ApprovalDesk(journal);
        foreach (var file in options.Approvals)
        {
            foreach (var approval in ApprovalFile.Read(file))
                Take(journal, desk, approval, file);
        }
        if (IsTaken(journal))
            return null;
        if (AtTerminal)
            say("paste approvals, a signature a line, and end with an empty input (Ctrl-D):");
        while (!IsTaken(journal)
            && await pasted.ReadLineAsync(cancellationToken).AsTask().WaitAsync(cancellationToken) is { } line)
        {
            if (ApprovalFile.IsEmpty(line))
                continue;
            if (ApprovalFile.Line(line) is { } approval)
                Take(journal, desk, approval, "this line");
            else
                say("this is no approval: a signature is 0x and 130 digits");
        }
        if (IsTaken(journal))
            return null;
        var decision = journal.Incident!.Decision!;
        return time.GetUtcNow() >= decision.Decision.ExpiresAt
            ? "the decision expired before it had its approvals; run it again for a new one"
            : "approvals are missing; run it again with them: " + string.Join(
                "; ",
                DecisionSheet.Places(journal.Plan!, decision, revoked)
                    .Where(line => line.Contains("WAITING", StringComparison.Ordinal)));
    }

    private static bool IsTaken(BreakGlassJournal journal) => journal.Incident!.Decision!.TakenAt is not null;

    private void Take(BreakGlassJournal journal, ApprovalDesk desk, SubmittedApproval approval, string where)
    {
        // Begun again with the same files, it is no news.
        if (IsTaken(journal)
            || journal.Incident!.Decision!.Approvals.Any(known => known.Signature == approval.Signature.Trim()))
            return;
        var decision = journal.Incident.Decision.Decision;
        if (DecisionTypedData.Signer(decision, approval.Signature.Trim()) is { } signer && revoked.Contains(signer))
        {
            say($"{where}: {ChecksumAddress.Format(signer)} is revoked at the signer, which would not count it");
            return;
        }
        var outcome = desk.Submit(journal.Incident.Id, approval);
        if (outcome.Refusal is not null)
            say($"{where}: {outcome.Message}");
    }

    private DecisionRule Rule()
    {
        var plan = read.Plan;
        if (plan.Action(options.Action) is not { } action)
            throw new InputException(
                $"the plan has no action '{options.Action}'; it has "
                + string.Join(", ", plan.Actions.Select(one => one.Id)));
        if (action.Calls.Count == 0)
            throw new InputException(
                $"'{action.Id}' has no calls that the signer signs: people do it "
                + $"({action.ForPeople?.What ?? action.What})");
        if (action.Safe is { } safe)
            throw new InputException(
                $"'{action.Id}' goes through Safe '{safe.Name}': {safe.Threshold} of its owners execute it with the "
                + "Safe's own interface, a CALL for each of its calls: "
                + string.Join("; ", safe.Calls.Select(call => $"{call.InWords}, to "
                    + $"{ChecksumAddress.Format(call.Call.Target)}, data {Hex.Format(call.Call.Data.AsSpan())}")));
        return plan.Decisions.FirstOrDefault(rule => rule.Action == action.Id)
            ?? throw new InputException($"no decision of the plan decides '{action.Id}'");
    }

    private void RefuseWithoutNode(PlannedAction action)
    {
        var known = configuration.ActOn.Select(other => other.Id).Append(configuration.Chain.Id).ToList();
        if (options.Bundle is not null && action.Chains.FirstOrDefault(chain => !known.Contains(chain)) is var chain
            && chain != default)
            throw new InputException(
                $"'{action.Id}' acts on {read.Plan.Protected.NameOf(chain)}: give a node of it by --rpc {chain}=URL");
    }

    private async Task<SignerSettings> SettingsAsync(SignerClient client, CancellationToken cancellationToken)
    {
        var status = await StatusAsync(client, cancellationToken);
        revoked = status?.Revoked ?? [];
        if (configuration.Signer is { } configured)
        {
            if (status is not null && status.Account != configured.Account)
                say($"the signer signs as {ChecksumAddress.Format(status.Account)}, not as "
                    + $"{ChecksumAddress.Format(configured.Account)}: nothing of it will be sent");
            return configured;
        }
        if (status is null)
            throw new SignerUnreachableException("the signer did not say how it is");
        say($"the signer signs as {ChecksumAddress.Format(status.Account)}");
        return new SignerSettings(options.Signer!, status.Account);
    }

    // With a decision in the journal it goes on without the signer, as far as that goes.
    private async Task<StatusAnswer?> StatusAsync(SignerClient client, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.AskAsync(new SignerRequest(Status: new StatusRequest()), cancellationToken)).Status;
        }
        catch (SignerUnreachableException) when (configuration.Signer is not null)
        {
            return null;
        }
    }

    private void Tell(LogEvent happened)
    {
        if (happened is IncidentEvent and not IncidentEvent.Opened and not IncidentEvent.DecisionRequested)
            say(Timeline.Line(happened));
    }
}
