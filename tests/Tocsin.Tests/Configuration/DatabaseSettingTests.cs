using Tocsin.Configuration;
using Tocsin.Recording;
using Tocsin.Storage;
using Tocsin.Texts;

namespace Tocsin.Tests.Configuration;

public sealed class DatabaseSettingTests : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("database: sqlite\n")]
    public void The_store_is_a_file_of_the_data_folder_unless_it_is_said_otherwise(string text)
    {
        using (ConfiguredStore.Open(folder.Load(text)))
            Assert.True(File.Exists(Path.Combine(folder.Path, "data", "tocsin.db")));
    }

    [Theory]
    [InlineData("database: postgres\n")]
    [InlineData("database: Host=db;Password=hunter2\n")]
    [InlineData("database: postgres://tocsin:hunter2@db/tocsin\n")]
    public void A_connection_string_is_given_by_reference(string text)
    {
        var refusal = Assert.Throws<InputException>(() => folder.Load(text)).Message;

        Assert.Contains("where the connection string of a PostgreSQL database is", refusal);
        Assert.DoesNotContain("hunter2", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reference_that_leads_nowhere_is_told_before_anything_starts()
    {
        var configuration = folder.Load("database: env:TOCSIN_NO_SUCH_VARIABLE\n");

        Assert.Contains(References.Faults(configuration), fault => fault.Words.Contains("TOCSIN_NO_SUCH_VARIABLE"));
    }

    [Fact]
    public void A_connection_string_that_cannot_be_used_is_in_no_message()
    {
        folder.Write("address", "Host=/nonexistent;Username=tocsin;Password=hunter2");
        var configuration = folder.Load("database: file:address\n");

        var refusal = Assert.Throws<StorageException>(() => ConfiguredStore.OpenExisting(configuration));

        Assert.Contains("cannot be reached", refusal.Message);
        Assert.DoesNotContain("hunter2", refusal.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", configuration.ToString(), StringComparison.Ordinal);
    }
}
