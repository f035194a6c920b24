using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Tests.Plans;

namespace Tocsin.Tests.Nights;

/// <summary>
/// The plan of the nights. Ada leads; who is on call hands over at nine in the morning in Zurich, Ben and Cem in turn;
/// Dee is called where nobody answers.
/// </summary>
internal static class NightPlan
{
    private const string Levels = """
            notify: [ada, primary]
            then:
              - { after: 3min, notify: [core] }
              - { after: 4min, notify: [cem] }
            again: 1
            nobody: [dee]
          - category: hacker-attack
            severity: 2
            upon: validation
            notify: [dee]
        """;

    private const string Schedules = """

        schedules:
          - id: primary
            time_zone: Europe/Zurich
            rotations:
              - { people: [ben, cem], from: 2026-03-01, hand_over: "09:00", every: 1d }
        """;

    /// <summary>What tocsin.yaml needs for it.</summary>
    public const string Configuration = """
        chain: { id: 31337, rpc: "http://127.0.0.1:9" }
        channels:
          war-room: { kind: slack-webhook, url: env:TOCSIN_NO_SUCH_1 }
          spare-room: { kind: slack-webhook, url: env:TOCSIN_NO_SUCH_2 }
          ada-pager: { kind: json-webhook, url: env:TOCSIN_NO_SUCH_3 }
          ada-phone: { kind: json-webhook, url: env:TOCSIN_NO_SUCH_4 }
          ben-pager: { kind: json-webhook, url: env:TOCSIN_NO_SUCH_5 }
          cem-pager: { kind: json-webhook, url: env:TOCSIN_NO_SUCH_6 }
          status: { kind: json-webhook, url: env:TOCSIN_NO_SUCH_7 }
        """;

    public static ValueList<PlanFile> Files { get; } =
    [
        new("plan.yaml", Changed(
            MinimalPlan.Main,
            ("    notify: [core, auditor]", Levels),
            ("ways: [ada-pager]", "ways: [ada-pager, { channel: ada-phone, wait: 1min }]\n      substitutes: [cem]"))
            + Schedules),
        new("procedures/pause-markets.md", MinimalPlan.Procedure),
    ];

    /// <summary>The same plan, by which users hear something as well.</summary>
    public static string TellingUsers { get; } = Changed(
        Files[0].Text,
        ("    backup: spare-room\n", """
                backup: spare-room
              - id: users
                audience: users
                when: every
                every: 2h
                within: 40min
                channel: status
                backup: spare-room
                writer: engineer
                approver: commander
                template: first
                public: true
              - { id: report, audience: users, when: after-resolution, after: 8h, channel: status, writer: engineer,
                  approver: commander, public: true }
            templates:
              - id: first
                text: "At {opened} we found: {issue}. {state} {impact} The next word comes at {next}."

            """));

    /// <summary>The same plan with roles: whoever is on call leads, Cem stands in.</summary>
    public static string WithRoles { get; } = Files[0].Text + """

        roles:
          - id: commander
            what: Leads, and does nothing else.
            deputy: deputy
            from: primary
            actions:
              - { id: open-call, what: Open a call and name who does what., within: 20min }
          - { id: engineer, what: Finds out what happens., deputy: commander }
        severities:
          - { severity: 1, acknowledge: 15min, review: 2h }
        """;
    /// <summary>The same plan, by which people decide something as well.</summary>
    public static string Deciding { get; } = DecidingPlan.Of(TellingUsers);

    public static ReadPlan Read(ValueList<PlanFile>? files = null)
    {
        var read = PlanReader.Read(files ?? Files);
        Assert.Empty(read.Complaints);
        return read;
    }

    public static string Changed(string text, params (string Old, string New)[] changes)
    {
        foreach (var (old, replacement) in changes)
        {
            Assert.Contains(old, text, StringComparison.Ordinal);
            text = text.Replace(old, replacement, StringComparison.Ordinal);
        }
        return text;
    }
}
