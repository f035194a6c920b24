using Tocsin.Findings;
using Tocsin.Paging;
using Tocsin.Plans;

namespace Tocsin.Incidents;

/// <summary>The roles that an incident's plan wants filled, and that nobody fills who can help.</summary>
public static class UnfilledRoles
{
    /// <summary>
    /// Of an open incident of severity 1 or 2: those of the plan's roles and of the procedure's steps, by their ids.
    /// Less severe ones are worked on by whoever is there.
    /// </summary>
    public static ValueList<string> Of(Incident incident, Plan plan) =>
        incident.IsOpen && incident.Severity.IsAtLeast(Severity.High)
            ? plan.Roles.Select(role => role.Id)
                .Concat(plan.StepsOf(plan.Procedure(incident.Procedure)).Select(step => step.Role))
                .Distinct()
                .Where(role => !IsFilled(incident, plan, role))
                .ToValueList()
            : [];

    private static bool IsFilled(Incident incident, Plan plan, string role) =>
        Commanding.Holder(incident, plan, role) is { } holder
        && incident.Pages.AnswerOf(holder.Name) is not { Answer: PageAnswer.Unable };
}
