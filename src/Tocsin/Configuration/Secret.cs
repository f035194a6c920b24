using Tocsin.Texts;

namespace Tocsin.Configuration;

/// <summary>
/// A secret by reference: <c>env:NAME</c> or <c>file:PATH</c>. The value is read when it is used, and printing one of
/// these prints the reference.
/// </summary>
internal sealed record Secret(string Reference)
{
    private const int MaximumCharacters = 64 * 1024;

    public static bool IsReference(string text) =>
        text.StartsWith("env:", StringComparison.Ordinal) || text.StartsWith("file:", StringComparison.Ordinal);

    /// <param name="directory">The folder to which relative paths belong.</param>
    /// <exception cref="InputException">The variable or the file is not there, or is empty.</exception>
    public string Reveal(string directory)
    {
        var name = Reference[(Reference.IndexOf(':') + 1)..];
        if (Reference.StartsWith("env:", StringComparison.Ordinal))
        {
            return Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
                ? value.Trim()
                : throw new InputException(
                    $"the environment variable {name} is not set; it holds the secret '{Reference}'");
        }
        try
        {
            var path = Path.Combine(directory, name);
            if (new FileInfo(path).Length > MaximumCharacters)
                throw new InputException($"'{Reference}' is too large to be a secret");
            return File.ReadAllText(path).Trim() is { Length: > 0 } text
                ? text
                : throw new InputException($"the file of '{Reference}' is empty");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"the secret '{Reference}' cannot be read: {e.Message}", e);
        }
    }

    public override string ToString() => Reference;
}
