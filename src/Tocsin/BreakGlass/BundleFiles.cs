using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Tocsin.Texts;

namespace Tocsin.BreakGlass;

/// <summary>
/// The files of a bundle in a folder, or in one zip file, and beside them the SHA-256 of each, as <c>sha256sum -c</c>
/// reads it.
/// </summary>
internal static class BundleFiles
{
    public const string SumsName = "SHA256SUMS";

    private const int MaximumFiles = 1_000;
    private const int MaximumFileBytes = 16 << 20;
    private const int MaximumCharacters = 64 << 20;

    /// <summary>True for the name of one file.</summary>
    public static bool IsOneFile(string path) => path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase);

    /// <returns>The SHA-256 of the list of hashes.</returns>
    /// <exception cref="InputException">Something is there already, or it cannot be written.</exception>
    public static string Write(string path, IReadOnlyList<(string Name, string Text)> files)
    {
        var sums = string.Concat(files.Select(file => $"{Sum(file.Text)}  {file.Name}\n"));
        IReadOnlyList<(string Name, string Text)> all = [.. files, (SumsName, sums)];
        try
        {
            if (IsOneFile(path))
                WriteOne(path, all);
            else
                WriteFolder(path, all);
            return Sum(sums);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InputException($"{path} cannot be written: {e.Message}", e);
        }
    }

    /// <summary>The files that the list of hashes names, each as it was written.</summary>
    /// <exception cref="InputException">It cannot be read, or a file is not what was written.</exception>
    public static (IReadOnlyDictionary<string, string> Files, string Sums) Read(string path)
    {
        try
        {
            using var zip = Directory.Exists(path) ? null : ZipFile.OpenRead(path);
            string Text(string name) => zip is null
                ? PlainFile.Read(Path.Combine(path, name), MaximumFileBytes)
                : Unpacked(zip, name);
            var sums = Text(SumsName);
            var files = new Dictionary<string, string>();
            foreach (var line in sums.Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(MaximumFiles))
            {
                var (sum, name) = Line(line)
                    ?? throw new InputException($"{path}: {SumsName} has a line that is no hash and name");
                var text = Text(name);
                if (Sum(text) != sum)
                    throw new InputException(
                        $"{path}: {name} is not what was written (its SHA-256 differs): use another copy");
                files[name] = text;
                if (files.Values.Sum(one => (long)one.Length) > MaximumCharacters)
                    throw new InputException($"{path} holds more than a bundle does");
            }
            return (files, Sum(sums));
        }
        catch (Exception e) when (
            e is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException
                or NotSupportedException)
        {
            throw new InputException($"{path} cannot be read as a bundle: {e.Message}", e);
        }
    }

    private static void WriteFolder(string path, IReadOnlyList<(string Name, string Text)> files)
    {
        Directory.CreateDirectory(path);
        if (Directory.EnumerateFileSystemEntries(path).Any())
            throw new InputException($"{path} holds something already; choose an empty folder");
        foreach (var (name, text) in files)
        {
            using var file = new FileStream(Path.Combine(path, name), FileMode.CreateNew);
            file.Write(Encoding.UTF8.GetBytes(text));
        }
    }

    private static void WriteOne(string path, IReadOnlyList<(string Name, string Text)> files)
    {
        using var file = new FileStream(path, FileMode.CreateNew);
        using var zip = new ZipArchive(file, ZipArchiveMode.Create);
        foreach (var (name, text) in files)
        {
            using var entry = zip.CreateEntry(name).Open();
            entry.Write(Encoding.UTF8.GetBytes(text));
        }
    }

    // A few bytes can unpack to any number: no more is read than a file may have.
    private static string Unpacked(ZipArchive zip, string name)
    {
        var entry = zip.GetEntry(name) ?? throw new FileNotFoundException($"it holds no {name}");
        using var stream = entry.Open();
        var bytes = new byte[MaximumFileBytes + 1];
        var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length > MaximumFileBytes
            ? throw new IOException($"{name} has more than {MaximumFileBytes:N0} bytes")
            : Encoding.UTF8.GetString(bytes, 0, length);
    }

    private static (string Sum, string Name)? Line(string line) =>
        line.Split("  ", 2) is [{ Length: 64 } sum, { Length: > 0 } name] && IsName(name) ? (sum, name) : null;

    /// <summary>True for a name that leads nowhere else.</summary>
    public static bool IsName(string name) =>
        name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_') && name[0] != '.';

    private static string Sum(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
