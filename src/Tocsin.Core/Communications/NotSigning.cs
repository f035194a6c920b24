using Tocsin.Incidents;

namespace Tocsin.Communications;

/// <summary>Who will not have a call signed, and what to do about it, in the words of alerts and pages.</summary>
public static class NotSigning
{
    public static string Title(SigningRefusal refusal) => refusal switch
    {
        { IsUnreachable: true } => "THE SIGNER CANNOT BE REACHED",
        { By: RefusedBy.Server } => "THE DECISION IS NOT SIGNED, the signer was not asked",
        { By: RefusedBy.Signer } => "THE SIGNER DOES NOT SIGN YET",
        _ => "THE SIGNER REFUSES THE DECISION",
    };

    /// <summary>One or more sentences; the first goes on behind a colon.</summary>
    public static string DoNow(SigningRefusal refusal) => refusal switch
    {
        { IsUnreachable: true } => $"{refusal.Reason}. Start the signer, or pause by another way; it is asked again.",
        { By: RefusedBy.Server } => $"the signer was not asked, since {refusal.Reason}. Mend that, or pause by another "
            + "way; it is tried again.",
        { By: RefusedBy.Signer } => $"the signer does not sign for now ({refusal.Reason}). It is asked again; pause by "
            + "another way if it stays so.",
        _ => $"the signer will not sign ({refusal.Reason}). Correct the signer's policy, or pause by another way.",
    };
}
