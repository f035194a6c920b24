using System.Globalization;
using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.EndToEnd.Parts;
using Tocsin.Evm;
using Tocsin.Signing;

namespace Tocsin.EndToEnd.Stolen;

/// <summary>
/// A signer as it runs in production, with a real brake behind its policy, and a thief who has all that the server's
/// user has: the socket, the folders, everything that was ever signed, and his own idea of the plan.
/// </summary>
internal sealed class StolenInstallation : IAsyncDisposable
{
    // Above the ids that systems hand out, and none of the demo's.
    private const int FirstUser = 61_430;
    private const int Users = 12;
    private const ulong Gwei = 1_000_000_000;

    private readonly Site site;
    private readonly string socket;
    private readonly IReadOnlyList<SignerDoor> doors;
    private int asked;

    private StolenInstallation(Site site, ProtectedChain chain, PrivateKey relayer)
    {
        (this.site, socket) = (site, Path.Combine(Path.GetDirectoryName(site.Folder.SignerPolicy)!, "signer.sock"));
        Policy = new PlainPolicy(
            Anvil.Chain.Value, chain.Protocol.Controls.Address, chain.SignerKey.Address, relayer.Address,
            SignaturesPerDay: 6, Replacements: 3, MinGas: 200_000, MaxGas: 500_000, CeilingGwei: 100, BeatsPerDay: 4);
        Consents = new Consents(Policy.Brake, DateTimeOffset.UtcNow);
        Consents.GiveInAdvance(1);
        Oracle = new Oracle(Policy, Consents);
        Mutations = new Mutations(Policy, Consents, Thief);
        doors = IsRoot ? [.. Enumerable.Range(FirstUser, Users).Select(Door)] : [new SignerDoor(socket)];
    }

    public static bool IsRoot => DemoFolder.SignerAs is not null;

    public PrivateKey Thief { get; } = PrivateKey.Generate();

    public PlainPolicy Policy { get; }

    public Consents Consents { get; }

    public Oracle Oracle { get; }

    public Mutations Mutations { get; }

    public int Asked => asked;

    public int Answered { get; private set; }

    public static UInt256 Ceiling(PlainPolicy policy) => (UInt256)policy.CeilingGwei * Gwei;

    /// <summary>The socket as another user has it; only root can be another.</summary>
    public SignerDoor Door(int user) => new(socket, user);

    public static int User(int number) => FirstUser + number;

    public static async Task<StolenInstallation> StartAsync(ProtectedChain chain)
    {
        var site = await Site.CreateAsync(chain);
        var relayer = PrivateKey.Generate();
        var installation = new StolenInstallation(site, chain, relayer);
        WriteKey(Path.Combine(Path.GetDirectoryName(site.Folder.SignerPolicy)!, "relayer.key"), relayer);
        if (IsRoot)
            site.Change(
                "signer/signer.yaml",
                ("clients: [0]", $"clients: [0, {string.Join(", ", Enumerable.Range(FirstUser, Users))}]"));
        site.Change(
            "signer/signer.yaml", ("journal: signer.journal", installation.Lines()));
        await site.StartSignerAsync();
        await installation.TakeTheFirstAsync();
        return installation;
    }

    /// <summary>Asks, waits where he asks too fast, and has whatever comes back judged.</summary>
    public Task<SignerAnswer?> AskAsync(string what, SignerRequest request) =>
        AskAsync(what, request, door => door.AskAsync(request, TestContext.Current.CancellationToken));

    /// <inheritdoc cref="AskAsync(string, SignerRequest)"/>
    /// <param name="request">What the text asks for, where it asks for anything.</param>
    public Task<SignerAnswer?> SendAsync(string what, string text, SignerRequest? request) =>
        AskAsync(what, request, door => door.SendAsync(text, TestContext.Current.CancellationToken));

    public Task<SignerAnswer?> SignAsync(string what, SignRequest request) =>
        AskAsync(what, new SignerRequest(Sign: request));

    /// <summary>How many bytes the signer's files have, by name.</summary>
    public IReadOnlyDictionary<string, long> Files() => Directory
        .GetFiles(Path.GetDirectoryName(site.Folder.SignerPolicy)!, "signer.journal*")
        .ToDictionary(file => Path.GetFileName(file), file => new FileInfo(file).Length);

    public ValueTask DisposeAsync() => site.DisposeAsync();

    private async Task<SignerAnswer?> AskAsync(
        string what, SignerRequest? request, Func<SignerDoor, Task<SignerAnswer?>> ask)
    {
        while (true)
        {
            var answer = await ask(doors[asked++ % doors.Count]);
            if (answer?.Refused?.Code == SignerRefusal.TooManyRequests)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);
                continue;
            }
            Answered++;
            Oracle.Judge(what, request, answer);
            return answer;
        }
    }

    // Carried out before the theft, so that there is something to replace, to repeat and to build on.
    private async Task TakeTheFirstAsync()
    {
        for (var call = 0; call < Consents.Taken.Decision.Calls.Count; call++)
            Assert.NotNull((await SignAsync("honestly", Mutations.Honest(Consents.Taken, call)))?.Signed);
    }

    private string Lines() => string.Create(CultureInfo.InvariantCulture, $"""
        journal: signer.journal
        signatures_per_day: {Policy.SignaturesPerDay}
        replacements: {Policy.Replacements}
        min_gas: {Policy.MinGas}
        max_gas: {Policy.MaxGas}
        max_fee_gwei: {Policy.CeilingGwei}
        revocation:
          required:
            - ["{ChecksumAddress.Format(Officers.Chief.Address)}"]
            - ["{ChecksumAddress.Format(Officers.Security.Address)}"]
        heartbeats:
          - chain: {Policy.Chain}
            brake: "{ChecksumAddress.Format(Policy.Brake)}"
            every: 5d
            relayer:
              key: file:relayer.key
              max_fee_gwei: {Policy.CeilingGwei}
              per_day: {Policy.BeatsPerDay}
        """);

    private static void WriteKey(string path, PrivateKey key)
    {
        var secret = new byte[PrivateKey.ByteCount];
        key.ExportTo(secret);
        File.WriteAllText(path, Hex.Format(secret));
        if (OperatingSystem.IsWindows())
            return;
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        if (DemoFolder.SignerAs is { } user)
            Privileges.GiveTo(
                path, int.Parse(user.Split(':')[0], CultureInfo.InvariantCulture),
                int.Parse(user.Split(':')[1], CultureInfo.InvariantCulture));
    }
}
