using Tocsin.Commands;

namespace Tocsin.Tests.Commands;

public sealed class InitCommandTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-init-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Inside_a_checkout_the_key_and_the_data_are_kept_out_of_it(bool checkout)
    {
        if (checkout)
            folder.CreateSubdirectory(".git");
        var made = Path.Combine(folder.FullName, "deep", "watch");

        Assert.Equal(ExitCode.Done, InitCommand.Run(made));

        var ignored = Path.Combine(made, ".gitignore");
        Assert.Equal(checkout, File.Exists(ignored));
        if (checkout)
            Assert.Superset(
                new HashSet<string> { "signer.key", "data/", "*.secret" }, File.ReadAllLines(ignored).ToHashSet());
    }

    [Fact]
    public void A_list_of_what_git_ignores_that_is_there_is_left_as_it_is()
    {
        folder.CreateSubdirectory(".git");
        var ignored = Path.Combine(folder.FullName, ".gitignore");
        File.WriteAllText(ignored, "bin/\n");

        Assert.Equal(ExitCode.Done, InitCommand.Run(folder.FullName));
        Assert.Equal("bin/\n", File.ReadAllText(ignored));
    }
}
