using Tocsin.Texts;

namespace Tocsin.Configuration;

/// <summary>
/// A secret by reference: <c>env:NAME</c> or <c>file:PATH</c>. The value is read when it is used, and printing one of
/// these prints the reference.
/// </summary>
internal sealed record Secret(string Reference)
{
    private const int MaximumBytes = 64 * 1024;

    public static bool IsReference(string text) =>
        text.StartsWith("env:", StringComparison.Ordinal) || text.StartsWith("file:", StringComparison.Ordinal);

    /// <summary>A secret as a configuration names it.</summary>
    public static Secret Read(YamlPart part)
    {
        var reference = part.Line();
        if (reference.Length > 0 && !IsReference(reference))
            part.Complain("a secret is given by reference: env:NAME or file:PATH");
        CheckFile(part, reference);
        return new Secret(reference);
    }

    /// <summary>
    /// Complains where a reference leads to what can never be read. A file that is not there may come: plans are
    /// checked on machines that hold no secret.
    /// </summary>
    public static void CheckFile(YamlPart part, string reference)
    {
        if (!reference.StartsWith("file:", StringComparison.Ordinal))
            return;
        var path = Path.Combine(Path.GetDirectoryName(part.At.File) ?? "", reference["file:".Length..]);
        if (Directory.Exists(path))
            part.Complain("this leads to a folder, not to a file");
        else if (File.Exists(path) && IsHollow(path))
            part.Complain("this leads to a file that is empty, or to a device: a secret is in a regular file");
    }

    /// <summary>The value, which is one line.</summary>
    /// <param name="directory">The folder to which relative paths belong.</param>
    /// <exception cref="InputException">
    /// The variable or the file is not there, is empty, or holds a control character.
    /// </exception>
    public string Reveal(string directory)
    {
        var value = RevealText(directory);
        return value.Any(char.IsControl)
            ? throw new InputException($"the secret '{Reference}' holds a line break or another control character")
            : value;
    }

    /// <summary>The value, which may have several lines.</summary>
    /// <inheritdoc cref="Reveal"/>
    public string RevealText(string directory)
    {
        var name = Reference[(Reference.IndexOf(':') + 1)..];
        if (Reference.StartsWith("env:", StringComparison.Ordinal))
        {
            return Environment.GetEnvironmentVariable(name)?.Trim() is { Length: > 0 } value
                ? value
                : throw new InputException(
                    $"the environment variable {name} is not set; it holds the secret '{Reference}'");
        }
        try
        {
            return PlainFile.Read(Path.Combine(directory, name), MaximumBytes).Trim() is { Length: > 0 } text
                ? text
                : throw new InputException($"the file of '{Reference}' is empty, or no regular file");
        }
        catch (IOException e)
        {
            throw new InputException($"the secret '{Reference}' cannot be read: {e.Message}", e);
        }
    }

    public override string ToString() => Reference;

    private static bool IsHollow(string path)
    {
        try
        {
            return PlainFile.Read(path, MaximumBytes).Length == 0;
        }
        catch (IOException)
        {
            // Whether the server may read it is not known here: the signer's key is for another user.
            return false;
        }
    }
}
