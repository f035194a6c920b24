using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Eip712;

namespace Tocsin.Signing;

/// <summary>
/// A wallet's revocation as EIP-712 typed data: <c>Revocation{signer, wallet, reason, evenIfUnfillable, expires}</c> in
/// a domain of its own, so that it is never a decision. It names the signer's account: what was signed in a drill does
/// nothing at the signer that holds the real key.
/// </summary>
internal static class RevocationTypedData
{
    private static readonly Eip712Domain Domain = new("Tocsin revocation", "1");

    private static readonly Dictionary<string, ValueList<TypedDataField>> Types = new()
    {
        ["Revocation"] =
        [
            new("signer", "address"),
            new("wallet", "address"),
            new("reason", "string"),
            new("evenIfUnfillable", "bool"),
            new("expires", "uint256"),
        ],
    };

    /// <param name="account">The signer's.</param>
    public static TypedData Of(Address account, RevokeRequest asked) =>
        new(Domain, Types, "Revocation", new Dictionary<string, object>
        {
            ["signer"] = account,
            ["wallet"] = asked.Wallet,
            ["reason"] = asked.Reason,
            ["evenIfUnfillable"] = asked.EvenIfUnfillable,
            ["expires"] = (UInt256)(ulong)Math.Max(0, asked.ExpiresAt.ToUnixTimeSeconds()),
        });

    /// <summary>Who signed it; null where the text is no valid signature of anyone.</summary>
    public static Address? Signer(Address account, RevokeRequest asked, string signature) =>
        Signature.TryParse(signature, out var parsed) && parsed.TryRecover(Of(account, asked).Digest(), out var signer)
            ? signer : null;

    /// <summary>What a typed-data JSON asks for, without signatures; null where it is not of this domain, shape and
    /// signer.</summary>
    public static RevokeRequest? Read(string json, Address account)
    {
        try
        {
            var data = TypedData.Parse(json);
            var asked = new RevokeRequest(
                (Address)data.Message["wallet"],
                (string)data.Message["reason"],
                (bool)data.Message["evenIfUnfillable"],
                DateTimeOffset.FromUnixTimeSeconds(checked((long)((UInt256)data.Message["expires"]).ToUInt64())),
                []);
            // Any difference in domain, types, names or signer gives another digest.
            return Of(account, asked).Digest() == data.Digest() ? asked : null;
        }
        catch (Exception e) when (
            e is FormatException or InvalidCastException or KeyNotFoundException or OverflowException
                or ArgumentException)
        {
            return null;
        }
    }
}
