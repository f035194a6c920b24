using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tocsin.Channels;
using Tocsin.Configuration;
using Tocsin.Delivery;
using Tocsin.Findings;
using Tocsin.Hosting;
using Tocsin.Reachability;
using Tocsin.Recording;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary><c>tocsin channel</c>: whether alerts reach people, proven before the night on which they must.</summary>
internal static class ChannelCommand
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromMilliseconds(250);

    public static Command Create() =>
        new("channel", "The ways by which alerts reach people, and the proof that they do")
        {
            Test(),
            ServerCommand.Listing(
                "list", "The channels, whose they are, and what their last tests gave", "/api/channels/", InWords),
            Kinds(), ChannelTrustCommand.CreateDistrust(), ChannelTrustCommand.CreateTrust(), ServerToken.File,
        };

    private static Command Test()
    {
        var name = new Argument<string>("NAME") { Description = "The channel's name in tocsin.yaml" };
        var by = ServerCommand.By();
        var severity = new Option<int?>("--severity")
        {
            Description = "As which it is sent, 1 to 5; without it 1, which wakes whoever a page would wake",
        };
        var wait = new Option<int?>("--wait") { Description = "Seconds to wait for the proof; 60 without it" };
        var answer = new Option<bool>("--answer") { Description = "Wait until the person says that they have it" };
        var direct = new Option<bool>("--direct")
        {
            Description = "Send from here, without a server: proves the address and the secret, not the way back",
        };
        var (config, json) = (ServerCommand.Config(), ServerCommand.Json());
        var command = new Command(
            "test", "Send a test through a channel as a page would go, and wait for the proof that it arrived. 1: none")
        {
            name, by, severity, wait, answer, direct, config, json,
        };
        severity.Validators.Add(Within(1, 5, "--severity is 1 (worst) to 5"));
        wait.Validators.Add(Within(1, 3600, "--wait is 1 to 3600 seconds"));
        command.Validators.Add(result =>
        {
            if (result.GetValue(direct) && result.GetValue(answer))
                result.AddError("--direct hears no answer: it goes without --answer");
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            var configuration = TocsinConfiguration.Load(parsed.GetValue(config)!);
            var asked = (Severity)(parsed.GetValue(severity) ?? (int)Severity.Critical);
            if (parsed.GetValue(direct))
                return DirectAsync(
                    configuration, parsed.GetValue(name)!, asked, parsed.GetValue(json), cancellationToken);
            var body = ServerCommand.As(
                parsed, by, new JsonObject { ["severity"] = (int)asked, ["by"] = parsed.GetValue(by) });
            return ByServerAsync(
                configuration, ServerToken.Of(parsed), parsed.GetValue(name)!, body,
                TimeSpan.FromSeconds(parsed.GetValue(wait) ?? 60), parsed.GetValue(answer), parsed.GetValue(json),
                cancellationToken);
        });
        return command;
    }

    // What is no number at all is told by the parser.
    private static Action<OptionResult> Within(int least, int most, string says) => result =>
    {
        if (result.Tokens is [{ Value: var text }] && int.TryParse(text, out var number)
            && (number < least || number > most))
            result.AddError(says);
    };

    private static Command Kinds()
    {
        var json = ServerCommand.Json();
        var command = new Command("kinds", "What a channel can be, and what its section in tocsin.yaml holds") { json };
        command.SetAction(parsed =>
        {
            var kinds = ChannelKind.All.Values.OrderBy(kind => kind.Id, StringComparer.Ordinal);
            Console.Out.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(
                    kinds.Select(kind => new { kind.Id, kind.What, kind.Fields }), EventJson.Printed)
                : string.Join(Environment.NewLine, kinds.SelectMany(Lines)));
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<int> ByServerAsync(
        TocsinConfiguration configuration, string? token, string name, JsonObject body, TimeSpan wait,
        bool untilAnswered, bool json, CancellationToken cancellationToken)
    {
        using var server = new ServerClient(configuration, token);
        if (untilAnswered)
            await RequireAnswersAsync(server, name, cancellationToken);
        var answer = await server.PostAsync(
            $"/api/channels/{Uri.EscapeDataString(name)}/test", body, cancellationToken);
        if (!json)
            Console.Out.WriteLine(AlertText.OneLine(answer["message"]!.ToString()));
        var row = await AwaitAsync(server, answer["canary"]!.ToString(), wait, untilAnswered, cancellationToken);
        Console.Out.WriteLine(json
            ? JsonSerializer.Serialize(row, EventJson.Printed)
            : Outcome(row.Canary, untilAnswered, wait) + LastWord(row));
        return IsProven(row.Canary, untilAnswered) ? ExitCode.Done : ExitCode.FoundWrong;
    }

    // A test that nobody can answer would wake people and then be called a failure.
    private static async Task RequireAnswersAsync(
        ServerClient server, string name, CancellationToken cancellationToken)
    {
        var rows = await server.GetAsync("/api/channels/", cancellationToken);
        if (rows.AsArray().FirstOrDefault(row => row!["name"]!.ToString() == name) is { } row
            && !row["canAnswer"]!.GetValue<bool>())
            throw new InputException(
                $"nobody can answer on '{name}': it has no buttons or keys that are heard here, and is nobody's own "
                + "way with a link");
    }

    private static string LastWord(CanaryRow row) =>
        row is { LastWord: { } word, Canary: { IsProven: false, Why: null } }
            ? $"{Environment.NewLine}the last attempt: {AlertText.OneLine(word)}"
            : "";

    private static async Task<CanaryRow> AwaitAsync(
        ServerClient server, string id, TimeSpan wait, bool untilAnswered, CancellationToken cancellationToken)
    {
        var until = TimeProvider.System.GetUtcNow() + wait;
        while (true)
        {
            var node = await server.GetAsync($"/api/canaries/{id}", cancellationToken);
            var row = node.Deserialize<CanaryRow>(EventJson.Options)!;
            if (IsProven(row.Canary, untilAnswered) || row.Canary.Why is not null
                || TimeProvider.System.GetUtcNow() >= until)
                return row;
            await Task.Delay(LooksEvery, cancellationToken);
        }
    }

    private static bool IsProven(Canary canary, bool untilAnswered) =>
        untilAnswered ? canary.AnsweredAt is not null : canary.IsProven;

    /// <summary>What became of a test, for whoever waited for it.</summary>
    internal static string Outcome(Canary canary, bool untilAnswered, TimeSpan wait) => canary switch
    {
        { Why: { } why } => $"LOST: {AlertText.OneLine(why)}{Environment.NewLine}"
            + "what is lost is a finding of the watch, and may open an incident",
        { AnsweredAt: { } at } => $"answered after {(at - canary.SentAt).TotalSeconds:0.0} s: the whole way is proven",
        { ArrivedAt: not null } when untilAnswered => $"it arrived, and nobody answered within {wait.TotalSeconds:0} s",
        { ArrivedAt: { } at, IsTakenOverOnly: true } =>
            $"taken over by its receiver after {(at - canary.SentAt).TotalSeconds:0.0} s",
        { ArrivedAt: { } at } => $"arrived after {(at - canary.SentAt).TotalSeconds:0.0} s",
        { Receipt: not null } => $"taken over by its receiver, and not proven to have arrived within "
            + $"{wait.TotalSeconds:0} s: does its word reach us? See 'callback' in docs/channels.md",
        _ => $"not sent within {wait.TotalSeconds:0} s; it is tried again for "
            + $"{CanaryRounds.ProvenWithin.TotalMinutes:0} minutes",
    };

    private static async Task<int> DirectAsync(
        TocsinConfiguration configuration, string name, Severity severity, bool json,
        CancellationToken cancellationToken)
    {
        var settings = configuration.Channels.FirstOrDefault(channel => channel.Name == name)
            ?? throw new InputException(
                $"tocsin.yaml has no channel '{name}'; it has "
                + string.Join(", ", configuration.Channels.Select(channel => channel.Name)));
        var hush = new Hush();
        var channel = Installation.CreateChannel(
            settings,
            new ChannelTools(
                ChannelHttp.Create(configuration.PrivateNetworks), TimeProvider.System, configuration.PrivateNetworks),
            configuration, hush);
        // No server gives this number: what is pressed under it confirms nothing.
        var sent = new CanaryEvent.Sent(
            new CanaryId(int.MaxValue), name, null, severity, "tocsin channel test --direct");
        var alert = CanaryWords.Write(
            sent, $"direct/{Guid.NewGuid():N}/{name}", null, configuration.ChannelPage, null, "none",
            TimeProvider.System.GetUtcNow());
        var result = hush.Of(name, await channel.DeliverAsync(new Message(alert), cancellationToken));
        var (word, reason) = (Word(result), AlertText.OneLine(result.Reason));
        Console.Out.WriteLine(
            json ? JsonSerializer.Serialize(new { result = word, reason }, EventJson.Printed) : $"{word}: {reason}");
        return result is DeliveryResult.Delivered or DeliveryResult.Accepted ? ExitCode.Done : ExitCode.FoundWrong;
    }

    /// <summary>What became of an attempt, by the name that docs/delivery.md explains.</summary>
    internal static string Word(DeliveryResult result) => result switch
    {
        DeliveryResult.Delivered => "delivered",
        DeliveryResult.Accepted => "accepted",
        DeliveryResult.RetryAfter => "retry",
        DeliveryResult.Unknown => "unknown",
        DeliveryResult.Permanent => "refused",
        _ => throw new InvalidOperationException($"no word for {result.GetType().Name}"),
    };

    private static string InWords(JsonNode rows) => string.Join(Environment.NewLine, rows.AsArray().Select(row =>
        $"{AlertText.OneLine(row!["name"]!.ToString())}  {row["kind"]}  "
        + $"{(row["person"] is { } person ? AlertText.OneLine(person.ToString()) : "everybody")}  "
        + (row["distrust"] is { } distrust ? $"NOT TRUSTED ({AlertText.OneLine(distrust.ToString())})  " : "")
        + AlertText.OneLine(row["words"]!.ToString())));

    private static IEnumerable<string> Lines(ChannelKind kind)
    {
        yield return $"{kind.Id}: {kind.What}";
        foreach (var field in kind.Fields)
            yield return $"  {field.Name}{(field.IsOptional ? " (optional)" : "")}: {field.What}{Form(field.Form)}";
    }

    private static string Form(FieldForm form) => form switch
    {
        FieldForm.Text or FieldForm.Address => "",
        FieldForm.Secret or FieldForm.SecretAddress => "; a secret, by reference: env:NAME or file:PATH",
    };
}
