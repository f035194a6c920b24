using System.Text.Json;
using Tocsin.Autonomy;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Signing;

namespace Tocsin.Decisions;

/// <summary>An approval ahead of any incident, as somebody hands it in.</summary>
internal sealed record SubmittedAuthorisation(string Action, string Signature, JsonElement TypedData);

/// <summary>Somebody takes back what was approved ahead of an action.</summary>
internal sealed record SubmittedWithdrawal(string Action, string By, string Reason);

/// <param name="Refusal">Null where it was recorded.</param>
internal sealed record AuthorisationOutcome(string? Refusal, string Message)
{
    /// <summary>Why not, under the name that every route of the API has for it.</summary>
    public string? Error => Refusal;
}

/// <summary>What was approved ahead, for people.</summary>
/// <param name="Given">By whom and when.</param>
/// <param name="Missing">The places that nobody has filled.</param>
/// <param name="Counts">True where the action could be taken by it now.</param>
/// <param name="Standing">Why, or why not.</param>
internal sealed record AuthorisationRow(
    string Action,
    Hash32 Decision,
    DateTimeOffset ExpiresAt,
    ValueList<string> Given,
    ValueList<string> Missing,
    bool Counts,
    string Standing);

/// <summary>What approvals ahead are judged by now.</summary>
/// <param name="DecisionsHash">Null where no plan was ever in force.</param>
internal sealed record PlanInForce(Hash32? DecisionsHash);

/// <summary>
/// Takes approvals ahead of any incident. They are judged as on the night; what is accepted is in the log before anyone
/// is told so.
/// </summary>
/// <param name="signer">Null without one: then nothing can be approved.</param>
internal sealed class MandateDesk(Logbook logbook, SignerClient? signer, bool exercise)
{
    /// <summary>So long an approval may count that is given ahead.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(90);

    private const string NoPlan = "no plan was ever in force here: start the server once";
    private const int MaximumCharacters = 500;
    private const int StandingOfOne = 5;

    /// <exception cref="SignerUnreachableException">The signer did not name the open use.</exception>
    public async Task<AuthorisationOutcome> SubmitAsync(
        SubmittedAuthorisation submitted, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (logbook.InForce is not { } plan)
            return Refused(NoPlan);
        if (signer is null)
            return Refused("no signer is configured, so nothing could be taken by it");
        if (submitted.Action.Length > 200 || submitted.Signature.Length > 1_000
            || DecisionTypedData.Read(submitted.TypedData.GetRawText()) is not { } decision
            || DecisionTypedData.Signer(decision, submitted.Signature.Trim()) is not { } wallet)
            return Refused(ApprovalRefusal.Malformed.InWords());
        if (Unauthorisable(plan, submitted.Action) is { } why)
            return Refused(why);
        var rule = plan.Decisions.First(one => one.Action == submitted.Action);
        // The signer is asked last: what a stranger hands in must not use up what the server may ask of it.
        if (Refuse(logbook.Book, plan, rule, decision, decision.Id, wallet, at) is { } early)
            return Refused(early);
        var use = await OpenUseAsync(signer, plan, submitted.Action, cancellationToken);
        AuthorisationOutcome? outcome = null;
        logbook.Record((book, now) =>
        {
            var refusal = Refuse(book, plan, rule, decision, use, wallet, now);
            if (refusal is not null)
            {
                outcome = Refused(refusal);
                return [];
            }
            var person = plan.People.First(one => one.Wallet == wallet).Name;
            outcome = new AuthorisationOutcome(null, $"approved ahead by {person}");
            var approval = new Approval(decision.Id, wallet, submitted.Signature.Trim(), now);
            return [new ActionAuthorised(submitted.Action, decision, approval, person)];
        });
        return outcome!;
    }

    public PlanInForce InForce() => new(logbook.InForce?.DecisionsHash);

    public AuthorisationOutcome Withdraw(SubmittedWithdrawal submitted)
    {
        AuthorisationOutcome? outcome = null;
        logbook.Record((book, _) =>
        {
            var known = book.Mandate.Authorisations.Where(one => one.Action == submitted.Action)
                .Select(one => one.Decision.Id).Distinct().ToList();
            outcome = logbook.InForce?.Person(submitted.By) is not { } person
                ? Refused("the plan names no such person who could say so")
                : submitted.Reason.Trim().Length is 0 or > MaximumCharacters
                    ? Refused($"a reason is needed, of at most {MaximumCharacters} characters")
                    : known.Count == 0
                        ? Refused("nothing is approved ahead of that action")
                        : new AuthorisationOutcome(
                            null, $"withdrawn by {person.Name}; what was given does not count here any more");
            return outcome.Refusal is not null
                ? []
                : [.. known.Select(id => new AuthorisationWithdrawn(
                    submitted.Action, id, logbook.InForce!.Person(submitted.By)!.Name, submitted.Reason.Trim()))];
        });
        return outcome!;
    }

