namespace Tocsin.Signing;

/// <summary>
/// Tells the server's own refusals from those of others: what the signer refused beyond what we asked was asked by
/// somebody else. What was refused before we first looked is not judged.
/// </summary>
internal sealed class Strangers
{
    private (DateTimeOffset Since, long Refused, long Own)? begun;
    private long told;

    /// <summary>How many requests of others were refused since we look; 0 where that is known already.</summary>
    /// <param name="own">As <see cref="SignerClient.PerhapsRefused"/> after the status came.</param>
    public long Look(StatusAnswer status, (long Settled, long UnderWay) own)
    {
        var refused = status.Refused.Sum(count => count.Count);
        if (begun is not { } first || first.Since != status.Since)
        {
            (begun, told) = ((status.Since, refused, own.Settled), 0);
            return 0;
        }
        var unexplained = refused - first.Refused - (own.Settled + own.UnderWay - first.Own);
        if (unexplained <= told)
            return 0;
        told = unexplained;
        return unexplained;
    }
}
