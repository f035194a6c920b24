namespace Tocsin.Decisions;

/// <summary>Why the signature of a Safe's owner does not count. Each is recorded with the incident.</summary>
public enum OwnerRefusal
{
    NotAsked,
    Malformed,
    NotAnOwner,
    AlreadyGiven,
    AlreadySigned,
    Expired,
    Revoked,
}

/// <summary>The reasons in words.</summary>
public static class OwnerRefusals
{
    /// <summary>The reason in words for the owner who tried to sign.</summary>
    public static string InWords(this OwnerRefusal refusal) => refusal switch
    {
        OwnerRefusal.NotAsked => "no owner of a Safe is asked to sign this call now",
        OwnerRefusal.Malformed => "this is not a signature of 65 bytes with v 27, 28, 31 or 32",
        OwnerRefusal.NotAnOwner =>
            "no owner of the Safe signed this hash with it: what was signed for an earlier nonce counts no more",
        OwnerRefusal.AlreadyGiven => "this owner has signed already",
        OwnerRefusal.AlreadySigned => "the call is signed and on its way: nothing more is needed",
        OwnerRefusal.Expired => "the decision has expired",
        OwnerRefusal.Revoked => "this wallet was revoked, and counts no more",
    };
}
