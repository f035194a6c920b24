using Tocsin.Chain;
using Tocsin.Chain.Senses;
using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.EndToEnd.Parts;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Inputs;
using Tocsin.Evm.Reads;

namespace Tocsin.EndToEnd.Senses;

/// <summary>What a real node tells beyond blocks, about a protocol that is attacked.</summary>
public sealed class AnvilSensesTests(ProtectedChain chain) : IClassFixture<ProtectedChain>, IAsyncLifetime
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private Node Node => chain.Anvil.Node;

    private Protocol Protocol => chain.Protocol;

    // Before each test and not by each: the order of tests depends on where the repository lies, and some of them stop
    // the chain's mining.
    public async ValueTask InitializeAsync() => await chain.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Every_block_is_traced_and_its_logs_and_changes_found_again()
    {
        await chain.Anvil.ReceiptAsync(await chain.AttackAsync(), Cancelled);
        var head = await Node.HeadAsync(Cancelled);
        var (logs, changes) = (0, 0);
        for (var number = 1UL; number <= head.Number; number++)
        {
            var block = (await Node.BlockAsync(number, Cancelled))!;
            var traces = await Traces.OfBlockAsync(Node, block, null, Cancelled);
            var byNumber = await Traces.OfBlockAsync(Node, number, null, Cancelled);
            Assert.Equal(block.Transactions.ToArray().Select(transaction => transaction.Hash),
                traces.Select(trace => trace.Transaction));
            Assert.Equal(traces.Select(trace => trace.Frames.Count), byNumber.Select(trace => trace.Frames.Count));
            foreach (var (trace, transaction) in traces.Zip(block.Transactions.ToArray()))
            {
                var traced = trace.Frames.SelectMany(frame => frame.Logs.ToArray()).Select(log => log.Index).Order();
                Assert.Equal(transaction.Logs.ToArray().Select(log => log.Index), traced);
                Assert.Equal(transaction.Succeeded, trace.Frames[0].Error is null);
                logs += transaction.Logs.Length;
            }
            changes += (await Traces.ChangesOfBlockAsync(Node, block, null, Cancelled)).Count;
        }
        Assert.True(logs > 100 && changes > 200, $"{logs} logs and {changes} changed accounts");
    }

    [Fact]
    public async Task An_attack_shows_its_calls_and_what_it_changed()
    {
        var receipt = await chain.Anvil.ReceiptAsync(await chain.AttackAsync(), Cancelled);
        var block = (await Node.BlockAsync(receipt.Block.Number, Cancelled))!;

        var traces = await Traces.OfBlockAsync(Node, block, null, Cancelled);
        var changes = await Traces.ChangesOfBlockAsync(Node, block, null, Cancelled);

        var frames = traces.Single(trace => trace.Transaction == receipt.TransactionHash).Frames;
        Assert.Equal(chain.Cast.Attacker, frames[0].From);
        foreach (var called in (Address[])[Protocol.Lender.Address, Protocol.Pair, Protocol.Market.Address])
            Assert.Contains(frames, frame => frame.Depth > 0 && frame.To == called);
        Assert.Contains(changes, change => change.Account == Protocol.Dollar.Address && change.Slots.Count > 0);
        var sender = Assert.Single(changes, change =>
            change.Account == chain.Cast.Attacker && change.Transaction == receipt.TransactionHash);
        Assert.Equal(sender.Nonce!.Value.Before + 1, sender.Nonce.Value.After);
    }

    [Fact]
    public async Task Calls_as_deep_as_the_machine_goes_are_read()
    {
        // Calls itself with its argument less one, until that is zero.
        var code = Hex.Parse(
            "0x602580600b6000396000f36000358060006000a180156023576001900360005260006000602060006000305af1505b00");
        var nonce = await Node.NonceAsync(chain.Cast.Chief, "latest", Cancelled);
        await chain.Anvil.ReceiptAsync(
            await chain.Anvil.SendAsync(chain.Cast.Chief, null, code, Cancelled), Cancelled);
        var contract = ContractAddress.Create(chain.Cast.Chief, nonce);

        var trace = await Node.RequestRawAsync(
            "debug_traceCall",
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("to", contract.ToString());
                writer.WriteString("gas", "0xffffffffffff");
                writer.WriteString("data", Hex.Format(((UInt256)2_000).ToArray()));
                writer.WriteEndObject();
                writer.WriteStringValue("latest");
                writer.WriteRawValue("""{"tracer":"callTracer","tracerConfig":{"withLog":true}}""");
            },
            64 << 20,
            4_000,
            json => TraceJson.ParseCall(json, default),
            Cancelled);

        // The last one is the call that the machine refuses.
        Assert.Equal(1_025, trace.Frames[^1].Depth);
        Assert.NotNull(trace.Frames[^1].Error);
        Assert.Null(trace.Frames[^2].Error);
        Assert.Equal(
            Enumerable.Range(0, trace.Frames.Sum(frame => frame.Logs.Length)),
            trace.Frames.SelectMany(frame => frame.Logs.ToArray()).Select(log => log.Index).Order());
    }

    [Fact]
    public async Task Calls_are_simulated_one_on_the_other_and_nothing_of_it_happens()
    {
        var user = chain.Cast.Users[0];
        var stranger = Address.Parse("0x00000000000000000000000000000000000bad00");
        var head = await Node.HeadAsync(Cancelled);
        var allow = Protocol.Dollar.Call("approve", user, Protocol.Dollars(1));
        var take = Protocol.Dollar.Call("transferFrom", user, stranger, Protocol.Dollars(1));
        var asked = new StateSimulation(
            user,
            [
                new SimulatedCall(Protocol.Dollar.Address, UInt256.Zero, allow.ToValueList()),
                new SimulatedCall(Protocol.Dollar.Address, UInt256.Zero, take.ToValueList()),
                new SimulatedCall(stranger, 5, []),
                new SimulatedCall(Protocol.Controls.Address, UInt256.Zero, [1, 2, 3, 4]),
            ]);

        var answer = await Simulations.RunAsync(Node, head, asked, Cancelled);

        Assert.Null(answer.Missing);
        Assert.True(answer.IsInSequence);
        Assert.Equal(new SimulatedPayment(user, stranger, 5), Assert.Single(answer.Outcomes[2].Payments));
        Assert.Single(answer.Outcomes[0].Logs);
        Assert.NotNull(answer.Outcomes[3].Error);
        Assert.Equal(UInt256.Zero, await Node.BalanceAsync(stranger, Cancelled));
    }

    [Fact]
    public async Task Reads_are_of_the_block_that_is_named_and_of_no_other()
    {
        var before = await Node.HeadAsync(Cancelled);
        var (supply, paused) = (ProtocolReads.TotalSupply(Protocol.Dollar.Address),
            ProtocolReads.Paused(Protocol.Market.Address));
        var role = DeclaredRead.Call<UInt256>(
            Protocol.Controls.Address, AbiFunction.Parse("roleOf(address) returns (uint8)"), chain.Cast.Governance);
        var slot = ProtocolReads.Implementation(Protocol.Market.Address);
        StateRead[] reads = [supply.Read, paused.Read, role.Read, slot.Read, supply.Read];
        await chain.Anvil.ReceiptAsync(
            await chain.Anvil.SendAsync(
                chain.Cast.Users[0], Protocol.Vault.Address,
                Protocol.Vault.Call("mint", Protocol.Reserves(1)), Cancelled),
            Cancelled);
        var after = await Node.HeadAsync(Cancelled);

        var first = await StateReads.AnswerAsync(Node, before, reads, Cancelled);
        var second = new ReadAnswers(await StateReads.AnswerAsync(Node, after, reads, Cancelled));

        Assert.Equal(reads, first.Select(answer => answer.Read));
        Assert.Null(first[1].Result);
        var answers = new ReadAnswers(first);
        Assert.True(supply.TryFind(answers, out var was));
        Assert.True(supply.TryFind(second, out var now));
        Assert.Equal(was + Protocol.Dollars(1), now);
        Assert.True(role.TryFind(answers, out var held) && held == UInt256.One);
        Assert.True(slot.TryFind(answers, out var implementation) && implementation.IsZero);
        Assert.False(paused.TryFind(answers, out _));

        var elsewhere = after with { Hash = new Hash32(Enumerable.Repeat((byte)1, 32).ToArray()) };
        await Assert.ThrowsAsync<NodeException>(() => StateReads.AnswerAsync(Node, elsewhere, reads, Cancelled));
    }

    [Fact]
    public async Task A_pair_tells_its_price_now_and_averaged()
    {
        var pair = new UniswapV2Pair(Protocol.Pair, Protocol.Gem.Address, Protocol.Dollar.Address);
        var (first, start) = await LookAsync(pair);
        // So many units of gem are bought that its price rises; nothing happens before and after.
        await Node.RequestAsync("evm_setIntervalMining", Cancelled, 0L);
        await Node.RequestAsync("evm_increaseTime", Cancelled, 600L);
        await BuyGemAsync(20_000);
        var (_, bought) = await LookAsync(pair);
        await Node.RequestAsync("evm_increaseTime", Cancelled, 600L);
        await Node.RequestAsync("evm_mine", Cancelled);
        var (second, end) = await LookAsync(pair);

        var (low, high) = (Value(pair.SpotIn(first)), Value(pair.SpotIn(second)));
        var average = Value(UniswapV2Pair.Average(
            pair.CounterIn(first, start)!.Value, pair.CounterIn(second, end)!.Value));

        Assert.InRange(high - await GemPriceAsync(), 0, 0.00000001m);
        var weighed = ((low * (decimal)(bought - start).TotalSeconds) + (high * (decimal)(end - bought).TotalSeconds))
            / (decimal)(end - start).TotalSeconds;
        Assert.True(low < average && average < high, $"{low} < {average} < {high}");
        Assert.InRange(average, weighed - 0.000000001m, weighed + 0.000000001m);
    }

    [Fact]
    public async Task An_attack_is_seen_before_it_is_in_a_block()
    {
        await Node.RequestAsync("evm_setIntervalMining", Cancelled, 0L);
        await Node.RequestAsync("evm_setAutomine", Cancelled, false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var subscribed = new TaskCompletionSource();
        var watched = new HashSet<Address> { Protocol.Market.Address };
        var options = new PendingOptions
        {
            WebSocket = chain.Anvil.WebSocket,
            Keep = PendingOptions.Touching(watched),
        };
        var feed = new PendingFeed(Node, options, TimeProvider.System, tell: _ => subscribed.TrySetResult());
        await using var notices = feed.ReadAsync(stop.Token).GetAsyncEnumerator(stop.Token);
        var next = notices.MoveNextAsync();
        await subscribed.Task;
        await chain.Anvil.SendAsync(
            chain.Cast.Users[0], Protocol.Dollar.Address,
            Protocol.Dollar.Call("transfer", chain.Cast.Users[1], Protocol.Dollars(1)), Cancelled);

        var attack = await chain.AttackAsync();

        await Wait.ForAsync("the attack is seen in the pool", next.AsTask(), () => "");
        var seen = Assert.IsType<PendingNotice.Seen>(notices.Current).Transaction;
        Assert.Equal((attack, chain.Cast.Attacker), (seen.Hash, seen.From));
        Assert.Null(seen.Outcome!.Frames[0].Error);
        Assert.Contains(seen.Outcome.Frames, frame => frame.To == Protocol.Market.Address);
        Assert.Contains(seen.Outcome.Frames, frame => !frame.Logs.IsEmpty);
        await stop.CancelAsync();
        await Node.RequestAsync("evm_setAutomine", Cancelled, true);
    }

    [Fact]
    public async Task The_node_is_found_to_have_every_sense()
    {
        await chain.Anvil.ReceiptAsync(await chain.AttackAsync(), Cancelled);

        var senses = await NodeSenses.ProbeAsync(Node, chain.Anvil.WebSocket, TimeProvider.System, Cancelled);

        // Bodies show only when something is pending, and nothing was sent meanwhile.
        Assert.Equal(
            [Sense.PendingBodies],
            senses.Capabilities.Where(item => item.Presence != Presence.Present).Select(item => item.Sense));
        Assert.Equal(Presence.Unknown, senses[Sense.PendingBodies].Presence);
        Assert.Equal(senses.Head.Number, senses.StateDepthBlocks);
    }

    private async Task<(ReadAnswers Answers, DateTimeOffset Time)> LookAsync(UniswapV2Pair pair)
    {
        var head = await Node.HeadAsync(Cancelled);
        var block = (await Node.BlockAsync(head.Number, Cancelled))!;
        return (new ReadAnswers(await StateReads.AnswerAsync(Node, head, pair.Reads, Cancelled)), block.Time);
    }

    private async Task BuyGemAsync(decimal dollars)
    {
        var hash = await chain.Anvil.SendAsync(
            chain.Cast.Users[4],
            Protocol.Router.Address,
            Protocol.Router.Call(
                "swapExactTokensForTokens", Protocol.Dollars(dollars), UInt256.Zero,
                new object[] { Protocol.Dollar.Address, Protocol.Gem.Address }, chain.Cast.Users[4], UInt256.MaxValue),
            Cancelled);
        await Node.RequestAsync("evm_mine", Cancelled);
        Assert.True(await chain.HasSucceededAsync(hash));
    }

    // The market computes the same ratio on chain, with 18 decimals.
    private async Task<decimal> GemPriceAsync()
    {
        var answer = await Node.CallAsync(
            null, Protocol.Market.Address, Protocol.Market.Call("gemPrice"), UInt256.Zero, null, Cancelled);
        return new UInt256(answer).ToUnits(18);
    }

    private static decimal Value(PriceReading reading) => Assert.IsType<PriceReading.Price>(reading).Value;
}
