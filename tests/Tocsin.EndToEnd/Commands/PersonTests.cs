using System.Text.Json;
using Tocsin.EndToEnd.Parts;

namespace Tocsin.EndToEnd.Commands;

/// <summary>One of us is compromised: the commands against a running server, and without one.</summary>
public sealed class PersonTests(ProtectedChain chain) : IClassFixture<ProtectedChain>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_is_revoked_in_a_running_server_at_once_and_stays_so_without_one()
    {
        await chain.ResetAsync();
        await using var site = await Site.CreateAsync(chain);
        var config = site.Folder.Root;
        await site.StartServerAsync();

        var revoked = await Executable.RunAsync(
            "person", "revoke", "security", "--config", config, "--by", "chief", "--reason", "phone stolen",
            "--even-if-unfillable", "--json");
        Assert.True(revoked.ExitCode == 0, revoked.Errors);
        var report = JsonDocument.Parse(revoked.Output).RootElement;
        Assert.NotEqual(0, report.GetProperty("told").GetArrayLength());
        Assert.True(await IsRevokedAsync(site));
        await site.UntilAsync(
            "the others are told",
            () => Task.FromResult(site.Received.Any(alert =>
                alert.Body.GetRawText().Contains("REVOKED", StringComparison.Ordinal))));

        await site.KillServerAsync();
        var listed = await Executable.RunAsync("person", "list", "--config", config);
        Assert.Contains("phone stolen", listed.Output, StringComparison.Ordinal);
        var refused = await Executable.RunAsync(
            "person", "revoke", "chief", "--config", config, "--by", "security", "--reason", "revenge");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("'security' is revoked", refused.Errors, StringComparison.Ordinal);
        var restored = await Executable.RunAsync(
            "person", "restore", "security", "--config", config, "--by", "chief", "--reason", "new phone");
        Assert.Equal(2, restored.ExitCode);
        Assert.Contains("stays revoked", restored.Errors, StringComparison.Ordinal);

        await site.StartServerAsync();
        Assert.True(await IsRevokedAsync(site));
    }

    private static async Task<bool> IsRevokedAsync(Site site)
    {
        var people = await site.Outside.Server.GetStringAsync(new Uri("/api/people/", UriKind.Relative), Cancelled);
        return JsonDocument.Parse(people).RootElement.EnumerateArray()
            .Single(row => row.GetProperty("person").GetString() == "security").GetProperty("revoked").GetBoolean();
    }
}