    /// <summary>All that was approved ahead and not spent, withdrawn or revoked.</summary>
    public async Task<IReadOnlyList<AuthorisationRow>> ListAsync(
        DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (logbook.InForce is not { } plan)
            return [];
        var rows = new List<AuthorisationRow>();
        foreach (var ofAction in logbook.Book.Mandate.Authorisations.GroupBy(one => one.Action))
        {
            Hash32? use = null;
            try
            {
                if (signer is not null && ofAction.Any(one => one.Decision.PlanHash == plan.DecisionsHash))
                    use = await OpenUseAsync(signer, plan, ofAction.Key, cancellationToken);
            }
            catch (SignerUnreachableException)
            {
                // Told in the row: what is known without it is shown all the same.
            }
            rows.AddRange(ofAction.Select(authorisation => Row(authorisation, plan, use, now)));
        }
        return rows;
    }

    /// <summary>Why nothing of an action is approved ahead, in words; null where it may be.</summary>
    public static string? Unauthorisable(Plan plan, string action)
    {
        if (plan.Action(action) is null)
            return "the plan in force has no such action";
        if (!plan.Autonomy.Ladder.Any(entry => entry.Action == action && entry.ActsByItself))
            return "the plan in force lets nobody take that action by itself: 'automation' has no stage 'narrow' or "
                + "'wide' for it, so approvals ahead would only lie around";
        return plan.Decisions.Any(rule => rule.Action == action) ? null : "no decision of the plan decides that action";
    }

    private string? Refuse(
        IncidentBook book, Plan plan, DecisionRule rule, EmergencyDecision decision, Hash32 use, Address wallet,
        DateTimeOffset now)
    {
        if (book.Revocations.IsRevoked(wallet))
            return ApprovalRefusal.Revoked.InWords();
        if (decision.ExpiresAt - now > Longest)
            return $"it would count for longer than {Longest.TotalDays:0} days";
        if (decision.Id != use && decision.PlanHash == plan.DecisionsHash)
            return "it is not for the open use of the action: what it was given for was taken meanwhile; begin anew";
        var asked = new EmergencyDecision(
            use, exercise, plan.DecisionsHash,
            plan.Action(rule.Action)!.Calls.Select(call => call.Call).ToValueList(), decision.ExpiresAt);
        var known = book.Mandate.Authorisations
            .FirstOrDefault(one => one.Action == rule.Action && one.Decision == decision);
        if (known?.Approvers.Contains(wallet) != true
            && book.Mandate.EverGiven.Any(one => one.Decision == decision && one.Approval.Signer == wallet))
            return "this very approval was given before, and was withdrawn or used: a new one has another expiry";
        if (book.Mandate.Authorisations.Count(
            one => one.Action == rule.Action && one.Approvers.Contains(wallet)) >= StandingOfOne)
            return $"{StandingOfOne} approvals of this action by this wallet stand already: withdraw them first";
        var refusal = ApprovalJudgement.Refuse(
            asked, decision with { Id = asked.Id }, wallet, plan.ApprovalRule(rule), known?.Approvers ?? [], now);
        return refusal == ApprovalRefusal.AlteredPlan
            ? "it is for another version of the plan than the one in force here: start the server with it first"
            : refusal?.InWords();
    }

    private static AuthorisationRow Row(Authorisation authorisation, Plan plan, Hash32? use, DateTimeOffset now)
    {
        var rule = plan.Decisions.FirstOrDefault(one => one.Action == authorisation.Action);
        var approvals = rule is null ? new ApprovalRule([]) : plan.ApprovalRule(rule);
        var seated = approvals.Seat(authorisation.Approvers);
        var missing = approvals.Places.Where((_, place) => seated[place] is null).Select(place => place.Role)
            .ToValueList();
        var (counts, standing) = authorisation switch
        {
            _ when authorisation.Decision.PlanHash != plan.DecisionsHash || rule is null =>
                (false, "for another version of the plan"),
            _ when now >= authorisation.Decision.ExpiresAt => (false, "expired"),
            _ when use is not null && use != authorisation.Decision.Id => (false, "its use is closed"),
            _ when missing.Count > 0 => (false, $"waits for {string.Join(", ", missing)}"),
            _ when use is null => (true, "complete; the signer was not reached to say whether its use is open"),
            _ => (true, "complete"),
        };
        return new AuthorisationRow(
            authorisation.Action, authorisation.Decision.Id, authorisation.Decision.ExpiresAt,
            authorisation.Given
                .Select(given => $"{given.Person} ({ChecksumAddress.Format(given.Approval.Signer)}) at "
                    + $"{given.Approval.ReceivedAt:yyyy-MM-dd HH:mm} UTC")
                .ToValueList(),
            missing, counts, standing);
    }

    private static async Task<Hash32> OpenUseAsync(
        SignerClient signer, Plan plan, string action, CancellationToken cancellationToken)
    {
        var asked = new SignerRequest(Use: new UseRequest(plan.DecisionsHash, action));
        return (await signer.AskAsync(asked, cancellationToken)).Use?.Decision
            ?? throw new SignerUnreachableException("the signer did not name the open use of the action");
    }

    private static AuthorisationOutcome Refused(string why) => new(why, why);
}
