using System.Diagnostics;
using System.Text.Json;
using Tocsin.Demo;

namespace Tocsin.EndToEnd.Codecs;

/// <summary>
/// Foundry's <c>cast</c>, whose codecs others wrote. It starts in about ten milliseconds, so what is compared goes many
/// values to a call, or, where a call takes one value, through two shells that start it in a loop.
/// </summary>
internal sealed class Foundry
{
    /// <summary>The kernel takes no single argument beyond 128 KiB.</summary>
    public const int ArgumentLengthMax = 120_000;

    private const int ShellCount = 2;

    private readonly string program;

    private Foundry(string program) => this.program = program;

    /// <summary>For a shell that looks for <c>cast</c>.</summary>
    public string Folder => Path.GetDirectoryName(program)!;

    public static async Task<Foundry> PrepareAsync()
    {
        var anvil = (await Toolchain.PrepareAsync(_ => { }, TestContext.Current.CancellationToken)).Anvil;
        // …/@foundry-rs/anvil-linux-amd64/bin/anvil and its sibling.
        var package = new DirectoryInfo(Path.GetDirectoryName(Path.GetDirectoryName(anvil)!)!);
        var sibling = package.Name.Replace("anvil", "cast", StringComparison.Ordinal);
        return new Foundry(Path.Combine(package.Parent!.FullName, sibling, "bin", "cast"));
    }

    /// <summary>What one call prints.</summary>
    public async Task<string> RunAsync(params IEnumerable<string> arguments) =>
        (await RunAsync(program, arguments, "")).Trim();

    public async Task<JsonElement> RunForJsonAsync(params IEnumerable<string> arguments) =>
        JsonSerializer.Deserialize<JsonElement>(await RunAsync([.. arguments, "--json"]));

    /// <summary>One call for each line, which becomes the last argument; what each prints, in their order.</summary>
    public async Task<IReadOnlyList<string>> RunForEachAsync(string command, IReadOnlyList<string> lines)
    {
        // The byte 1 ends each answer, as answers have lines of their own.
        var script = $"while IFS= read -r line; do \"$0\" {command} \"$line\" || exit 1; printf '\\001'; done";
        var parts = lines.Chunk((lines.Count + ShellCount - 1) / ShellCount)
            .Select(part => RunAsync("/bin/sh", ["-c", script, program], string.Join('\n', part) + '\n'));
        var answers = await Task.WhenAll(parts);
        return [.. answers.SelectMany(text => text.Split('\u0001')[..^1])];
    }

    private static async Task<string> RunAsync(string file, IEnumerable<string> arguments, string input)
    {
        var info = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(info)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await errors);
        return await output;
    }
}
