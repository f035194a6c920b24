namespace Tocsin.Plans;

/// <summary>Lints what is told: by whom, with whose approval, in words that can be filled.</summary>
internal static class UpdateCheck
{
    public static void Check(Plan plan, List<Complaint> complaints)
    {
        foreach (var template in plan.Templates)
            CheckTemplate(template, complaints);
        foreach (var communication in plan.Communications)
        {
            CheckNames(plan, communication, complaints);
            CheckApproval(plan, communication, complaints);
            CheckTelling(plan, communication, complaints);
        }
    }

    private static void CheckTemplate(UpdateTemplate template, List<Complaint> complaints)
    {
        if (UpdateFields.Pieces(template.Text) is not { } pieces)
        {
            PlanCheck.Error(
                complaints, template.At, $"the braces of template '{template.Id}' do not fit together: a field is "
                    + "'{state}', and a brace itself is written twice");
            return;
        }
        var fields = pieces.Where(piece => piece.IsField).Select(piece => piece.Text).Distinct();
        foreach (var field in fields.Where(field => !UpdateFields.All.Contains(field)))
            PlanCheck.Error(
                complaints, template.At, $"template '{template.Id}' asks for '{{{field}}}', which is no field; there "
                    + $"are {string.Join(", ", UpdateFields.All)}{PlanCheck.Near(field, UpdateFields.All)}");
    }

    private static void CheckNames(Plan plan, Communication communication, List<Complaint> complaints)
    {
        var roles = PlanCheck.Roles(plan);
        foreach (var (key, role) in new[] { ("writer", communication.Writer), ("approver", communication.Approver) })
            if (role is not null && !roles.Contains(role))
                PlanCheck.Error(
                    complaints, communication.At, $"the '{key}' of {Named(communication)} is '{role}', which is no "
                        + $"role that anyone holds{PlanCheck.Near(role, roles)}");
        if (communication.Template is { } template && plan.Template(template) is null)
            PlanCheck.Error(
                complaints, communication.At, $"the 'template' of {Named(communication)} is '{template}', which does "
                    + $"not exist{PlanCheck.Near(template, plan.Templates.Select(one => one.Id))}");
        var issues = plan.Issues.Select(issue => issue.Id).ToHashSet();
        foreach (var issue in communication.NotFor.Where(issue => !issues.Contains(issue)))
            PlanCheck.Error(
                complaints, communication.At, $"{Named(communication)} is 'not_for' issue '{issue}', which does not "
                    + $"exist{PlanCheck.Near(issue, issues)}");
    }

    // While it can still be done, the world is told that something is wrong, and not where to look for it.
    private static void CheckTelling(Plan plan, Communication communication, List<Complaint> complaints)
    {
        if (!communication.IsPublic || communication.When == "after-resolution"
            || communication.Template is not { } id || plan.Template(id) is not { } template)
            return;
        var telling = (UpdateFields.Pieces(template.Text) ?? [])
            .Where(piece => piece.IsField && UpdateFields.Telling.Contains(piece.Text))
            .Select(piece => $"'{{{piece.Text}}}'")
            .Distinct()
            .ToList();
        if (telling.Count > 0)
            PlanCheck.Warn(
                complaints, template.At, $"template '{id}' tells {string.Join(", ", telling)} in public: the name of "
                    + "an issue shows other attackers where to look; say it in words of your own, or not");
    }

    // What the world reads was read by a second person before.
    private static void CheckApproval(Plan plan, Communication communication, List<Complaint> complaints)
    {
        if (communication.Approver is not { } approver)
        {
            if (communication.IsPublic)
                PlanCheck.Error(
                    complaints, communication.At, $"{Named(communication)} is public, but has no 'approver'");
            return;
        }
        var approvers = plan.Holders(approver).ToList();
        if (approvers is [var one] && communication.Writer is { } writer && plan.Holders(writer).ToList() is [var other]
            && one == other)
            PlanCheck.Error(
                complaints, communication.At, $"'{one.Id}' alone writes and approves {Named(communication)}: give one "
                    + "of both roles to somebody else");
    }

    internal static string Named(Communication communication) => communication.Id is { } id
        ? $"communication '{id}'"
        : $"the communication for '{communication.Audience}'";
}
