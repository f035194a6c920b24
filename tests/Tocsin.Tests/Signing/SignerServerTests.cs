using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Tocsin.Recording;
using Tocsin.Signing;
using Tocsin.Texts;
using static Tocsin.Tests.Signing.SignerDesk;

namespace Tocsin.Tests.Signing;

/// <summary>A real Unix socket with a hostile client at its other end.</summary>
public sealed class SignerServerTests : IAsyncLifetime
{
    private readonly SignerDesk desk = new();
    private readonly CancellationTokenSource stop = new();
    private readonly List<string> told = [];
    private Socket? listener;
    private Task serving = Task.CompletedTask;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private SignerClient Client => new(desk.Policy.SocketPath);

    public ValueTask InitializeAsync()
    {
        listener = SignerServer.Bind(desk.Policy);
        serving = new SignerServer(desk.Signer, desk.Policy, told.Add).ServeAsync(listener, stop.Token);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);
        listener!.Dispose();
        stop.Dispose();
        desk.Dispose();
    }

    [Fact]
    public async Task A_client_is_answered()
    {
        var signed = (await Client.AskAsync(new SignerRequest(Sign: Request(Decision())), Cancel)).Signed!;

        Assert.Equal(5UL, Read(signed).Nonce);
        Assert.Equal(1UL, (await Client.AskAsync(new SignerRequest(Use: new UseRequest(PlanHash, "pause-all")), Cancel))
            .Use!.Use);
        Assert.Equal(1, (await Client.AskAsync(new SignerRequest(new StatusRequest()), Cancel)).Status!.Entries);
    }

    [Fact]
    public async Task A_refusal_says_why_and_is_told()
    {
        var answer = await Client.AskAsync(new SignerRequest(Sign: Request(Decision(use: 9))), Cancel);

        Assert.Equal(SignerRefusal.WrongDecisionId, answer.Refused!.Code);
        Assert.Contains(told, line => line.Contains(answer.Refused.Reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("\0\0\0")]
    [InlineData("{\"status\":{},\"status\":{}, \"unknown\":1}")]
    [InlineData("{\"sign\":{}}")]
    [InlineData("{\"sign\":null}")]
    [InlineData("{\"use\":{}, \"status\":{}}")]
    [InlineData("{\"sign\":{\"decision\":null,\"action\":\"a\",\"approvals\":[],\"call\":0}}")]
    [InlineData("{\"sign\":{\"decision\":{\"id\":\"0x12\"},\"action\":\"a\",\"approvals\":[],\"call\":0}}")]
    [InlineData("{\"sign\":{\"call\":99999999999999999999}}")]
    [InlineData("{\"sign\":{\"maxFeePerGasWei\":\"-1\"}}")]
    public async Task Garbage_is_refused_and_the_next_client_served(string line)
    {
        var answer = await SendAsync(Encoding.UTF8.GetBytes(line + "\n"));

        Assert.Equal(SignerRefusal.Malformed, answer!.Refused!.Code);
        await AssertServesAsync();
    }

    [Fact]
    public async Task A_call_that_is_null_is_refused()
    {
        var call = JsonSerializer.Serialize(PauseCall("market"), EventJson.Options);
        var line = JsonSerializer.Serialize(new SignerRequest(Sign: Request(Decision())), EventJson.Options);
        Assert.Contains(call, line, StringComparison.Ordinal);

        var answer = await SendAsync(Encoding.UTF8.GetBytes(line.Replace(call, "null",
            StringComparison.Ordinal) + "\n"));

        Assert.Equal(SignerRefusal.Malformed, answer!.Refused!.Code);
        Assert.Empty(desk.Entries);
    }

    [Fact]
    public async Task Deep_nesting_is_refused()
    {
        var answer = await SendAsync(Encoding.UTF8.GetBytes(new string('[', 100_000) + "\n"));

        Assert.Equal(SignerRefusal.Malformed, answer!.Refused!.Code);
    }

    [Fact]
    public async Task What_a_request_says_is_neither_repeated_at_length_nor_with_its_control_characters()
    {
        var name = "\\u001b[2J\\n" + new string('x', 100_000);

        var answer = await SendAsync(
            Encoding.UTF8.GetBytes($"{{\"head\":{{\"head\":{{\"{name}\":1,\"sequence\":\"no\"}}}}}}\n"));

        Assert.Equal(SignerRefusal.Malformed, answer!.Refused!.Code);
        Assert.All(told.Append(answer.Refused.Reason), line =>
        {
            Assert.True(line.Length < 350);
            Assert.DoesNotContain(line, char.IsControl);
        });
    }

    [Theory]
    [InlineData(256 * 1024)]
    [InlineData(4 * 1024 * 1024)]
    public async Task A_huge_line_is_not_read_to_its_end(int bytes)
    {
        try
        {
            var answer = await SendAsync(Enumerable.Repeat((byte)'a', bytes).ToArray());
            Assert.Equal(SignerRefusal.Malformed, answer?.Refused?.Code ?? SignerRefusal.Malformed);
        }
        catch (SocketException)
        {
            // The server closed while we were still sending: that is its right.
        }
        await AssertServesAsync();
    }

    [Fact]
    public async Task Half_a_line_and_gone_harms_nobody()
    {
        for (var i = 0; i < 5; i++)
        {
            using var socket = Connect();
            await socket.SendAsync("{\"status\":"u8.ToArray(), Cancel);
        }
        await AssertServesAsync();
    }

    [Fact]
    public async Task A_client_that_says_nothing_does_not_keep_the_others_waiting()
    {
        using var silent = Connect();
        using var half = Connect();
        await half.SendAsync("{\"status\":"u8.ToArray(), Cancel);

        await AssertServesAsync();

        // Neither was given up first: both are still there to say the rest.
        Assert.Empty(told);
        await half.SendAsync("{}}\n"u8.ToArray(), Cancel);
        Assert.True(await half.ReceiveAsync(new byte[65_536], Cancel) > 0);
    }

    [Fact]
    public async Task A_fault_of_the_journal_stops_the_signer()
    {
        using var broken = new SignerDesk();
        using var socket = SignerServer.Bind(broken.Policy);
        var served = new SignerServer(broken.Signer, broken.Policy, _ => { }).ServeAsync(socket, stop.Token);
        broken.CloseJournal();

        await Assert.ThrowsAsync<SignerUnreachableException>(() => new SignerClient(broken.Policy.SocketPath)
            .AskAsync(new SignerRequest(Sign: Request(Decision())), Cancel));

        await Assert.ThrowsAsync<ObjectDisposedException>(() => served);
    }

    [Fact]
    public async Task Clients_at_the_same_time_are_served_one_by_one()
    {
        var requests = Enumerable.Range(0, 12).Select(i => Client.AskAsync(new SignerRequest(Sign: Request(Decision(),
            i % 2)), Cancel));

        var answers = await Task.WhenAll(requests);

        Assert.Equal([5UL, 6UL], answers.Select(answer => answer.Signed!.Nonce).Distinct().Order());
        Assert.Equal(2, answers.Select(answer => answer.Signed!.Raw).Distinct().Count());
        Assert.Equal(2, desk.Entries.Count);
    }

    [Fact]
    public void Without_named_clients_only_the_signers_user_can_connect()
    {
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(desk.Policy.SocketPath));
    }

    [Fact]
    public void A_second_signer_on_the_same_socket_is_refused()
    {
        Assert.Contains("already listening", Assert.Throws<InputException>(() => SignerServer.Bind(desk.Policy))
            .Message, StringComparison.Ordinal);
        Assert.True(File.Exists(desk.Policy.SocketPath));
    }

    [Fact]
    public void A_socket_that_a_dead_signer_left_makes_way()
    {
        var policy = desk.Policy with { SocketPath = desk.PathOf("dead") };
        SignerServer.Bind(policy).Dispose();
        if (!File.Exists(policy.SocketPath))
            SignerServer.Bind(policy).Dispose();

        using var again = SignerServer.Bind(policy);

        Assert.True(again.IsBound);
    }

    [Fact]
    public void A_file_at_the_sockets_path_is_not_deleted()
    {
        desk.Signed(Request(Decision()));
        var journal = new FileInfo(desk.Policy.JournalPath).Length;

        Assert.Throws<InputException>(() =>
            SignerServer.Bind(desk.Policy with { SocketPath = desk.Policy.JournalPath }));
        Assert.Equal(journal, new FileInfo(desk.Policy.JournalPath).Length);
    }

    [Fact]
    public void A_path_longer_than_a_socket_may_have_is_refused() => Assert.Throws<InputException>(
        () => SignerServer.Bind(desk.Policy with { SocketPath = desk.PathOf(new string('x', 200)) }));

    [Fact]
    public async Task A_user_that_the_policy_does_not_name_is_refused()
    {
        var policy = desk.Policy with { SocketPath = desk.PathOf("named"), Clients = [int.MaxValue] };
        using var named = SignerServer.Bind(policy);
        var served = new SignerServer(desk.Signer, policy, _ => { }).ServeAsync(named, stop.Token);

        var answer = await new SignerClient(policy.SocketPath).AskAsync(new SignerRequest(new StatusRequest()), Cancel);

        Assert.Equal(SignerRefusal.ClientNotAllowed, answer.Refused!.Code);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => served);
    }

    [Fact]
    public async Task A_signer_that_is_not_there_is_unreachable() =>
        await Assert.ThrowsAsync<SignerUnreachableException>(
        () => new SignerClient(desk.PathOf("nobody")).AskAsync(new SignerRequest(new StatusRequest()), Cancel));

    [Theory]
    [InlineData("")]
    [InlineData("garbage\n")]
    [InlineData("null\n")]
    [InlineData("{\"status\":")]
    public async Task An_answer_that_is_none_is_unreachable(string answer)
    {
        var path = desk.PathOf("liar");
        using var liar = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        liar.Bind(new UnixDomainSocketEndPoint(path));
        liar.Listen();
        var lying = Task.Run(async () =>
        {
            using var client = await liar.AcceptAsync(Cancel);
            await client.ReceiveAsync(new byte[65_536], Cancel);
            await client.SendAsync(Encoding.UTF8.GetBytes(answer), Cancel);
        }, Cancel);

        await Assert.ThrowsAsync<SignerUnreachableException>(() => new SignerClient(path)
            .AskAsync(new SignerRequest(new StatusRequest()), Cancel));
        await lying;
    }

    private async Task AssertServesAsync() =>
        Assert.NotNull((await Client.AskAsync(new SignerRequest(new StatusRequest()), Cancel)).Status);

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(desk.Policy.SocketPath));
        return socket;
    }

    private async Task<SignerAnswer?> SendAsync(byte[] bytes)
    {
        using var socket = Connect();
        for (var sent = 0; sent < bytes.Length;)
            sent += await socket.SendAsync(bytes.AsMemory(sent), Cancel);
        var buffer = new byte[65_536];
        var length = 0;
        int read;
        while ((read = await socket.ReceiveAsync(buffer.AsMemory(length), Cancel)) > 0)
            length += read;
        return length == 0 ? null : JsonSerializer.Deserialize<SignerAnswer>(buffer.AsSpan(0, length),
            EventJson.Options);
    }
}
