using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Tests.Plans;

/// <summary>The smallest plan that has one of everything, as its text. Tests break it one line at a time.</summary>
internal static class MinimalPlan
{
    public static readonly PrivateKey Commander = Key(11);
    public static readonly PrivateKey Deputy = Key(12);
    public static readonly PrivateKey Engineer = Key(13);
    public static readonly PrivateKey Auditor = Key(14);
    public static readonly PrivateKey Stranger = Key(15);

    public static readonly string Main = $"""
        name: Example Markets
        protected:
          chain:
            id: 31337
            name: Local
          controls:
            controls: "0x00000000000000000000000000000000000000c0"
          assets:
            - name: dUSD
              address: "0x00000000000000000000000000000000000000d1"
              decimals: 18
              usd: 1.00
              issuer: market
            - name: DEMO
              address: "0x00000000000000000000000000000000000000d2"
              decimals: 18
          pools:
            - name: DEMO-dUSD
              address: "0x00000000000000000000000000000000000000e1"
              kind: uniswap-v2
              base: DEMO
              quote: dUSD
          contracts:
            - name: market
              address: "0x00000000000000000000000000000000000000a1"
              scope: market
              exits: ["repay(uint256 amount)"]
            - name: vault
              address: "0x00000000000000000000000000000000000000a2"
              scope: vault
        issues:
          - id: flash-loan
            name: Flash-loan attack
            category: hacker-attack
            detection: [flash-loan-attack, oracle-manipulation]
            severity: 1
            procedure: pause-markets
        escalation:
          - category: hacker-attack
            severity: 2
            upon: detection
            notify: [core, auditor]
        team:
          core:
            - id: ada
              name: Ada Commander
              roles: [commander]
              phone: "+1 555 0100"
              wallet: "{ChecksumAddress.Format(Commander.Address)}"
              ways: [ada-pager]
            - id: ben
              name: Ben Engineer
              roles: [engineer]
              phone: "+1 555 0101"
              wallet: "{ChecksumAddress.Format(Engineer.Address)}"
              ways: [ben-pager]
          extended:
            - id: cem
              name: Cem Deputy
              roles: [deputy]
              wallet: "{ChecksumAddress.Format(Deputy.Address)}"
              ways: [cem-pager]
            - id: dee
              name: Dee Auditor
              roles: [auditor]
              wallet: "{ChecksumAddress.Format(Auditor.Address)}"
              ways: [war-room]
        communications:
          - audience: responders
            when: at-once
            channel: war-room
            backup: spare-room
        decisions:
          - id: emergency-pause
            name: Emergency pause
            action: pause-all
            required:
              - role: commander
                substitutes: [deputy]
            additional:
              - group: engineer
                at_least: 1
            valid_for: 30min
            reopen: open-again
        actions:
          - id: pause-all
            what: Pause every market
            calls:
              - scope: market
                target: controls
                function: pause(bytes32 module,uint64 durationSeconds)
                arguments: [market, 86400]
                holds: isPaused(bytes32 module)
                until: pausedUntil(bytes32 module)
              - scope: vault
                target: controls
                function: pause(bytes32 module,uint64 durationSeconds)
                arguments: [vault, 86400]
                holds: isPaused(bytes32 module)
                until: pausedUntil(bytes32 module)
          - id: open-again
            what: End the pause early
            by: auditor
            calls:
              - target: controls
                function: unpause(bytes32 module,bytes32 reasonCode)
                arguments: [market, all-clear]
        """;

    public const string Procedure = """
        ---
        title: Pause the markets
        decision: emergency-pause
        steps:
          - id: look
            what: Look at the transactions
            role: engineer
            expected: 5min
            tested: 2026-01-10
          - id: decide
            what: Ask for the emergency pause
            role: commander
            expected: 5min
            tested: 2026-01-10
        ---
        Keep calm.
        """;

    public static readonly HashSet<string> Channels = ["ada-pager", "ben-pager", "cem-pager", "war-room", "spare-room"];

    public static Plan Plan { get; } = Read().Plan;

    public static ReadPlan Read(string? main = null, string procedure = Procedure) =>
        PlanReader.Read([new PlanFile("plan.yaml", main ?? Main), new PlanFile("procedures/pause-markets.md",
            procedure)]);

    /// <summary>The plan with one piece of its text replaced; the piece must be there.</summary>
    public static ReadPlan With(string piece, string replacement)
    {
        Assert.Contains(piece, Main, StringComparison.Ordinal);
        var at = Main.IndexOf(piece, StringComparison.Ordinal);
        return Read(string.Concat(Main.AsSpan(0, at), replacement, Main.AsSpan(at + piece.Length)));
    }

    /// <summary>Every complaint, of the text and of the lint.</summary>
    public static IReadOnlyList<Complaint> Complaints(ReadPlan read) =>
        [.. read.Complaints, .. PlanCheck.Check(read.Plan, Channels)];

    /// <summary>The line of the main file on which some text stands for the first time.</summary>
    public static int LineOf(string piece) =>
        Main[..Main.IndexOf(piece, StringComparison.Ordinal)].Count(c => c == '\n') + 1;

    public static PrivateKey Key(byte number)
    {
        var bytes = new byte[PrivateKey.ByteCount];
        bytes[^1] = number;
        return new PrivateKey(bytes);
    }

    public static Address Wallet(byte number) => Key(number).Address;
}
