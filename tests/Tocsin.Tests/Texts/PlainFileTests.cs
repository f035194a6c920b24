using Tocsin.Texts;

namespace Tocsin.Tests.Texts;

public sealed class PlainFileTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-file-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_file_is_read_to_its_end_also_through_a_link()
    {
        File.WriteAllText(At("file"), "grüße\n");
        File.CreateSymbolicLink(At("link"), At("file"));
        File.CreateSymbolicLink(At("link-to-link"), At("link"));

        Assert.Equal("grüße\n", PlainFile.Read(At("file"), 8));
        Assert.Equal("grüße\n", PlainFile.Read(At("link-to-link"), 8));
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("/dev/null")]
    [InlineData("/dev/tty")]
    public void A_device_is_never_opened(string device)
    {
        Assert.SkipUnless(File.Exists(device), "there are no devices by name");
        File.CreateSymbolicLink(At("link"), device);

        Assert.Equal("", PlainFile.Read(device, 8));
        Assert.Equal("", PlainFile.Read(At("link"), 8));
    }

    [Fact]
    public void A_file_that_is_too_large_or_not_there_or_no_file_is_refused_without_its_name()
    {
        File.WriteAllText(At("hunter2"), "123456789");
        Refused("hunter2", "it has more than 8 bytes");
        Refused("hunter2-not-there", "there is no such file");
        Refused("hunter2/below", "there is no such file");
        Refused("hunter2\0", "its name is none");
        Refused("", "no such file");
    }

    private string At(string name) => Path.Combine(folder.FullName, name);

    private void Refused(string name, string says)
    {
        var message = Assert.Throws<IOException>(() => PlainFile.Read(At(name), 8)).Message;
        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", message, StringComparison.Ordinal);
    }
}
