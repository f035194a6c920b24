using System.Net;
using Tocsin.Delivery;
using Tocsin.Tests.Incidents;
using Tocsin.Tests.Nights;

namespace Tocsin.Tests.Api;

/// <summary>The link that one person gets by mail or message, at the real server.</summary>
public sealed class PersonalLinkApiTests
{
    private static readonly DateTimeOffset Beginning = new(2026, 3, 10, 2, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_program_that_opens_the_link_acknowledges_nothing()
    {
        await using var night = await NightHost.StartAsync(Beginning);
        night.Find(Story.Finding());
        await night.UntilAsync(Beginning.AddSeconds(30));
        var link = night.Part<AcknowledgeLinks>().Create("INC-1", "ada", night.Now).AbsolutePath;

        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head, HttpMethod.Get })
        {
            using var looked = await night.Http.SendAsync(new HttpRequestMessage(method, link), Cancelled);
            Assert.NotEqual(HttpStatusCode.NotFound, looked.StatusCode);
        }
        // Without the page's own proof a form of another page acknowledges nothing either.
        using var posted = await night.Http.PostAsync(
            link, new FormUrlEncodedContent([new("answer", "informed")]), Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, posted.StatusCode);
        Assert.Empty(night.Incident("INC-1").Acknowledgements);
    }
}
