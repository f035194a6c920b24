namespace Tocsin.Commands;

/// <summary>What a command's end means; the same for all commands.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>It ran and found something wrong: lint errors, a broken audit chain, an unverified stage.</summary>
    public const int FoundWrong = 1;

    /// <summary>The command or its input was not usable.</summary>
    public const int NotUsable = 2;
}
