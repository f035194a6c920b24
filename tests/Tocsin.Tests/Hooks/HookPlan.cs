using Tocsin.Plans;
using Tocsin.Tests.Plans;

namespace Tocsin.Tests.Hooks;

/// <summary>The smallest plan, with a hook that does the last step of its procedure.</summary>
internal static class HookPlan
{
    public const string Action = "maintenance-page";

    public static ReadPlan Read(
        string more = "", string url = "\"https://status.tocsin.dev/page\"", string after = "") =>
        MinimalPlan.Read(
            $$"""
            {{MinimalPlan.Main}}
              - id: {{Action}}
                what: Put up the maintenance page.
                hook: { method: PUT, url: {{url}}, expect: 204, body: "{}",
                        headers: { authorization: "file:hook.secret" }{{more}} }
            {{after}}
            """,
            MinimalPlan.Procedure.Replace(
                "---\nKeep calm.",
                $"""
                  - id: page
                    what: Put up the maintenance page
                    role: commander
                    expected: 1min
                    hook: {Action}
                ---
                Keep calm.
                """,
                StringComparison.Ordinal));
}
