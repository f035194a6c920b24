using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Tocsin.Texts;

namespace Tocsin.Demo;

/// <summary>
/// The local chain and the contracts to attack: pinned packages that are installed into the checkout when they are
/// first needed, by whichever process comes first.
/// </summary>
internal sealed class Toolchain
{
    private Toolchain(string root) => Root = root;

    /// <summary>The root of the checkout.</summary>
    public string Root { get; }

    public string Anvil => Path.Combine(Root, "node_modules", "@foundry-rs", $"anvil-{Platform}", "bin", "anvil");

    /// <summary>Finds the checkout and installs what it lacks.</summary>
    /// <param name="tell">Hears what is going on, line by line.</param>
    /// <exception cref="InputException">No checkout, no npm, or the registry cannot be reached.</exception>
    public static async Task<Toolchain> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        var toolchain = new Toolchain(FindRoot());
        await toolchain.InstallAsync(tell, cancellationToken);
        return toolchain;
    }

    private static string Platform
    {
        get
        {
            var system = OperatingSystem.IsMacOS() ? "darwin" : OperatingSystem.IsLinux() ? "linux"
                : throw new InputException("the local chain runs on Linux and macOS; on Windows, use WSL");
            return $"{system}-{(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64")}";
        }
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Tocsin.slnx")))
                return folder.FullName;
        }
        throw new InputException(
            "the demo needs a checkout of Tocsin's repository: run 'dotnet run --project src/Tocsin -- demo' there");
    }

    private async Task InstallAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        if (IsInstalled())
            return;
        tell("Installing the pinned packages for the local chain (once, about a minute) …");
        using var alone = await LockAsync(tell, cancellationToken);
        if (IsInstalled())
            return;
        await RunNpmAsync(tell, cancellationToken);
        if (!File.Exists(Anvil))
            throw new InputException(
                $"npm installed the packages, but not the local chain for {Platform}: {Anvil} is missing");
        await File.WriteAllTextAsync(Stamp, Wanted(), cancellationToken);
    }

    private string Stamp => Path.Combine(Root, "node_modules", ".tocsin-installed");

    private bool IsInstalled() => File.Exists(Anvil) && File.Exists(Stamp) && File.ReadAllText(Stamp) == Wanted();

    private string Wanted() =>
        Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Root, "package.json"))));

    // Tests start in several processes at once; npm must run in one of them alone.
    private async Task<FileStream> LockAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Root, "node_modules", ".tocsin-lock");
        for (var told = false; ; told = true)
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (UnauthorizedAccessException e)
            {
                throw new InputException($"{Root} cannot be written to: the packages are installed there", e);
            }
            catch (IOException)
            {
                if (!told)
                    tell("Another process is installing them; waiting for it …");
                await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
            }
        }
    }

    private async Task RunNpmAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        var info = new ProcessStartInfo("npm")
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "install", "--no-audit", "--no-fund", "--loglevel=http" },
        };
        using var npm = new Process { StartInfo = info };
        var errors = new List<string>();
        npm.OutputDataReceived += (_, e) => Tell(e.Data);
        npm.ErrorDataReceived += (_, e) => Tell(e.Data);
        try
        {
            npm.Start();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InputException(
                "Node.js 20 or newer with npm is needed for the local chain: "
                    + "install it with your system's package manager and run this again",
                e);
        }
        npm.BeginOutputReadLine();
        npm.BeginErrorReadLine();
        await npm.WaitForExitAsync(cancellationToken);
        if (npm.ExitCode != 0)
            throw new InputException(
                $"npm could not install the packages (is its registry reachable?):{Environment.NewLine}"
                    + string.Join(Environment.NewLine, errors.TakeLast(5)));

        void Tell(string? line)
        {
            if (string.IsNullOrWhiteSpace(line))
                return;
            if (line.Contains("error", StringComparison.OrdinalIgnoreCase))
                errors.Add(line);
            if (line.StartsWith("npm http fetch GET 200", StringComparison.Ordinal))
                tell(
                    "  fetched " + line.Split(' ').Where(word => word.Contains("://", StringComparison.Ordinal))
                        .Select(url => new Uri(url).AbsolutePath).FirstOrDefault());
            else if (!line.StartsWith("npm http", StringComparison.Ordinal))
                tell("  " + line);
        }
    }
}
