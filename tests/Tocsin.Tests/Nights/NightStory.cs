using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tocsin.Findings;
using Tocsin.Reports;
using Tocsin.Tests.Incidents;

namespace Tocsin.Tests.Nights;

/// <summary>
/// A night as a text: each line an instant after its beginning, and what happens or is expected then.
/// <code>
/// begins 2026-03-28T22:00Z
/// 00:00 finding flash-loan-attack severity 1
/// 00:02 expect Ada Commander is called by ada-phone
/// 00:03 ada able-to-sign
/// </code>
/// <c>missed</c> is what somebody hears who comes late, or comes back after they <c>leaves</c>; <c>known</c> is what
/// they do not hear again; <c>record</c> and <c>team</c> is what the API answers then.
/// What is expected stands in the timeline at just that instant; <c>never</c> is what must not stand there at all.
/// </summary>
internal static partial class NightStory
{
    public static async Task PlayAsync(string text)
    {
        var lines = text.Split('\n')
            .Select(line => line.Trim())
            .Where(line => line.Length > 0 && line[0] != '#')
            .ToList();
        var start = DateTimeOffset.Parse(
            lines[0]["begins ".Length..], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        await using var night = await NightHost.StartAsync(start);
        foreach (var line in lines.Skip(1))
        {
            var match = At().Match(line);
            Assert.True(match.Success, $"not a line of a night: {line}");
            await night.UntilAsync(start + Span(match.Groups[1].Value));
            await DoAsync(night, match.Groups[2].Value, line);
        }
    }

    private static async Task DoAsync(NightHost night, string what, string line)
    {
        var words = what.Split(' ', 2);
        var rest = words.Length > 1 ? words[1] : "";
        switch (words[0])
        {
            case "finding":
                Find(night, rest);
                break;
            case "expect":
                Assert.True(
                    night.Timeline.Any(one => one.At == night.Now && Says(one, rest)),
                    $"{line}\nis not there. The timeline:\n{Told(night)}");
                break;
            case "said":
                Assert.Contains(rest, night.Printed, StringComparison.Ordinal);
                break;
            case "unsaid":
                Assert.DoesNotContain(rest, night.Printed, StringComparison.Ordinal);
                break;
            case "never":
                Assert.False(night.Timeline.Any(one => Says(one, rest)), $"{line}\nis there:\n{Told(night)}");
                break;
            case "phase":
                Assert.Equal(rest, night.Incident("INC-1").Phase.ToString());
                break;
            case "refused":
                await PersonAsync(night, rest[(rest.IndexOf(": ", StringComparison.Ordinal) + 2)..],
                    rest[..rest.IndexOf(": ", StringComparison.Ordinal)]);
                break;
            case "decision":
                night.Propose();
                await night.UntilAsync(night.Now);
                break;
            case "paused":
                night.Pause(Span(rest["for ".Length..]));
                await night.UntilAsync(night.Now);
                break;
            case "clock":
                await night.JumpAsync(Span(rest["jumps ".Length..]));
                break;
            case "plan":
                ChangePlan(night, rest);
                await night.LookAtPlanAsync();
                break;
            case "told":
                Assert.Contains(night.Findings, finding => finding.Reason.Contains(rest, StringComparison.Ordinal));
                break;
            case "incidents":
                Assert.Equal(rest, night.Incidents.ToString(CultureInfo.InvariantCulture));
                break;
            case "again" or "alertmanager" or "pagerduty" or "opsgenie":
                await NightOutside.PostAsync(night, what);
                break;
            case "missed":
                Assert.Contains(
                    (await night.MissedAsync(night.Known)).Words,
                    words => words.Contains(rest, StringComparison.Ordinal));
                break;
            case "known":
                Assert.DoesNotContain(
                    (await night.MissedAsync(night.Known)).Words,
                    words => words.Contains(rest, StringComparison.Ordinal));
                break;
            case "record":
                Assert.Contains(
                    (await night.GetAsync("export"))["timeline"]!.AsArray(),
                    one => one!["words"]!.GetValue<string>().Contains(rest, StringComparison.Ordinal));
                break;
            case "team":
                Assert.Contains(
                    (await night.GetAsync("now"))["team"]!.AsArray(),
                    one => rest == $"{one!["name"]} {one["inWords"]}");
                break;
            case "leaves":
                night.Known = (await night.MissedAsync(0)).Newest;
                break;
            case "server":
                await (rest == "stops" ? night.StopServerAsync() : night.StartServerAsync());
                break;
            default:
                await PersonAsync(night, what, null);
                break;
        }
    }

    // PERSON WORD [INCIDENT-less rest]: what people do, by the API.
    private static async Task PersonAsync(NightHost night, string what, string? refusal)
    {
        var words = what.Split(' ', 3);
        var (by, deed, rest) = (words[0], words[1], words.Length > 2 ? words[2] : "");
        var (path, body) = deed switch
        {
            "acknowledges" => ("ack", new JsonObject { ["person"] = by }),
            "able-to-sign" or "unable" => ("ack", new JsonObject { ["person"] = by, ["answer"] = deed }),
            "notes" => ("notes", new JsonObject { ["person"] = by, ["text"] = rest }),
            "rates" => ("severity", new JsonObject
            {
                ["by"] = by,
                ["severity"] = rest[0] - '0',
                ["reason"] = rest[1..].Trim(),
            }),
            "assesses" => ("assessment", new JsonObject { ["by"] = by, ["words"] = rest }),
            "hands" => ("roles", new JsonObject
            {
                ["by"] = by,
                ["role"] = rest.Split(' ')[0],
                ["person"] = rest.Split(' ')[2],
                ["reason"] = "hand-over",
            }),
            "does" => ("steps", new JsonObject
            {
                ["person"] = by,
                ["step"] = rest.Split(' ')[0],
                ["result"] = rest.Split(' ', 2)[1],
            }),
            "says" => ("phase", new JsonObject
            {
                ["by"] = by,
                ["phase"] = rest.Split(' ')[0],
                ["words"] = rest.Split(' ', 2) is [_, var said] ? said : " ",
            }),
            "declares-false" => ("false-alarm", new JsonObject { ["by"] = by, ["reason"] = rest }),
            "reopens" => ("reopen", new JsonObject { ["by"] = by, ["reason"] = rest }),
            "resolves" => ("resolve", new JsonObject { ["person"] = by, ["summary"] = rest }),
            "merges" => ("merge", new JsonObject { ["by"] = by, ["into"] = rest, ["reason"] = "one attack" }),
            "writes" => ("updates", new JsonObject
            {
                ["by"] = by,
                ["communication"] = rest.Split(' ')[0],
                ["text"] = rest.Split(' ', 2) is [_, var text] ? text : null,
            }),
            "writes-on-backup" => ("updates", new JsonObject
            {
                ["by"] = by,
                ["communication"] = rest,
                ["onBackup"] = true,
            }),
            "approves" => ($"updates/{rest.Replace(' ', '/')}/approve", new JsonObject { ["by"] = by }),
            "skips" => ($"updates/{rest.Split(' ')[0]}/skip", new JsonObject
            {
                ["by"] = by,
                ["reason"] = rest.Split(' ', 2)[1],
            }),
            "marks" => ("records/addresses", new JsonObject
            {
                ["by"] = by,
                ["address"] = rest.Split(' ')[0],
                ["status"] = rest.Split(' ')[1],
                ["words"] = rest.Split(' ', 3)[2],
            }),
            "traces" => ("records/funds", new JsonObject
            {
                ["by"] = by,
                ["units"] = rest.Split(' ')[0],
                ["asset"] = rest.Split(' ')[1],
                ["from"] = rest.Split(' ')[3],
                ["kind"] = "passed",
            }),
            "splits" => ("split", new JsonObject
            {
                ["by"] = by,
                ["findings"] = new JsonArray([.. rest.Split(',').Select(id => (JsonNode)id)]),
                ["reason"] = "other hands",
            }),
            "opens" => ("", new JsonObject { ["by"] = by, ["words"] = rest }),
            _ => NightDecisions.Of(by, deed, rest),
        };
        var url = path.Length == 0 ? "/api/incidents/" : $"/api/incidents/INC-1/{path}";
        var answer = await night.PostAsync(url, body);
        if (refusal is null)
            Assert.Null(answer);
        else
            Assert.Contains(refusal, answer, StringComparison.Ordinal);
    }

    private static void ChangePlan(NightHost night, string what)
    {
        switch (what)
        {
            case "tells users":
                night.WritePlan(NightPlan.TellingUsers);
                break;
            case "has roles":
                night.WritePlan(NightPlan.WithRoles);
                break;
            case "decides":
                night.WritePlan(NightPlan.Deciding);
                break;
            case "is deleted":
                night.DeletePlan();
                break;
            case "is broken":
                night.WritePlan(NightPlan.Files[0].Text + "\n  ]: [");
                break;
            case "is as before":
                night.WritePlan(NightPlan.Files[0].Text);
                break;
            default:
                var sides = what["says ".Length..].Split(" instead of ");
                Assert.Contains(sides[1], NightPlan.Files[0].Text, StringComparison.Ordinal);
                night.WritePlan(NightPlan.Files[0].Text.Replace(sides[1], sides[0], StringComparison.Ordinal));
                break;
        }
    }

    private static void Find(NightHost night, string rest)
    {
        var words = rest.Split(' ');
        var id = words.Length > 3 ? words[3] : "attack";
        night.Find(Story.Finding(
            id, severity: (Severity)(words[2][0] - '0'),
            threat: Enum.GetValues<Threat>().Single(threat => threat.ToName() == words[0]),
            by: id is "attack" or "same-hands" ? null : Story.OtherAttacker) with
        {
            Revision = words.Length > 4 ? 2 : 1,
            Transactions = id != "attack" ? [Story.Hash(7)]
                : words.Length > 4 ? [Story.Hash(1), Story.Hash(2), Story.Hash(3)] : [Story.Hash(1), Story.Hash(2)],
        });
    }

    private static bool Says(Happened happened, string words) =>
        Timeline.Line(happened.Event).Contains(words, StringComparison.Ordinal);

    private static string Told(NightHost night) => string.Join(
        '\n', night.Timeline.Select(one => $"{one.At:HH:mm:ss.fff} {Timeline.Line(one.Event)}"));

    private static TimeSpan Span(string text)
    {
        var parts = text.Split(':').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return new TimeSpan(parts[0], parts[1], parts.Length > 2 ? parts[2] : 0);
    }

    [GeneratedRegex(@"^(\d+:\d\d(?::\d\d)?) +(.*)$")]
    private static partial Regex At();
}
