using System.Runtime.InteropServices;

namespace Tocsin.Signing;

/// <summary>
/// Gives up rights for good. The calls are POSIX; glibc and musl apply them to every thread of the process.
/// </summary>
internal static partial class Privileges
{
    private const int SetDumpable = 4;
    private const int SetNoNewPrivileges = 38;

    public static bool IsRoot => !OperatingSystem.IsWindows() && geteuid() == 0;

    /// <summary>Becomes another user and group. There is no way back.</summary>
    /// <exception cref="InvalidOperationException">The kernel refused, or the rights could be had again.</exception>
    public static void Become(int user, int group)
    {
        LoadEverything();
        Check(setgroups(0, []), "setgroups");
        Check(setgid(group), "setgid");
        Check(setuid(user), "setuid");
        if (user != 0 && setuid(0) == 0)
            throw new InvalidOperationException("the rights of root were not given up");
    }

    /// <summary>
    /// Keeps other processes of the same user from reading this one's memory, and core files from holding it.
    /// </summary>
    public static void HideMemory()
    {
        if (!OperatingSystem.IsLinux())
            return;
        Check(prctl(SetDumpable, 0, 0, 0, 0), "prctl");
        Check(prctl(SetNoNewPrivileges, 1, 0, 0, 0), "prctl");
    }

    /// <summary>
    /// Starts this program anew without the runtime's diagnostics port, through which another process of the same user
    /// could read the environment and the memory. The runtime reads the setting only at its start.
    /// </summary>
    public static void CloseDiagnosticsPort()
    {
        const string Setting = "DOTNET_EnableDiagnostics";
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable(Setting) == "0")
            return;
        var arguments = File.ReadAllText("/proc/self/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries);
        Check(setenv(Setting, "0", 1), "setenv");
        Check(execv("/proc/self/exe", [.. arguments, null]), "execv");
    }

    /// <summary>The user id of a file's owner; null where that cannot be found out.</summary>
    public static int? OwnerOf(string path)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        // struct statx: the same on every machine; stx_uid is behind 4 + 4 + 8 + 4 bytes (statx(2)).
        Span<byte> status = stackalloc byte[256];
        const int AtCurrentFolder = -100;
        const uint StatxUid = 0x8;
        return statx(AtCurrentFolder, path, 0, StatxUid, status) == 0
            ? BitConverter.ToInt32(status[20..])
            : null;
    }

    /// <summary>Makes a file or folder another user's.</summary>
    public static void GiveTo(string path, int user, int group) => Check(chown(path, user, group), "chown");

    // The new user may not be able to read the folder of the program, and assemblies are loaded when first used.
    private static void LoadEverything()
    {
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory, "*.dll"))
        {
            try
            {
                System.Runtime.Loader.AssemblyLoadContext.Default.LoadFromAssemblyPath(file);
            }
            catch (BadImageFormatException)
            {
                // A native library: not loaded by name from here.
            }
        }
    }

    private static void Check(int result, string call)
    {
        if (result != 0)
            throw new InvalidOperationException($"{call} failed with error {Marshal.GetLastPInvokeError()}");
    }

#pragma warning disable IDE1006 // The names are those of the C library.
    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setgroups(nint size, int[] list);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setgid(int group);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setuid(int user);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chown(string path, int owner, int group);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, Span<byte> status);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int execv(string path, string?[] arguments);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);
#pragma warning restore IDE1006
}
