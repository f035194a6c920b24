using System.CommandLine;
using System.Text.Json.Nodes;
using Tocsin.Channels;
using Tocsin.Configuration;
using Tocsin.Recording;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary>What commands that ask the running server have in common.</summary>
internal static class ServerCommand
{
    /// <summary>A command that does something in somebody's name, and prints the server's word.</summary>
    /// <param name="body">Of the request; it takes who acts, null where their token says it.</param>
    public static Command Acting(
        string name,
        string description,
        Argument[] arguments,
        Option[] options,
        Func<ParseResult, string> path,
        Func<ParseResult, string?, JsonObject> body,
        Func<JsonNode, string>? inWords = null)
    {
        var (config, json, by) = (Config(), Json(), By());
        var command = new Command(name, description);
        foreach (var argument in arguments)
            command.Arguments.Add(argument);
        foreach (var option in options.Concat([by, config, json]))
            command.Options.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var server = Server(parsed, config);
            var answer = await server.PostAsync(
                path(parsed), As(parsed, by, body(parsed, parsed.GetValue(by))), cancellationToken);
            Print(answer, parsed.GetValue(json), inWords ?? Message);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>A command that prints what the server knows.</summary>
    public static Command Listing(string name, string description, string path, Func<JsonNode, string> inWords)
    {
        var (config, json) = (Config(), Json());
        var command = new Command(name, description) { config, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var server = Server(parsed, config);
            Print(await server.GetAsync(path, cancellationToken), parsed.GetValue(json), inWords);
            return ExitCode.Done;
        });
        return command;
    }

    public static ServerClient Server(ParseResult parsed, Option<string> config) =>
        new(TocsinConfiguration.Load(parsed.GetValue(config)!), ServerToken.Of(parsed));

    /// <summary>What somebody sends who says who they are, or shows a token of their own.</summary>
    public static JsonObject As(ParseResult parsed, Option<string?> by, JsonObject body)
    {
        if (parsed.GetValue(by) is null && ServerToken.Of(parsed) is null)
            throw new InputException("say who you are, by --by, or by a token of your own");
        // What is left out is not there: a name that is null is not taken for that of the token.
        foreach (var (key, _) in body.Where(field => field.Value is null).ToList())
            body.Remove(key);
        return body;
    }

    public static Option<string?> By() => new("--by")
    {
        Description = "Who you are, by your 'id' in the plan; with a token of your own it may be left out",
    };

    public static Option<string> Reason() => new("--reason") { Description = "Why, for the log", Required = true };

    public static Option<string> Config() =>
        new("--config") { Description = "The folder of tocsin.yaml", DefaultValueFactory = _ => "." };

    public static Option<bool> Json() =>
        new("--json") { Description = "Print one JSON document on standard output" };

    private static void Print(JsonNode answer, bool json, Func<JsonNode, string> inWords) =>
        Console.Out.WriteLine(json ? answer.ToJsonString(EventJson.Printed) : inWords(answer));

    private static string Message(JsonNode answer) => AlertText.OneLine(answer["message"]!.ToString());
}
