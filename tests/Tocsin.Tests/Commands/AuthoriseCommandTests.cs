using System.CommandLine;
using Tocsin.Commands;
using Tocsin.Tests.Autonomy;
using Tocsin.Tests.Configuration;
using Tocsin.Tests.Plans;
using Tocsin.Texts;

namespace Tocsin.Tests.Commands;

/// <summary>Approvals ahead of any incident, as people ask for them.</summary>
public sealed class AuthoriseCommandTests : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Before_the_first_start_nobody_is_given_anything_to_sign()
    {
        // Port 1 refuses: no server listens.
        folder.Write("tocsin.yaml", """
            listen: http://127.0.0.1:1
            data: data
            plan: plan
            chain: { id: 31337, rpc: "http://127.0.0.1:1" }
            signer: { socket: signer.sock, account: "0x00000000000000000000000000000000000000aa" }
            channels:
              ada-pager: { kind: slack-webhook, url: env:TOCSIN_TEST }
              ben-pager: { kind: slack-webhook, url: env:TOCSIN_TEST }
              cem-pager: { kind: slack-webhook, url: env:TOCSIN_TEST }
              war-room: { kind: slack-webhook, url: env:TOCSIN_TEST }
              spare-room: { kind: slack-webhook, url: env:TOCSIN_TEST }
            """);
        folder.Write("plan/plan.yaml", Scene.OneScope + Scene.Ladder("narrow"));
        folder.Write("plan/precision.json", Scene.Measured);
        folder.Write("plan/procedures/pause-markets.md", MinimalPlan.Procedure);

        var refused = await Assert.ThrowsAsync<InputException>(() =>
            new RootCommand { AuthoriseCommand.Create() }
                .Parse(["authorise", "pause-all", "--config", folder.Path])
                .InvokeAsync(
                    new InvocationConfiguration { EnableDefaultExceptionHandler = false },
                    TestContext.Current.CancellationToken));

        Assert.Contains($"'tocsin serve --config {folder.Path}'", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path, "authorise-*"));
    }
}
