namespace Tocsin.Texts;

/// <summary>
/// What a person gave us cannot be used. The message is complete: it names file and line where there are any, and says
/// what to change. The command ends with exit code 2.
/// </summary>
public sealed class InputException(string message, Exception? cause = null) : Exception(message, cause);
