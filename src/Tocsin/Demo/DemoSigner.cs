namespace Tocsin.Demo;

/// <summary>The signer as a process of its own, as in production; it ends when we do.</summary>
internal static class DemoSigner
{
    public static async Task<Supervised> StartAsync(DemoFolder folder, CancellationToken cancellationToken)
    {
        var (program, first) = OurProgram();
        string[] arguments =
            [.. first, "signer", "--policy", folder.SignerPolicy, .. DemoFolder.SignerAs is { } user ? ["--user", user]
                : Array.Empty<string>()];
        // No diagnostics port: another process of the same user could read memory through it.
        var environment = new Dictionary<string, string> { ["DOTNET_EnableDiagnostics"] = "0" };
        var (process, _) = await Supervised.StartAsync(program, arguments, "signs as", environment, cancellationToken);
        return process;
    }

    /// <summary>This program as a command: its own executable, or the runtime with its library.</summary>
    public static (string Program, string[] Arguments) OurProgram()
    {
        var executable = Path.Combine(AppContext.BaseDirectory, "tocsin");
        return File.Exists(executable) ? (executable, [])
            : ("dotnet", [Path.Combine(AppContext.BaseDirectory, "tocsin.dll")]);
    }
}
