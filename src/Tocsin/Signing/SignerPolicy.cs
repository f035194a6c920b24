using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Plans;
using Tocsin.Signing.Keys;
using Tocsin.Texts;

namespace Tocsin.Signing;

/// <summary>The least and the most that a numeric argument may be.</summary>
internal sealed record ArgumentBounds(int Index, string Name, UInt256 AtLeast, UInt256 AtMost);

/// <summary>One kind of call that may be signed, and who must have approved it.</summary>
/// <param name="AllowedFirst">The values that the first argument may have; null for any.</param>
internal sealed record AllowedCall(
    ChainId Chain,
    Address Target,
    AbiFunction Function,
    ValueList<ArgumentBounds> Bounds,
    ValueList<Hash32>? AllowedFirst,
    ApprovalRule Approvals)
{
    /// <summary>The Safe that makes the call, by a plain CALL; null where the signer's own account does.</summary>
    public Address? Through { get; init; }
}

/// <summary>
/// What the signer signs, by its own lights: nothing of this comes from the server. Whatever is not allowed here is
/// refused.
/// </summary>
/// <param name="Exercise">
/// True where the key is for drills: it then signs nothing else, and a real key no drill.
/// </param>
/// <param name="FirstNonce">
/// The account's nonce when the journal was begun; from then on the journal alone counts.
/// </param>
/// <param name="Replacements">So many times a signed call is signed anew with a higher fee.</param>
/// <param name="Clients">User ids that may connect; null for the signer's own user alone.</param>
internal sealed record SignerPolicy(
    KeySettings Key,
    string Directory,
    string JournalPath,
    string SocketPath,
    bool Exercise,
    ulong FirstNonce,
    int SignaturesPerDay,
    ulong MinGas,
    ulong MaxGas,
    UInt256 MaxFeePerGasWei,
    ValueList<int>? Clients,
    ValueList<AllowedCall> Allowed,
    int Replacements = SignerPolicy.UsualReplacements)
{
    /// <summary>3.2 times the first fee: enough for any rise but one beyond the ceiling.</summary>
    public const int UsualReplacements = 10;

    /// <summary>The file's name as <c>init</c> writes it, beside the configuration.</summary>
    public const string FileName = "signer.yaml";

    /// <summary>Brakes that hear of the signer's account without anybody's approval.</summary>
    public ValueList<HeartbeatPolicy> Heartbeats { get; init; } = [];

    /// <summary>Who may revoke a wallet; null where nobody may.</summary>
    public ApprovalRule? Revocation { get; init; }

    /// <summary>Where the wallets that were revoked are remembered.</summary>
    public string RevocationsPath => JournalPath + ".revocations";

    /// <summary>Where the beats that were signed are remembered.</summary>
    public string BeatsPath => JournalPath + ".beats";

    /// <summary>Where the countersigned heads of the log are remembered, beside the journal.</summary>
    public string HeadsPath => JournalPath + ".heads";

    /// <exception cref="InputException">
    /// The policy cannot be used; the message has a line for each thing to change.
    /// </exception>
    public static SignerPolicy Load(string path)
    {
        var (policy, complaints) = Read(path);
        var errors = complaints.Where(complaint => complaint.Level == ComplaintLevel.Error).ToList();
        return errors.Count == 0
            ? policy
            : throw new InputException(string.Join(Environment.NewLine, errors));
    }

    /// <summary>As far as it can be read, with everything that is wrong with it.</summary>
    /// <exception cref="InputException">The file itself cannot be read.</exception>
    public static (SignerPolicy Policy, IReadOnlyList<Complaint> Complaints) Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"the signer's policy {path} cannot be read: {e.Message}", e);
        }
        var yaml = new YamlText();
        var policy = Read(Path.GetDirectoryName(Path.GetFullPath(path))!, yaml.Parse(path, text));
        return (policy, yaml.Complaints);
    }

    private static SignerPolicy Read(string directory, YamlPart root)
    {
        root.Knows(
            "key", "journal", "socket", "exercise", "first_nonce", "signatures_per_day", "min_gas", "max_gas",
                "max_fee_gwei", "replacements",
            "clients", "allowed", "heartbeats", "revocation");
        return new SignerPolicy(
            KeySettings.Read(root.Required("key")),
            directory,
            Path.Combine(directory, root.Required("journal").Text()),
            Path.Combine(directory, root.Required("socket").Text()),
            root.Required("exercise").Flag(),
            root.Optional("first_nonce")?.Quantity() ?? 0,
            root.Optional("signatures_per_day")?.Number(1, 100_000) ?? 20,
            root.Optional("min_gas")?.Quantity() ?? 200_000,
            root.Optional("max_gas")?.Quantity() ?? 1_000_000,
            (UInt256)(root.Optional("max_fee_gwei")?.Quantity() ?? 1_000) * 1_000_000_000,
            root.Optional("clients")?.Items().Select(item => item.Number(0, int.MaxValue)).ToValueList(),
            root.Required("allowed").Items().Select(ReadAllowed).ToValueList(),
            root.Optional("replacements")?.Number(0, 100) ?? UsualReplacements)
        {
            Revocation = root.Optional("revocation") is { } revocation
                ? new ApprovalRule(Places(revocation.Knows("required", "additional")))
                : null,
            Heartbeats = root.Optional("heartbeats")?.Items().Select(HeartbeatPolicy.Read).ToValueList() ?? [],
        };
    }

    private static AllowedCall ReadAllowed(YamlPart part)
    {
        part.Knows("chain", "target", "function", "first_argument", "bounds", "through", "required", "additional");
        var function = Function(part.Required("function"));
        var first = part.Optional("first_argument");
        return new AllowedCall(
            new ChainId(part.Required("chain").Quantity()),
            Wallet(part.Required("target")),
            function,
            part.Optional("bounds")?.Entries().Select(entry => Bounds(entry.Key, entry.Value, function)).ToValueList()
                ?? [],
            first is null ? null : first.Items().Select(item => FirstArgument(item, function)).ToValueList(),
            new ApprovalRule(Places(part)))
        {
            Through = part.Optional("through") is { } safe ? Wallet(safe) : null,
        };
    }

    private static AbiFunction Function(YamlPart part)
    {
        try
        {
            return AbiFunction.Parse(part.Text());
        }
        catch (Exception e) when (e is FormatException or AbiException)
        {
            part.Complain($"this is not a function such as pause(bytes32 module,uint64 durationSeconds): {e.Message}");
            return AbiFunction.Parse("none()");
        }
    }

    private static ArgumentBounds Bounds(string name, YamlPart part, AbiFunction function)
    {
        part.Knows("at_least", "at_most");
        var index = function.Inputs.ToList()
            .FindIndex(input => input.Name == name && input.Type is AbiType.UnsignedInteger);
        if (index < 0)
            part.Complain($"'{function.Signature}' has no unsigned argument named '{name}'");
        return new ArgumentBounds(
            index, name, part.Required("at_least").Quantity(), part.Required("at_most").Quantity());
    }

    private static Hash32 FirstArgument(YamlPart part, AbiFunction function)
    {
        if (function.Inputs.Count > 0 && function.Inputs[0].Type is AbiType.FixedBytes { ByteCount: 32 })
        {
            try
            {
                return (Hash32)ArgumentText.Parse(function.Inputs[0].Type, part.Text());
            }
            catch (FormatException e)
            {
                part.Complain(e.Message);
                return default;
            }
        }
        part.Complain("'first_argument' needs a function whose first argument is bytes32");
        return default;
    }

    private static ValueList<ApproverPlace> Places(YamlPart part)
    {
        var places = new List<ApproverPlace>();
        foreach (var required in part.Optional("required")?.Items() ?? [])
            places.Add(new ApproverPlace("required", required.Items().Select(Wallet).ToValueList()));
        foreach (var group in part.Optional("additional")?.Items() ?? [])
        {
            var members = group.Knows("of", "at_least").Required("of").Items().Select(Wallet).ToValueList();
            for (var place = group.Optional("at_least")?.Number(1, 50) ?? 1; place > 0; place--)
                places.Add(new ApproverPlace("additional", members));
        }
        if (places.Count == 0)
            part.Complain("this needs approvers: 'required' or 'additional'");
        return places.ToValueList();
    }

    private static Address Wallet(YamlPart part) =>
        part.Parsed<Address>(
            text =>
                ChecksumAddress.TryParse(text, out var address) ? address : null, "an address with a right checksum");
}
