using Tocsin.BreakGlass;
using Tocsin.Evm;
using static Tocsin.BreakGlass.PageText;
using static Tocsin.Plans.PlanPrint;

namespace Tocsin.Plans;

/// <summary>What the printed plan says of all but the team: the world outside, words, duties, what we own.</summary>
internal static class PlanPrintOutside
{
    public static void Write(PageText page, Plan plan)
    {
        Organisations(page, plan);
        Communications(page, plan);
        Duties(page, plan);
        Protected(page, plan.Protected);
    }

    private static void Organisations(PageText page, Plan plan)
    {
        if (plan.Organisations.Count == 0)
            return;
        page.Section("Whom to call outside, in this order");
        foreach (var one in plan.Organisations.OrderBy(one => one.Order))
            page.Item($"{Plain(one.Name)} ({one.Kind}): {Plain(one.Reach)}; upon "
                + $"{one.Upon.ToString().ToLowerInvariant()}"
                + (one.Severity is { } severity ? $", severity {(int)severity} or worse" : ""));
    }

    private static void Communications(PageText page, Plan plan)
    {
        page.Section("Who is told what");
        foreach (var one in plan.Communications)
            page.Item($"{Plain(one.Audience)}: {Plain(one.When)}"
                + (one.Every is { } every ? $" {InWords(every)}" : "")
                + (one.Within is { } within ? $", first within {InWords(within)}" : "")
                + $", by {Plain(one.Channel)}{(one.Backup is { } backup ? $", else {Plain(backup)}" : "")}"
                + (one.Writer is { } writer ? $"; written by {Plain(writer)}" : "")
                + (one.Approver is { } approver ? $"; approved by {Plain(approver)}" : "")
                + (one.Template is { } template ? $"; words: {Plain(template)}" : "")
                + (one.NotFor.Count > 0 ? $"; not for {Names(one.NotFor)}" : "")
                + (one.IfCompromised is { } compromised ? $"; if in wrong hands: {Plain(compromised)}" : ""));
        foreach (var template in plan.Templates)
        {
            page.Part($"Words: {Plain(template.Id)}");
            page.Words(Plain(template.Text));
        }
    }

    private static void Duties(PageText page, Plan plan)
    {
        if (plan.Exercises.Count + plan.Legal.Count == 0)
            return;
        page.Section("What we owe");
        foreach (var exercise in plan.Exercises)
            page.Item($"{exercise.Kind} every {InWords(exercise.Every)}: {Plain(exercise.What)}");
        foreach (var duty in plan.Legal)
            page.Item($"{Plain(duty.Regime)}: to {Plain(duty.To)} within {InWords(duty.Within)} from when it is "
                + $"{duty.Starts} ({Plain(duty.Source)}, read {duty.Reviewed:yyyy-MM-dd})");
    }

    private static void Protected(PageText page, ProtectedThings things)
    {
        page.Section("What we protect, and what it stands on");
        foreach (var contract in things.Contracts)
            page.Item($"contract {Plain(contract.Name)} `{ChecksumAddress.Format(contract.Address)}`"
                + (contract.Owner is { } owner ? $", owner {Plain(owner)}" : "")
                + (contract.Pause is { } pause ? $", pauses by `{Plain(pause)}`" : "")
                + string.Concat(contract.Roles.Select(role => $", {Plain(role.Name)}: {Plain(role.Holder)}")));
        foreach (var control in things.Controls)
            page.Item($"control {Plain(control.Name)} `{ChecksumAddress.Format(control.Address)}`");
        foreach (var safe in things.Safes)
            page.Item($"Safe {Plain(safe.Name)} `{ChecksumAddress.Format(safe.Address)}`, {safe.Threshold} of "
                + Names(safe.Signers));
        foreach (var (key, list) in things.Named)
            foreach (var thing in list)
                page.Item($"{key.Replace('_', ' ')}: {Plain(thing.Name)}"
                    + (thing.Address is { } address ? $" `{ChecksumAddress.Format(address)}`" : "")
                    + (thing.What is { } what ? $", {Plain(what)}" : "")
                    + (thing.Owner is { } owner ? $" ({Plain(owner)})" : ""));
    }
}
